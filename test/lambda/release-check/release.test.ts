import type { ReleaseEvent } from '../../../lambda/release-check/release';
import { AwsError } from './aws-services';
import { Deployment, type Told } from './deployment';

// What CloudFormation asks and is told, whatever the version does.

const RECORD = '/stateful-mcp/expenses';
const INVOKE = `POST /2015-03-31/functions/${encodeURIComponent('arn:aws:lambda:us-east-1:123456789012:function:release-check')}/invocations`;

const deployment = new Deployment();
beforeAll(() => deployment.start());
afterAll(() => deployment.close());
beforeEach(() => {
  deployment.services.reset();
  deployment.told.length = 0;
  deployment.runtimeArn = 'arn:aws:bedrock-agentcore:us-east-1:123456789012:runtime/expenses-abc1234567';
});

const PROMOTED = { stage: 'promoted' } as const;

test.each<[string, object, string]>([
  ['made before a promotion by its record', {}, RECORD],
  ['made after one by its logical id', { properties: PROMOTED }, 'ReleaseCheck'],
  ['made without a record by its logical id', { properties: { recordName: undefined } }, 'ReleaseCheck'],
  ['updated before a promotion as it was', { PhysicalResourceId: 'earlier', RequestType: 'Update' }, 'earlier'],
  ['updated after one as it was', { properties: PROMOTED, PhysicalResourceId: 'earlier' }, 'earlier'],
  ['given another record by that', { PhysicalResourceId: 'earlier', OldResourceProperties: {} }, RECORD],
])('a resource is named, also in a failure, when it is %s', async (_what, change, PhysicalResourceId) => {
  const { ResourceProperties, ...event } = deployment.event('none', change);
  expect(await deployment.invoke({ ...event, ResourceProperties })).toMatchObject({
    Status: 'FAILED',
    PhysicalResourceId,
    Reason: expect.stringMatching(/^ERR_PROPERTIES_INVALID: /) as string,
  });
  expect(deployment.log).toContain('ReleaseCheckError: ');
});

test.each<[string, object, boolean]>([
  ['its record with a check before a promotion', {}, true],
  ['nothing with one after it', { properties: PROMOTED }, false],
  ['nothing with one without a record', { properties: { recordName: undefined } }, false],
])('CloudFormation deletes %s', async (_what, change, deletes) => {
  deployment.services.parameters.set(RECORD, '{}');
  const event = { ...change, RequestType: 'Delete' as const, PhysicalResourceId: 'earlier' };
  expect(await deployment.check('1', event)).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'earlier' });
  expect(deployment.services.parameters.has(RECORD)).toBe(!deletes);
  expect(deployment.services.calls).toHaveLength(deletes ? 1 : 0);
});

describe('without time in its invocation', () => {
  /** Of a function that has so little left that it can ask nothing. */
  const run = (change: Partial<ReleaseEvent> = {}): Promise<Told | undefined> =>
    deployment.invoke({ ...deployment.event('1'), ...change }, { remainingMs: 1_000 });

  test('a run goes on in another one, as often as it takes, and tells nothing', async () => {
    deployment.services.answers.set(INVOKE, () => ({}));
    const startedAt = Date.now() - 60_000;
    expect(await run({ continuation: { startedAt, invocations: 3 } })).toBeUndefined();
    expect(deployment.services.calls).toEqual([
      {
        operation: INVOKE,
        input: { ...deployment.event('1'), continuation: { startedAt, invocations: 4 } },
        // Nobody waits for its end.
        headers: expect.objectContaining({ 'x-amz-invocation-type': 'Event' }) as object,
      },
    ]);
    expect(deployment.log).toContain('going on in another invocation: waiting for version 1');
  });

  test('a run that may not go on has failed', async () => {
    deployment.services.answers.set(INVOKE, () => {
      throw new AwsError('AccessDeniedException', 403);
    });
    expect(await run()).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: RECORD,
      Reason: 'ERR_OUT_OF_TIME: going on in another invocation: AccessDeniedException of the test',
    });
    // What is reserved is too little to wait for a permission.
    expect(deployment.services.calls.filter(({ operation }) => operation === INVOKE)).toHaveLength(1);
  });

  test('what deletes a record does not go on, and does not fail', async () => {
    expect(await run({ RequestType: 'Delete' })).toMatchObject({ Status: 'SUCCESS' });
    expect(deployment.log).toContain(`the parameter ${RECORD} stays: waiting for its deletion`);
    expect(deployment.services.calls.map(({ operation }) => operation)).not.toContain(INVOKE);
  });
});
