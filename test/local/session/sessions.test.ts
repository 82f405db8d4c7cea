import { ManualClock, type SessionStartedEvent } from 'stateful-mcp-local';
import { type Described, isAlive, McpEndpoint, nextStop, sessionServer, startRuntime, until } from '../running';

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

describe('who issues the session id', () => {
  test('the server, by default: it sees no id when it is initialized', async () => {
    const { endpoint } = await startRuntime();
    const response = await endpoint.send({ jsonrpc: '2.0', id: 1, method: 'initialize' });
    expect(await response.json()).toMatchObject({ result: { requestedSessionId: null } });
  });

  test('the platform, when it is told to: the server gets a UUID and the client the same', async () => {
    const { endpoint } = await startRuntime({
      settings: { sessionIds: 'platform' },
      runtimes: [sessionServer({ environment: { ADOPT_SESSION_IDS: '1' } })],
    });
    const response = await endpoint.send({ jsonrpc: '2.0', id: 1, method: 'initialize' });
    const sessionId = response.headers.get('mcp-session-id') as string;
    const { result } = (await response.json()) as { result: { pid: number; requestedSessionId: string } };
    expect(result.requestedSessionId).toBe(sessionId);
    expect(sessionId).toMatch(/^[0-9a-f-]{36}$/);
    expect((await endpoint.describe(sessionId)).pid).toBe(result.pid);
  });

  test("a server that does not take the id of the platform is noted, and its client gets the platform's", async () => {
    const { endpoint, log } = await startRuntime({ settings: { sessionIds: 'platform' } });
    const response = await endpoint.send({ jsonrpc: '2.0', id: 1, method: 'initialize' });
    const sessionId = response.headers.get('mcp-session-id') as string;
    expect(await response.json()).toMatchObject({ result: { requestedSessionId: sessionId } });
    expect((await endpoint.call('describe', {}, sessionId)).status).toBe(404);
    expect(log.find(({ stream }) => stream === 'runtime')?.line).toContain(
      `although the platform had given it ${sessionId}`,
    );
  });

  test('the platform, for a server without sessions, so that its client comes back to the same process', async () => {
    const { endpoint } = await startRuntime({ runtimes: [sessionServer({ environment: { STATELESS: '1' } })] });
    const [first, second] = [await endpoint.initialize(), await endpoint.initialize()];
    const pids = [await endpoint.describe(first), await endpoint.describe(second), await endpoint.describe(first)].map(
      ({ pid }) => pid,
    );
    expect(pids[0]).toBe(pids[2]);
    expect(pids[0]).not.toBe(pids[1]);
  });
});

describe('a request without a session id that is not initialize, to a server without sessions', () => {
  const stateless = { runtimes: [sessionServer({ environment: { STATELESS: '1' } })] };
  const idOf = async (response: Response): Promise<[string, number]> => [
    response.headers.get('mcp-session-id') ?? '',
    ((await response.json()) as { result: Described }).result.pid,
  ];

  test('gets an id of the platform, another one each, which keeps its client with the process', async () => {
    const { endpoint } = await startRuntime(stateless);
    const [[first, pid], [second]] = [
      await idOf(await endpoint.call('describe')),
      await idOf(await endpoint.call('describe')),
    ];
    expect(first).toMatch(/^[0-9a-f-]{36}$/);
    expect(second).not.toBe(first);
    expect(await idOf(await endpoint.call('describe', {}, first))).toEqual([first, pid]);
    const fails = await endpoint.call('fail', { status: 400 }, first);
    expect(fails.headers.get('mcp-session-id')).toBe(first);
  });

  test('gets none with an error, or in protocol 2026-07-28', async () => {
    const { endpoint } = await startRuntime(stateless);
    expect((await endpoint.call('fail', { status: 400 })).headers.get('mcp-session-id')).toBeNull();
    expect(
      (
        await endpoint.call('describe', {}, undefined, { headers: { 'mcp-protocol-version': '2026-07-28' } })
      ).headers.get('mcp-session-id'),
    ).toBeNull();
  });

  test('the server gets that id, too, when the setting says so', async () => {
    for (const requestsWithoutSession of ['shared', 'new-session'] as const) {
      const { endpoint } = await startRuntime({
        ...stateless,
        settings: { requestsWithoutSession, issuedIds: 'request-and-answer' },
      });
      const response = await endpoint.call('describe');
      const { result } = (await response.json()) as { result: Described };
      expect(result.headers['mcp-session-id']).toMatch(/^[0-9a-f-]{36}$/);
      expect(response.headers.get('mcp-session-id')).toBe(result.headers['mcp-session-id']);
    }
  });

  test('its id starts a session when it comes with an initialize request', async () => {
    const { endpoint } = await startRuntime();
    const [id, pid] = await idOf(await endpoint.call('describe'));
    const initialized = await endpoint.send({ jsonrpc: '2.0', id: 1, method: 'initialize' }, id);
    const [issued, own] = await idOf(initialized);
    expect(own).not.toBe(pid);
    expect((await endpoint.describe(issued)).pid).toBe(own);
  });
});

