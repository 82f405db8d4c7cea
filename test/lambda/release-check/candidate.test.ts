import { AwsError } from './aws-services';
import { Deployment, SHORT_CHECK, type Told } from './deployment';

// What is released, and what is not checked again.

const SHORT = { check: SHORT_CHECK };

let deployment: Deployment;
beforeEach(async () => {
  deployment = new Deployment();
  await deployment.start();
  await deployment.publish({ RELEASE: 'one' });
});
afterEach(() => deployment.close());

/** What CloudFormation is told of a version that may be released. */
function released(Data: Readonly<Record<string, string>>): Partial<Told> {
  return { Status: 'SUCCESS', Data: expect.objectContaining(Data) as Record<string, string> };
}

test('a version that holds the conversation is released and written down, and no session is left', async () => {
  expect(await deployment.check('1')).toEqual({
    Status: 'SUCCESS',
    PhysicalResourceId: '/stateful-mcp/expenses',
    StackId: deployment.event('1').StackId,
    RequestId: 'request-1',
    LogicalResourceId: 'ReleaseCheck',
    Data: {
      endpointVersion: '1',
      verifiedVersion: '1',
      verdict: 'pass',
      transcript: 'log group /aws/lambda/release-check, log stream 2026/11/28/[$LATEST]1',
    },
  });
  expect(deployment.record).toEqual({
    version: '1',
    fingerprint: expect.stringMatching(/^[a-f0-9]{64}$/) as string,
    checkHash: expect.stringMatching(/^[a-f0-9]{64}$/) as string,
    verdict: 'pass',
    checkedAt: expect.stringMatching(/^20\d\d-/) as string,
    artifact: expect.stringMatching(/\.zip$/) as string,
  });
  expect(deployment.runtime.sessions().filter(({ state }) => state !== 'stopped')).toEqual([]);
  expect(deployment.log).toContain('← HTTP 200 to tools/call add_expense');
});

test('words that changed against the live version are told, and are no failure', async () => {
  await deployment.promote('1');
  await deployment.publish({ WORDS: 'writes an expense down' });
  expect(await deployment.check('2', SHORT)).toMatchObject(released({ endpointVersion: '2', verdict: 'pass' }));
  expect(deployment.log).toMatch(/changed against live: .*add_expense/);
});

test('a rollback is recognized, and live does not move for it', async () => {
  await deployment.check('1', SHORT);
  await deployment.promote('1');
  await deployment.publish({ RELEASE: 'bad', FAULT: 'lacks-tool' });
  expect((await deployment.check('2', SHORT)).Status).toBe('FAILED');
  // CloudFormation makes a version again that is like the one before.
  await deployment.publish({ RELEASE: 'one' });
  expect(await deployment.check('3', { ...SHORT, RequestType: 'Update', PhysicalResourceId: 'earlier' })).toMatchObject(
    {
      ...released({ endpointVersion: '1', verifiedVersion: '3', verdict: 'already-verified' }),
      PhysicalResourceId: 'earlier',
    },
  );
  const openedSince = deployment.runtime.sessions().filter(({ version }) => version === '3');
  expect(openedSince).toEqual([]);
});

test('so is one that comes after the promotion', async () => {
  await deployment.check('1', SHORT);
  await deployment.publish({ RELEASE: 'two' });
  await deployment.check('2', SHORT);
  await deployment.promote('2');
  await deployment.publish({ RELEASE: 'one' });
  expect(await deployment.check('3', SHORT)).toMatchObject(
    released({ endpointVersion: '3', verdict: 'already-verified' }),
  );
  expect(deployment.record).toMatchObject({ version: '3', earlier: [{ version: '2' }] });
});

test('a version of the same making is checked again when the check is another one', async () => {
  await deployment.check('1', SHORT);
  await deployment.promote('1');
  const check = { ...SHORT_CHECK, tools: ['add_expense', 'no_such_tool'] };
  expect((await deployment.check('1', { check })).Reason).toContain('expected tools with `no_such_tool`');
  expect(await deployment.check('1', { check: { ...SHORT_CHECK, tools: ['add_expense'] } })).toMatchObject(
    released({ endpointVersion: '1', verdict: 'pass' }),
  );
});

test('a rollback does not fail where the record cannot be written', async () => {
  await deployment.check('1', SHORT);
  await deployment.promote('1');
  await deployment.publish({ RELEASE: 'two' });
  await deployment.publish({ RELEASE: 'one' });
  deployment.services.answers.set('AmazonSSM.PutParameter', () => {
    throw new AwsError('AccessDeniedException');
  });
  expect(await deployment.check('3', SHORT)).toMatchObject(
    released({ endpointVersion: '1', verdict: 'already-verified' }),
  );
  expect(deployment.log).toContain('the record still names version 1: writing the parameter ');
  expect(deployment.record).toMatchObject({ version: '1', verdict: 'pass' });
});

test('an artifact that is not named by its content is never recognized', async () => {
  deployment.useArtifact('server.zip');
  await deployment.publish();
  await deployment.check('2', SHORT);
  expect(await deployment.check('2', SHORT)).toMatchObject(released({ verdict: 'pass' }));
});

test('an endpoint that people move stays where it is', async () => {
  await deployment.promote('1');
  await deployment.publish({ RELEASE: 'two' });
  expect(await deployment.check('2', { ...SHORT, properties: { keepsEndpoint: 'true' } })).toMatchObject(
    released({ endpointVersion: '1', verifiedVersion: '2', verdict: 'pass' }),
  );
});

test('deleting the resource deletes the record, and never fails', async () => {
  await deployment.check('1', SHORT);
  expect(await deployment.check('1', { ...SHORT, RequestType: 'Delete', PhysicalResourceId: 'earlier' })).toMatchObject(
    {
      Status: 'SUCCESS',
      PhysicalResourceId: 'earlier',
    },
  );
  expect(deployment.record).toBeNull();
  deployment.services.answers.set('AmazonSSM.DeleteParameter', () => {
    throw new AwsError('AccessDeniedException');
  });
  expect(await deployment.check('1', { ...SHORT, RequestType: 'Delete' })).toMatchObject({ Status: 'SUCCESS' });
  expect(deployment.log).toContain('the parameter /stateful-mcp/expenses stays: ');
});

test('a runtime that is renamed has another record, and CloudFormation deletes the former with its resource', async () => {
  const former = '/stateful-mcp/former';
  const { ResourceProperties } = deployment.event('1', SHORT);
  const update = (recordName: string): Promise<Told> =>
    deployment.check('1', {
      ...SHORT,
      RequestType: 'Update',
      PhysicalResourceId: 'earlier',
      OldResourceProperties: { ...ResourceProperties, recordName },
    });
  expect(await update('/stateful-mcp/expenses')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'earlier' });
  expect(await update(former)).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: '/stateful-mcp/expenses' });
});

test('a record that cannot be written fails the deployment', async () => {
  deployment.services.answers.set('AmazonSSM.PutParameter', () => {
    throw new AwsError('AccessDeniedException');
  });
  expect((await deployment.check('1', SHORT)).Reason).toMatch(/^ERR_RECORD_DENIED: writing the parameter /);
});
