import { HttpTransport } from '../../../../lambda/common/http-transport';
import { Deadline } from '../../../../lambda/release-check/common/deadline';
import { ReleaseLog } from '../../../../lambda/release-check/common/release-log';
import { parseWatch } from '../../../../lambda/release-check/common/release-request';
import type { CheckParts, HeldCheck } from '../../../../lambda/release-check/stage/held-check';
import { acceptPass, type Judged } from '../../../../lambda/release-check/stage/verdict';
import { AwsServices } from '../aws-services';

// What becomes of a check that was held.

const GROUP = '/aws/bedrock-agentcore/runtimes/expenses-1-live';
const JUDGED: Judged = {
  subject: 'version 3',
  through: { qualifier: 'live' },
  isShared: false,
  live: 'users call it',
};
const HELD: HeldCheck = {
  verdict: 'fail',
  findings: [{ check: 'tools', verdict: 'fail', expected: 'tools', got: 'none' }],
  latency: {},
  durationMs: 5,
  sessionIds: new Set(['check-1']),
  since: 1_000,
};

const services = new AwsServices();
const deadline = new Deadline({ startedAt: Date.now(), runMs: 60_000, invocationMs: 60_000, continues: false });
const transport = new HttpTransport();
const retries = { attempts: 1, firstPauseMs: 1, longestPauseMs: 1, longestRetryAfterMs: 1 };
let parts: CheckParts;
let written: string;

beforeAll(async () => {
  await services.start();
  services.answers.set('Logs_20140328.FilterLogEvents', () => ({
    events: [
      { message: 'what anyone wrote', timestamp: 1 },
      { message: 'what check-1 wrote', timestamp: 2 },
    ],
  }));
});
afterAll(async () => {
  deadline.end();
  transport.close();
  await services.close();
});
beforeEach(() => {
  services.reset();
  written = '';
  for (const method of ['log', 'warn'] as const) {
    jest.spyOn(console, method).mockImplementation((...line: unknown[]) => {
      written += `${line.join(' ')}\n`;
    });
  }
  const request = parseWatch({
    watch: {
      runtimeArn: 'arn:aws:bedrock-agentcore:us-east-1:123456789012:runtime/expenses-abc1234567',
      endpointName: 'live',
      check: '{}',
      onInconclusive: 'fail',
      callers: [{ kind: 'iam' }],
      recordName: '/record',
      logGroupNames: [GROUP],
    },
  });
  parts = {
    request,
    deadline,
    log: new ReleaseLog({ logGroupName: 'group', logStreamName: 'stream' }),
    access: { transport, retries, signal: deadline.signal },
    awsCalls: { retries, denialPausesMs: [] },
    connectTimeoutMs: 1,
    run: 'run',
  };
});

test('a check that was passed is written down, and nobody reads a log', async () => {
  await acceptPass({ ...HELD, verdict: 'pass', findings: [] }, parts, JUDGED);
  expect(written).toBe('pass in 5 ms: []\n');
  expect(services.calls).toEqual([]);
});

test.each([
  ['fail', 'ERR_CHECK_FAILED'],
  ['inconclusive', 'ERR_CHECK_INCONCLUSIVE'],
] as const)("a verdict of %s is %s, with the last lines of the server's log", async (verdict, code) => {
  await expect(acceptPass({ ...HELD, verdict }, parts, JUDGED)).rejects.toMatchObject({
    code,
    message:
      'version 3 failed 1 of 1 checks: tools: expected tools; got none. users call it. ' +
      'the whole transcript is in log group group, log stream stream. ' +
      "the last lines of the server's log:\nwhat anyone wrote\nwhat check-1 wrote",
  });
  expect(services.calls[0]?.input).toMatchObject({ logGroupName: GROUP, startTime: 1_000 });
});

test("of an endpoint that users call, what they wrote is nobody's business", async () => {
  await expect(acceptPass(HELD, parts, { ...JUDGED, isShared: true })).rejects.toThrow(/log:\nwhat check-1 wrote$/);
});