test('a server that gives two sessions the same id is noted', async () => {
  const script = `
    require('node:http').createServer((request, response) => response.setHeader('mcp-session-id', 'session-1').end(JSON.stringify({ result: { pid: process.pid } })))
      .listen(process.env.PORT, process.env.HOST);
  `;
  const { endpoint, log } = await startRuntime({
    runtimes: [{ name: 'counting', command: [process.execPath, '-e', script] }],
  });
  await endpoint.initialize();
  expect(log).toEqual([]);
  await endpoint.initialize();
  expect(log).toMatchObject([
    {
      stream: 'runtime',
      sessionId: 'session-1',
      line: expect.stringContaining('the server gave the session id session-1 to a second session') as string,
    },
  ]);
});

describe('requests without a session id that are not initialize', () => {
  test('share a process, which no session has', async () => {
    const { endpoint } = await startRuntime();
    const sessionId = await endpoint.initialize();
    const [session, first, second] = [
      await endpoint.describe(sessionId),
      await endpoint.describe(),
      await endpoint.describe(),
    ];
    expect(first.pid).toBe(second.pid);
    expect(first.pid).not.toBe(session.pid);
    expect(first.headers).not.toHaveProperty('mcp-session-id');
  });

  test('have a session each when the setting says so, which ends with the answer', async () => {
    const { runtime, endpoint } = await startRuntime({ settings: { requestsWithoutSession: 'new-session' } });
    const stopped = nextStop(runtime);
    const first = await endpoint.describe();
    expect(await stopped).toMatchObject({ pid: first.pid, reason: 'request-ended' });
    expect((await endpoint.describe()).pid).not.toBe(first.pid);
  });

  test('are told from initialize by their headers where those say the protocol version', async () => {
    const { endpoint } = await startRuntime();
    const shared = await endpoint.describe();
    const modern = await endpoint.send({ jsonrpc: '2.0', id: 1, method: 'initialize' }, undefined, {
      headers: { 'mcp-protocol-version': '2026-07-28' },
    });
    expect(await modern.json()).toMatchObject({ result: { pid: shared.pid } });
  });

  test('the shared process ends when it idles, and the next request gets another one', async () => {
    const clock = new ManualClock();
    const { runtime, endpoint } = await startRuntime({ clock });
    const { pid } = await endpoint.describe();
    await until(() => runtime.sessions()[0]?.state === 'idle');
    const stopped = nextStop(runtime);
    clock.advance(15 * MINUTES);
    expect((await endpoint.describe()).pid).not.toBe(pid);
    expect(await stopped).toMatchObject({ pid, reason: 'idle-timeout' });
  });
});

