import { RUNTIME_SESSION_ID } from 'stateful-mcp-contract';
import { RELEASE_METRICS } from '../../../lib/private/release/release-check-contract';
import { createHandler } from '../../../lambda/release-check';
import type { ReleaseEvent } from '../../../lambda/release-check/release';
import { SETTINGS } from '../../../lambda/release-check/settings';
import { until } from '../../local/running';
import { RECORD, StagedRelease } from './stage/staged-release';

// A run from its event to its answer, with what it opens and closes on the way.

const RESPONSE = 'PUT /response';
const MINUTES_MS = 60_000;

const staged = new StagedRelease();
let timersBefore: number;
beforeAll(() => staged.start());
beforeEach(() => {
  timersBefore = timers();
  staged.reset();
  staged.services.answers.set(RESPONSE, () => ({}));
});
afterAll(() => staged.close());

type Change = Partial<Omit<ReleaseEvent, 'ResourceProperties'>> & { readonly properties?: object };

/** Has the function called by CloudFormation, and gives what that was told. */
async function told({ properties, ...change }: Change = {}, remainingMs = 15 * MINUTES_MS): Promise<unknown[]> {
  const event: ReleaseEvent = {
    RequestType: 'Create',
    ResponseURL: `${staged.services.url}/response`,
    StackId: 'stack',
    RequestId: 'request',
    LogicalResourceId: 'ReleaseCheck',
    ResourceProperties: { ...staged.properties, ...properties },
    ...change,
  };
  await called(event, remainingMs);
  return staged.services.calls.filter(({ operation }) => operation === RESPONSE).map(({ input }) => input);
}

function called(
  event: Parameters<ReturnType<typeof createHandler>>[0],
  remainingMs: number,
  awsRequestId = 'invocation',
): Promise<void> {
  const retries = { attempts: 2, firstPauseMs: 1, longestPauseMs: 1, longestRetryAfterMs: 10 };
  const end = Date.now() + remainingMs;
  return createHandler({ ...SETTINGS, retries, denialPausesMs: [] })(event, {
    awsRequestId,
    invokedFunctionArn: 'function',
    logGroupName: 'group',
    logStreamName: 'stream',
    getRemainingTimeInMillis: () => end - Date.now(),
  });
}

/** No connection, and no timer but those that there were before. */
const nothingIsOpen = (): Promise<void> => until(() => staged.services.connections === 0 && timers() <= timersBefore);

function timers(): number {
  return process.getActiveResourcesInfo().filter(kind => kind === 'Timeout').length;
}

test('a release that is good, and one that is not, leave no connection', async () => {
  expect(await told()).toMatchObject([{ Status: 'SUCCESS', PhysicalResourceId: RECORD, Data: { verdict: 'pass' } }]);
  await nothingIsOpen();
  staged.services.calls.length = 0;
  staged.promote('2');
  const properties = { stage: 'promoted' };
  expect(await told({ properties })).toMatchObject([{ Status: 'FAILED', PhysicalResourceId: 'ReleaseCheck' }]);
  await nothingIsOpen();
});

test('a record that is deleted leaves no connection', async () => {
  staged.services.parameters.set(RECORD, '{}');
  expect(await told({ RequestType: 'Delete' })).toMatchObject([{ Status: 'SUCCESS' }]);
  expect(staged.services.parameters.size).toBe(0);
  await nothingIsOpen();
});

test('what is reserved of an invocation is left to the next one', async () => {
  const INVOKE = 'POST /2015-03-31/functions/function/invocations';
  staged.services.answers.set(INVOKE, () => ({}));
  expect(await told({}, SETTINGS.reservedMs)).toEqual([]);
  expect(staged.services.calls.at(-1)).toMatchObject({
    operation: INVOKE,
    input: { LogicalResourceId: 'ReleaseCheck', continuation: { invocations: 1 } },
  });
  await nothingIsOpen();
});

test('a run that takes longer than all of them has failed', async () => {
  const continuation = { startedAt: Date.now() - SETTINGS.runMs, invocations: 3 };
  expect(await told({ continuation })).toMatchObject([
    { Status: 'FAILED', Reason: expect.stringMatching(/^ERR_OUT_OF_TIME: .* did not come within 54 min/) as string },
  ]);
});

