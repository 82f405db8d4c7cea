import { AwsError } from './aws-services';
import { Deployment, SHORT_CHECK, type Told } from './deployment';

// The check after the promotion, through the endpoint that users call.

const PROMOTED = { check: SHORT_CHECK, properties: { stage: 'promoted' } } as const;

let deployment: Deployment;
beforeEach(async () => {
  deployment = new Deployment();
  await deployment.start();
  await deployment.publish({ RELEASE: 'one' });
  await deployment.promote('1');
});
afterEach(() => deployment.close());

/** What CloudFormation is told of a version that stays. */
function kept(Data: Readonly<Record<string, string>>): Partial<Told> {
  return { Status: 'SUCCESS', Data: expect.objectContaining(Data) as Record<string, string> };
}

/** An update of both checks, with the endpoint moved in between. */
async function update(version: string, before: string): Promise<Told> {
  await deployment.settled();
  const { Data } = await deployment.check(version, { check: SHORT_CHECK, RequestType: 'Update' });
  const endpointVersion = Data?.endpointVersion ?? 'none';
  await deployment.promote(endpointVersion);
  return deployment.check(endpointVersion, {
    ...PROMOTED,
    RequestType: 'Update',
    OldResourceProperties: deployment.event(before, PROMOTED).ResourceProperties,
  });
}

test('the endpoint itself is checked, and has to serve the version', async () => {
  expect(await deployment.check('1', PROMOTED)).toMatchObject(kept({ verdict: 'pass' }));
  expect(deployment.log).toContain('checking live of ');
  expect((await deployment.check('2', PROMOTED)).Reason).toMatch(
    /^ERR_ENDPOINT_MOVED: live serves version 1 instead of version 2: /,
  );
  const properties = { ...PROMOTED.properties, endpointName: 'gone' };
  expect((await deployment.check('1', { ...PROMOTED, properties })).Reason).toMatch(
    /^ERR_ENDPOINT_NOT_FOUND: the runtime has no endpoint gone/,
  );
});

test('the way back from a version that failed here is not checked again', async () => {
  await deployment.check('1', { check: SHORT_CHECK });
  await deployment.check('1', PROMOTED);
  await deployment.publish({ RELEASE: 'two' });
  await deployment.check('2', { check: SHORT_CHECK, RequestType: 'Update' });
  expect((await deployment.check('2', PROMOTED)).Reason).toMatch(/^ERR_ENDPOINT_MOVED/);
  await deployment.promote('2');
  await deployment.publish({ RELEASE: 'one' });
  expect(await update('3', '2')).toMatchObject(kept({ endpointVersion: '3', verdict: 'already-verified' }));
  expect(deployment.log).toContain('version 3 is made as version 1, which passed this check through live');
});

test('whoever deploys an earlier version again has it checked again', async () => {
  await deployment.check('1', { check: SHORT_CHECK });
  await deployment.check('1', PROMOTED);
  await deployment.publish({ RELEASE: 'two' });
  expect(await update('2', '1')).toMatchObject(kept({ verdict: 'pass' }));
  await deployment.publish({ RELEASE: 'one' });
  expect(await update('3', '2')).toMatchObject(kept({ verdict: 'pass' }));
});

test('a record that cannot be read or written has the version checked, and takes nothing back', async () => {
  for (const operation of ['GetParameter', 'PutParameter']) {
    deployment.services.answers.set(`AmazonSSM.${operation}`, () => {
      throw new AwsError('AccessDeniedException');
    });
    expect(await deployment.check('1', PROMOTED)).toMatchObject(kept({ verdict: 'pass' }));
  }
});