describe('idle timeout', () => {
  test('ends a session; its id then gets 404 from a fresh process', async () => {
    const clock = new ManualClock();
    const { runtime, endpoint } = await startRuntime({ clock });
    const sessionId = await endpoint.initialize();
    const { pid } = await endpoint.describe(sessionId);
    await until(() => runtime.sessions()[0]?.state === 'idle');
    const stopped = nextStop(runtime, sessionId);
    clock.advance(15 * MINUTES - 1);
    expect(runtime.sessions()[0]).toMatchObject({ state: 'idle', idleTimeLeftMs: 1 });
    clock.advance(1);
    expect(await stopped).toEqual({
      runtimeName: 'sessions',
      sessionId,
      pid,
      reason: 'idle-timeout',
      exitCode: null,
      signal: 'SIGTERM',
      cost: expect.objectContaining({ lifetimeMs: 900_000 }) as object,
    });
    expect((await endpoint.call('describe', {}, sessionId)).status).toBe(404);
    expect(isAlive(pid)).toBe(false);
    expect(runtime.sessions()[0]).toMatchObject({
      sessionId,
      pid,
      state: 'stopped',
      idleTimeLeftMs: 0,
      lifetimeLeftMs: 0,
    });
  });

  test('starts again with each request', async () => {
    const clock = new ManualClock();
    const { runtime, endpoint } = await startRuntime({ clock });
    const sessionId = await endpoint.initialize();
    for (let round = 0; round < 4; round++) {
      await until(() => runtime.sessions()[0]?.state === 'idle');
      clock.advance(14 * MINUTES);
      await endpoint.describe(sessionId);
    }
    expect(runtime.sessions()).toHaveLength(1);
  });

  test('does not end a session while a POST is being answered, and counts from its answer', async () => {
    const clock = new ManualClock();
    const { runtime, endpoint } = await startRuntime({ clock, limits: { requestMs: 3_600_000 } });
    const sessionId = await endpoint.initialize();
    const call = endpoint.message('slow', { ms: 200 }, sessionId);
    await until(() => runtime.sessions()[0]?.state === 'active');
    clock.advance(40 * MINUTES);
    expect(await call).toMatchObject({ result: 'slow' });
    await until(() => runtime.sessions()[0]?.state === 'idle');
    clock.advance(15 * MINUTES - 1);
    expect(runtime.sessions()[0]?.state).toBe('idle');
    const stopped = nextStop(runtime, sessionId);
    clock.advance(1);
    expect((await stopped).reason).toBe('idle-timeout');
  });

  test('ends a session whose only open request is a GET stream, and the stream ends', async () => {
    const clock = new ManualClock();
    const { runtime, endpoint } = await startRuntime({ clock });
    const sessionId = await endpoint.initialize();
    const stream = await fetch(endpoint.url, { headers: { 'mcp-session-id': sessionId, accept: 'text/event-stream' } });
    await until(() => runtime.sessions()[0]?.state === 'idle');
    const stopped = nextStop(runtime, sessionId);
    clock.advance(15 * MINUTES);
    expect((await stopped).reason).toBe('idle-timeout');
    await stream.text();
  });

  test('forces a server that ignores SIGTERM after 15 s', async () => {
    const clock = new ManualClock();
    const { runtime, endpoint } = await startRuntime({
      clock,
      runtimes: [sessionServer({ environment: { IGNORE_SIGTERM: '1' } })],
    });
    const sessionId = await endpoint.initialize();
    await until(() => runtime.sessions()[0]?.state === 'idle');
    const stopped = nextStop(runtime, sessionId);
    clock.advance(15 * MINUTES);
    expect(runtime.sessions()[0]?.state).toBe('stopping');
    clock.advance(14_999);
    expect(runtime.sessions()[0]?.state).toBe('stopping');
    clock.advance(1);
    expect(await stopped).toMatchObject({ reason: 'idle-timeout', signal: 'SIGKILL' });
  });
});

