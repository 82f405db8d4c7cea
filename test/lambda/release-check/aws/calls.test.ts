import type { ReleaseRecord } from '../../../../lib/private/release/release-check-contract';
import { clientSecret } from '../../../../lambda/release-check/aws/client-secret';
import { ControlPlane } from '../../../../lambda/release-check/aws/control-plane';
import { invokeAgain } from '../../../../lambda/release-check/aws/next-invocation';
import { RecordStore } from '../../../../lambda/release-check/aws/record';
import { sessionLog } from '../../../../lambda/release-check/aws/session-log';
import { until } from '../../../local/running';
import { AwsServices } from '../aws-services';

// What all calls have in common: they end with the time of their run, and leave no connection behind.

const retries = { attempts: 1, firstPauseMs: 1, longestPauseMs: 1, longestRetryAfterMs: 10 };
const policy = { retries, denialPausesMs: [] };
const CLIENT = { kind: 'client-credentials', discoveryUrl: 'https://a.example/x', clientId: 'agent' } as const;
const QUERY = {
  logGroupNames: ['/group-live'],
  endpointName: 'live',
  sessionIds: new Set<string>(),
  since: 0,
  isShared: false,
};

const services = new AwsServices();
beforeAll(async () => {
  await services.start();
  process.env.AWS_MAX_ATTEMPTS = '1';
});
beforeEach(() => {
  services.reset();
});
afterAll(() => services.close());

/** Calls a service by a client that is closed afterwards. */
async function closing<T extends { close(): void }>(client: T, call: (client: T) => Promise<unknown>): Promise<void> {
  try {
    await call(client);
  } finally {
    client.close();
  }
}

const ofRecord = (signal: AbortSignal, call: (records: RecordStore) => Promise<unknown>): Promise<void> =>
  closing(new RecordStore('/record', policy, signal), call);
const ofControlPlane = (signal: AbortSignal, call: (control: ControlPlane) => Promise<unknown>): Promise<void> =>
  closing(new ControlPlane('expenses-1', policy, signal), call);

test.each<[string, string, (signal: AbortSignal) => Promise<unknown>]>([
  ['a record', 'AmazonSSM.GetParameter', signal => ofRecord(signal, records => records.read())],
  [
    'a record that is written',
    'AmazonSSM.PutParameter',
    signal => ofRecord(signal, records => records.write({ version: '1' } as ReleaseRecord, undefined)),
  ],
  ['a record that is deleted', 'AmazonSSM.DeleteParameter', signal => ofRecord(signal, records => records.delete())],
  [
    'a version',
    'GET /runtimes/expenses-1/?version=3',
    signal => ofControlPlane(signal, control => control.version('3')),
  ],
  [
    'an endpoint',
    'GET /runtimes/expenses-1/runtime-endpoints/live/',
    signal => ofControlPlane(signal, control => control.endpoint('live')),
  ],
  [
    'a secret',
    'secretsmanager.GetSecretValue',
    signal => clientSecret({ ...CLIENT, secretArn: 'secret' }, policy, signal),
  ],
  [
    'the client of a user pool',
    'AWSCognitoIdentityProviderService.DescribeUserPoolClient',
    signal => clientSecret({ ...CLIENT, userPoolId: 'us-east-1_Pool' }, policy, signal),
  ],
  [
    'another invocation',
    'POST /2015-03-31/functions/function/invocations',
    signal => invokeAgain('function', {}, retries, signal),
  ],
  [
    'a log',
    'Logs_20140328.FilterLogEvents',
    signal =>
      sessionLog(QUERY, signal, () => undefined).then(() => {
        signal.throwIfAborted();
      }),
  ],
])('a call for %s ends with its time, and leaves no connection', async (_what, operation, call) => {
  services.answers.set(operation, () => ({ events: [{ message: 'line' }] }));
  await call(new AbortController().signal).catch(() => undefined);
  expect(services.calls.map(asked => asked.operation)).toEqual([operation]);
  await until(() => services.connections === 0);
  const time = new AbortController();
  const end = new Error('the time is up');
  services.answers.set(operation, () => {
    time.abort(end);
    return new Promise(() => undefined);
  });
  await expect(call(time.signal)).rejects.toBe(end);
  await until(() => services.connections === 0);
});
