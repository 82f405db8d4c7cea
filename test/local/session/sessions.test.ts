import { ManualClock, type SessionStartedEvent } from 'stateful-mcp-local';
import { type Described, McpEndpoint, nextStop, sessionServer, startRuntime, until } from '../running';

const MINUTES = 60_000;

test('each session has a process of its own, and keeps it', async () => {
  const { endpoint } = await startRuntime();
  const [first, second] = [await endpoint.initialize(), await endpoint.initialize()];
  const pids = [await endpoint.describe(first), await endpoint.describe(second), await endpoint.describe(first)].map(
    ({ pid }) => pid,
  );
  expect(first).not.toBe(second);
  expect(pids[0]).toBe(pids[2]);
  expect(pids[0]).not.toBe(pids[1]);
});

test('an initialize request that names its method in a header starts a session', async () => {
  const { endpoint } = await startRuntime();
  const headers = { 'mcp-protocol-version': '2025-11-25', 'mcp-method': 'initialize' };
  const response = await endpoint.send({ jsonrpc: '2.0', id: 1, method: 'initialize', params: {} }, undefined, {
    headers,
  });
  const sessionId = response.headers.get('mcp-session-id') ?? '';
  const other = await endpoint.initialize();
  expect((await endpoint.describe(sessionId)).pid).not.toBe((await endpoint.describe(other)).pid);
});

test('a session is started by a process that was waiting for it', async () => {
  const { runtime, endpoint } = await startRuntime();
  const started: SessionStartedEvent[] = [];
  runtime.events.on('session-started', event => started.push(event));
  const sessionId = await endpoint.initialize();
  expect(started).toEqual([{ runtimeName: 'sessions', sessionId, pid: (await endpoint.describe(sessionId)).pid }]);
});

test('the description of a session says its process, its state and what is left of its time', async () => {
  const clock = new ManualClock();
  const startedAt = new Date(clock.now());
  const { runtime, endpoint } = await startRuntime({ clock });
  const sessionId = await endpoint.initialize();
  const { pid } = await endpoint.describe(sessionId);
  await until(() => runtime.sessions()[0]?.state === 'idle');
  clock.advance(5 * MINUTES);
  expect(runtime.sessions()).toEqual([
    {
      sessionId,
      runtimeName: 'sessions',
      version: '1',
      pid,
      state: 'idle',
      startedAt,
      idleTimeLeftMs: 10 * MINUTES,
      lifetimeLeftMs: 475 * MINUTES,
      cost: expect.objectContaining({ lifetimeMs: 300_000 }) as object,
    },
  ]);
  const call = endpoint.call('slow', { ms: 50 }, sessionId);
  await until(() => runtime.sessions()[0]?.state === 'active');
  expect(runtime.sessions()[0]).toMatchObject({ idleTimeLeftMs: 15 * MINUTES, lifetimeLeftMs: 475 * MINUTES });
  await (await call).text();
});

describe('an id that no live session has', () => {
  test('gets a fresh process, which answers itself and ends with its answer', async () => {
    const { runtime, endpoint } = await startRuntime();
    const stopped = nextStop(runtime);
    const response = await endpoint.call('describe', {}, 'never-issued');
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: -32001, message: 'Session not found' } });
    expect(await stopped).toMatchObject({ sessionId: 'never-issued', reason: 'refused' });
  });

  test('never reaches the process of another session', async () => {
    const { runtime, endpoint } = await startRuntime();
    const { pid } = await endpoint.describe(await endpoint.initialize());
    const stopped = nextStop(runtime);
    expect((await endpoint.call('describe', {}, 'never-issued')).status).toBe(404);
    expect((await stopped).sessionId).toBe('never-issued');
    expect((await stopped).pid).not.toBe(pid);
  });

  test('stays bound to its fresh process when that serves it', async () => {
    const { endpoint } = await startRuntime({ runtimes: [sessionServer({ environment: { STATELESS: '1' } })] });
    const [first, again, other] = [
      await endpoint.describe('chosen'),
      await endpoint.describe('chosen'),
      await endpoint.describe('other'),
    ];
    expect(again.pid).toBe(first.pid);
    expect(other.pid).not.toBe(first.pid);
  });

  test('starts one process for requests that come at once; the others get the retryable conflict of the platform', async () => {
    const { endpoint } = await startRuntime({
      runtimes: [sessionServer({ environment: { STATELESS: '1' } })],
      pooledProcesses: 0,
    });
    const messages = await Promise.all([1, 2, 3].map(() => endpoint.message<Described>('describe', {}, 'chosen')));
    expect(messages.filter(({ result }) => result)).toHaveLength(1);
    expect(messages.flatMap(({ error }) => error ?? [])).toEqual(
      Array(2).fill({ code: -32005, message: 'Session operation in progress, please retry' }),
    );
  });

  test('or wait for it, as the setting says', async () => {
    const { endpoint } = await startRuntime({
      runtimes: [sessionServer({ environment: { STATELESS: '1' } })],
      pooledProcesses: 0,
      settings: { sessionTransitions: 'wait' },
    });
    const pids = (await Promise.all([1, 2, 3].map(() => endpoint.describe('chosen')))).map(({ pid }) => pid);
    expect(new Set(pids).size).toBe(1);
  });

  test('may come with an initialize request, and the id of the answer is then bound too', async () => {
    const { endpoint } = await startRuntime();
    const response = await endpoint.send({ jsonrpc: '2.0', id: 1, method: 'initialize' }, 'foreign');
    const { result } = (await response.json()) as { result: { pid: number } };
    const issued = response.headers.get('mcp-session-id') as string;
    expect(issued).not.toBe('foreign');
    expect((await endpoint.describe(issued)).pid).toBe(result.pid);
  });

  test('is refused when it is longer than AgentCore takes', async () => {
    const { endpoint } = await startRuntime();
    expect(await (await endpoint.call('describe', {}, 'x'.repeat(1025))).json()).toEqual({
      jsonrpc: '2.0',
      id: 1,
      error: { code: -32006, message: 'Validation error - Invalid request data' },
    });
  });
});

test("two local runtimes at once do not know each other's sessions", async () => {
  const [one, other] = [await startRuntime(), await startRuntime()];
  const sessionId = await one.endpoint.initialize();
  expect((await other.endpoint.call('describe', {}, sessionId)).status).toBe(404);
  expect((await one.endpoint.call('describe', {}, sessionId)).status).toBe(200);
});

test('two runtimes of one local runtime are served under their names', async () => {
  const { runtime, url } = await startRuntime({
    runtimes: [sessionServer({ name: 'one' }), sessionServer({ name: 'other', environment: { MARK: 'other' } })],
  });
  expect(runtime.runtimes.map(({ name }) => name)).toEqual(['one', 'other']);
  const [one, other] = [new McpEndpoint(`${url}/one/mcp`), new McpEndpoint(`${url}/other/mcp`)];
  const sessionId = await one.initialize();
  expect((await one.describe(sessionId)).environment).not.toHaveProperty('MARK');
  expect((await other.call('describe', {}, sessionId)).status).toBe(404);
  expect((await other.describe(await other.initialize())).environment.MARK).toBe('other');
});