describe('max lifetime', () => {
  test('ends a busy session, whose call gets an error that says so', async () => {
    const clock = new ManualClock();
    const { runtime, endpoint } = await startRuntime({ clock, runtimes: [sessionServer({ maxLifetimeSeconds: 600 })] });
    const sessionId = await endpoint.initialize();
    const call = endpoint.message('hang', {}, sessionId);
    await until(() => runtime.sessions()[0]?.state === 'active');
    const stopped = nextStop(runtime, sessionId);
    clock.advance(600_000);
    expect((await stopped).reason).toBe('max-lifetime');
    expect(await call).toEqual({
      jsonrpc: '2.0',
      id: 2,
      error: { code: -32010, message: 'the session has reached its max lifetime of 600 s' },
    });
  });

  test('does not start again with a request', async () => {
    const clock = new ManualClock();
    const { runtime, endpoint } = await startRuntime({
      clock,
      runtimes: [sessionServer({ idleTimeoutSeconds: 60, maxLifetimeSeconds: 120 })],
    });
    const sessionId = await endpoint.initialize();
    for (const seconds of [50, 50]) {
      await until(() => runtime.sessions()[0]?.state === 'idle');
      clock.advance(seconds * 1000);
      await endpoint.describe(sessionId);
    }
    const stopped = nextStop(runtime, sessionId);
    clock.advance(20_000);
    expect((await stopped).reason).toBe('max-lifetime');
  });
});

describe('DELETE', () => {
  test('ends the process when the server answers 2xx', async () => {
    const { runtime, endpoint } = await startRuntime();
    const sessionId = await endpoint.initialize();
    const { pid } = await endpoint.describe(sessionId);
    const stopped = nextStop(runtime, sessionId);
    expect((await fetch(endpoint.url, { method: 'DELETE', headers: { 'mcp-session-id': sessionId } })).status).toBe(
      200,
    );
    expect(await stopped).toMatchObject({ pid, reason: 'deleted' });
  });

  test('leaves the process when the server refuses', async () => {
    const { endpoint } = await startRuntime({
      runtimes: [sessionServer({ environment: { REFUSES_DELETE: '1', STATELESS: '1' } })],
    });
    const sessionId = await endpoint.initialize();
    const { pid } = await endpoint.describe(sessionId);
    expect((await fetch(endpoint.url, { method: 'DELETE', headers: { 'mcp-session-id': sessionId } })).status).toBe(
      405,
    );
    expect((await endpoint.describe(sessionId)).pid).toBe(pid);
  });
});

describe('DELETE of one of those who share a process', () => {
  const stateless = { runtimes: [sessionServer({ environment: { STATELESS: '1' } })] };
  const remove = async (url: string, sessionId?: string): Promise<number> =>
    (await fetch(url, { method: 'DELETE', headers: sessionId === undefined ? {} : { 'mcp-session-id': sessionId } }))
      .status;

  test('leaves the process to the others, and their ids', async () => {
    const { runtime, endpoint } = await startRuntime(stateless);
    const [first, second] = await Promise.all([endpoint.call('describe'), endpoint.call('describe')]);
    const [leaving = '', staying = ''] = [first, second].map(({ headers }) => headers.get('mcp-session-id') as string);
    const { pid } = await endpoint.describe(staying);
    const slow = endpoint.message('slow', { ms: 300 }, staying);
    expect(await remove(endpoint.url, leaving)).toBe(200);
    expect((await slow).result).toBe('slow');
    expect((await endpoint.describe(staying)).pid).toBe(pid);
    expect((await endpoint.describe()).pid).toBe(pid);
    // The id means nothing any more: as any other, it gets a process of its own.
    expect((await endpoint.describe(leaving)).pid).not.toBe(pid);
    expect(runtime.eventLog.filter(({ type }) => type === 'session-stopped')).toEqual([]);
  });

  test('leaves the process to the others without an id, too', async () => {
    const { endpoint } = await startRuntime(stateless);
    const { pid } = await endpoint.describe();
    expect(await remove(endpoint.url)).toBe(200);
    expect((await endpoint.describe()).pid).toBe(pid);
  });

  test('forgets nothing when the server refuses', async () => {
    const { endpoint } = await startRuntime({
      runtimes: [sessionServer({ environment: { REFUSES_DELETE: '1', STATELESS: '1' } })],
    });
    const response = await endpoint.call('describe');
    const sessionId = response.headers.get('mcp-session-id') as string;
    expect(await remove(endpoint.url, sessionId)).toBe(405);
    expect((await endpoint.describe(sessionId)).pid).toBe((await endpoint.describe()).pid);
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
