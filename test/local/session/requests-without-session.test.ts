import { ManualClock } from 'stateful-mcp-local';
import { nextStop, sessionServer, startRuntime, until } from '../running';

const MINUTES = 60_000;

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