describe('of a client', () => {
  const properties = (): object => ({
    callers: [
      { kind: 'client-credentials', discoveryUrl: `${staged.url}/discovery`, clientId: 'agent', secretArn: 'secret' },
    ],
  });
  beforeEach(() => {
    staged.services.answers.set('secretsmanager.GetSecretValue', () => ({ SecretString: 'the-secret' }));
  });

  test('a secret that somebody repeats is in no reason', async () => {
    const { authorize } = staged;
    staged.authorize = pathname => (pathname === '/token' ? [400, { error: 'not the-secret' }] : authorize(pathname));
    const answers = await told({ properties: properties() });
    expect(JSON.stringify(answers)).toMatch(/ERR_TOKEN_REFUSED: .*, not \*\*\*; /);
    expect(staged.log).not.toContain('the-secret');
  });

  test('nor is a token', async () => {
    staged.refuse = ({ method }) => (method === 'initialize' ? { status: 400, message: 'not a.token' } : undefined);
    const answers = await told({ properties: properties() });
    expect(JSON.stringify(answers)).toMatch(/ERR_CHECK_FAILED: .*not \*\*\*/);
    expect(staged.log).not.toContain('a.token');
  });
});

describe('by a schedule', () => {
  let metrics: string;
  beforeEach(() => {
    metrics = '';
    jest.spyOn(process.stdout, 'write').mockImplementation(text => {
      metrics += String(text);
      return true;
    });
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  async function watched(remainingMs?: number): Promise<unknown> {
    await called({ watch: staged.properties }, remainingMs ?? 15 * MINUTES_MS);
    return JSON.parse(metrics);
  }

  test('a check that takes all of its invocation has failed, and goes on in no other one', async () => {
    expect(await watched(SETTINGS.reservedMs)).toMatchObject({ [RELEASE_METRICS.failed]: 1 });
    expect(staged.log).toContain('warn: ERR_OUT_OF_TIME: ');
    expect(staged.services.calls).toEqual([]);
  });

  test('a check that cannot be made is a failure of the function', async () => {
    const watch = { ...staged.properties, endpointName: '' };
    await expect(called({ watch }, MINUTES_MS)).rejects.toMatchObject({
      code: 'ERR_PROPERTIES_INVALID',
    });
    await nothingIsOpen();
  });

  test('a check that fails tells its latency, and nothing of what users wrote', async () => {
    staged.tools.set('live', ['other']);
    staged.services.answers.set('Logs_20140328.FilterLogEvents', () => ({
      events: [
        { message: 'what a user wrote', timestamp: 1 },
        { message: 'session of-the-server has failed', timestamp: 2 },
      ],
    }));
    const logGroupNames = ['/aws/bedrock-agentcore/runtimes/expenses-1-live'];
    await called({ watch: { ...staged.properties, logGroupNames } }, 15 * MINUTES_MS);
    expect(JSON.parse(metrics)).toMatchObject({
      [RELEASE_METRICS.failed]: 1,
      [RELEASE_METRICS.firstCall]: expect.any(Number) as number,
    });
    expect(staged.log).toMatch(
      /ERR_CHECK_FAILED: the endpoint live failed .* users call it\..*log:\nsession of-the-server has failed/s,
    );
    expect(staged.log).not.toContain('what a user wrote');
  });

  test('a check without its credentials leaves no connection either', async () => {
    staged.services.answers.set('secretsmanager.GetSecretValue', () => ({ SecretString: 'the-secret' }));
    staged.services.answers.set('GET /discovery', () => ({}));
    const discoveryUrl = `${staged.services.url}/discovery`;
    const callers = [{ kind: 'client-credentials', discoveryUrl, clientId: 'agent', secretArn: 'secret' } as const];
    await called({ watch: { ...staged.properties, callers } }, 15 * MINUTES_MS);
    expect(staged.log).toContain('warn: ERR_TOKEN_REFUSED: ');
    expect(staged.log).toContain('error: ReleaseCheckError: ');
    await nothingIsOpen();
  });

  test('each invocation has sessions of its own, which it finds again when it is repeated', async () => {
    const sessionsOf = async (awsRequestId: string): Promise<unknown[]> => {
      staged.asked.length = 0;
      await called({ watch: staged.properties }, 15 * MINUTES_MS, awsRequestId);
      return staged.asked
        .filter(({ method }) => method === 'StopRuntimeSession')
        .map(({ headers }) => headers[RUNTIME_SESSION_ID.toLowerCase()]);
    };
    const first = await sessionsOf('first');
    expect(first).not.toEqual([]);
    expect(new Set(await sessionsOf('first'))).toEqual(new Set(first));
    expect((await sessionsOf('second')).filter(id => first.includes(id))).toEqual([]);
  });

  test('a check is a run of its own, which leaves no connection', async () => {
    expect(await watched()).toMatchObject({ [RELEASE_METRICS.passed]: 1 });
    expect(staged.qualifiers).toEqual(['live']);
    await nothingIsOpen();
  });
});
