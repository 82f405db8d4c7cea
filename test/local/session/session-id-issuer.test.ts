import { type Described, sessionServer, startRuntime } from '../running';

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
