import { ManualClock } from 'stateful-mcp-local';
import { isAlive, nextStop, sessionServer, startRuntime, until } from '../running';

const MINUTES = 60_000;

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
