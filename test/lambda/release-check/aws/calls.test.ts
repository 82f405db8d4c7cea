import type { ReleaseRecord } from '../../../../lib/private/release/release-check-contract';
import { clientSecret } from '../../../../lambda/release-check/aws/client-secret';
import { ControlPlane } from '../../../../lambda/release-check/aws/control-plane';
import { invokeAgain } from '../../../../lambda/release-check/aws/next-invocation';
import { RecordStore } from '../../../../lambda/release-check/aws/record';
import { sessionLog } from '../../../../lambda/release-check/aws/session-log';
import { until } from '../../../local/running';
import { AwsError, AwsServices } from '../aws-services';

// What all calls have in common: what they are refused has a code, they end with the time of their run, and leave no
// connection behind.

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

/** What is called, the operation, the code of a refusal if there is one, and how it is called. */
type Call = [
  what: string,
  operation: string,
  code: string | undefined,
  call: (signal: AbortSignal) => Promise<unknown>,
];

const CALLS: Call[] = [
  ['a record', 'AmazonSSM.GetParameter', 'ERR_RECORD_DENIED', signal => ofRecord(signal, records => records.read())],
  [
    'a record that is written',
    'AmazonSSM.PutParameter',
    'ERR_RECORD_DENIED',
    signal => ofRecord(signal, records => records.write({ version: '1' } as ReleaseRecord, undefined)),
  ],
  [
    'a record that is deleted',
    'AmazonSSM.DeleteParameter',
    'ERR_RECORD_DENIED',
    signal => ofRecord(signal, records => records.delete()),
  ],
  [
    'a version',
    'GET /runtimes/expenses-1/?version=3',
    'ERR_RUNTIME_DENIED',
    signal => ofControlPlane(signal, control => control.version('3')),
  ],
  [
    'an endpoint',
    'GET /runtimes/expenses-1/runtime-endpoints/live/',
    'ERR_RUNTIME_DENIED',
    signal => ofControlPlane(signal, control => control.endpoint('live')),
  ],
  [
    'a secret',
    'secretsmanager.GetSecretValue',
    'ERR_SECRET_UNREADABLE',
    signal => clientSecret({ ...CLIENT, secretArn: 'secret' }, policy, signal),
  ],
  [
    'the client of a user pool',
    'AWSCognitoIdentityProviderService.DescribeUserPoolClient',
    'ERR_SECRET_UNREADABLE',
    signal => clientSecret({ ...CLIENT, userPoolId: 'us-east-1_Pool' }, policy, signal),
  ],
  [
    'another invocation',
    'POST /2015-03-31/functions/function/invocations',
    'ERR_OUT_OF_TIME',
    signal => invokeAgain('function', {}, retries, signal),
  ],
];

test.each(CALLS)('an answer against %s has the code of what it is about', async (_what, operation, code, call) => {
  services.answers.set(operation, () => {
    throw new AwsError('QuotaExceededException', 402);
  });
  await expect(call(new AbortController().signal)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(/.: QuotaExceededException of the test$/) as string,
    cause: expect.objectContaining({ name: 'QuotaExceededException' }) as Error,
  });
  expect(services.calls).toHaveLength(1);
});

test.each<Call>([
  ...CALLS,
  [
    'a log',
    'Logs_20140328.FilterLogEvents',
    undefined,
    signal =>
      sessionLog(QUERY, signal, () => undefined).then(() => {
        signal.throwIfAborted();
      }),
  ],
])('a call for %s ends with its time, and leaves no connection', async (_what, operation, _code, call) => {
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
