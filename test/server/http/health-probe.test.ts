import { McpServer } from '@modelcontextprotocol/server';
import { createMcpFetchHandler, serve, type FetchHandlerOptions, type McpFetchHandler } from 'stateful-mcp-server';

const PING = { jsonrpc: '2.0', id: 'health', method: 'ping' };

const handlerWith = (options: FetchHandlerOptions = {}): McpFetchHandler =>
  createMcpFetchHandler(() => new McpServer({ name: 's', version: '1' }), { logLevel: 'silent', ...options });

const probe = (message: object = PING, headers: Record<string, string> = {}, path = '/mcp'): Request =>
  new Request(`http://server.test${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(message),
  });

const refused = (): never => {
  throw new Error('no credentials');
};

describe('a probe of the platform is answered', () => {
  test.each<[string, McpFetchHandler]>([
    ['with sessions', handlerWith()],
    ['without sessions', handlerWith({ stateless: true })],
    ['where a function says who callers are, and refuses this one', handlerWith({ principal: refused })],
    [
      'where the factory refuses callers without credentials',
      createMcpFetchHandler(refused, { logLevel: 'silent', stateless: true }),
    ],
  ])('%s, although it accepts nothing', async (_case, handler) => {
    const response = await handler.fetch(probe());
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ jsonrpc: '2.0', id: 'health', result: {} });
    expect((await handler.fetch(new Request('http://server.test/ping'))).status).toBe(200);
  });
});

describe('an author who puts credentials in front', () => {
  const handler = handlerWith();
  /** Middleware as authors write it. */
  const guarded = async (request: Request): Promise<Response> =>
    (await handler.answerProbe(request)) ??
    (request.headers.has('authorization') ? handler.fetch(request) : new Response(null, { status: 401 }));

  test('answers probes first', async () => {
    expect(await (await guarded(probe())).json()).toEqual({ jsonrpc: '2.0', id: 'health', result: {} });
    expect(await (await guarded(probe({ ...PING, params: null }))).json()).toMatchObject({ result: {} });
    expect((await guarded(new Request('http://server.test/ping'))).status).toBe(200);
  });

  test.each<[string, Request]>([
    ['another message', probe({ ...PING, method: 'tools/list' })],
    ['a ping in a session', probe(PING, { 'mcp-session-id': 'a' })],
    ['a ping at another path', probe(PING, {}, '/other')],
    ['a notification', probe({ jsonrpc: '2.0', method: 'ping' })],
    ['a message longer than a probe', probe({ ...PING, params: { text: 'x'.repeat(2000) } })],
    ['what is no JSON', probe(PING, { 'content-type': 'text/plain' })],
    ['a GET', new Request('http://server.test/mcp')],
  ])('refuses %s', async (_case, request) => {
    expect((await guarded(request)).status).toBe(401);
  });

  test('leaves the body of all else to the server', async () => {
    const response = await guarded(probe({ ...PING, method: 'tools/list' }, { authorization: 'Bearer a' }));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ id: 'health' });
  });
});

describe('the path', () => {
  afterEach(() => {
    delete process.env.STATEFUL_MCP_PATH;
  });

  test('is that of the environment, unless an option says another one', async () => {
    process.env.STATEFUL_MCP_PATH = '/tools/mcp';
    expect((await handlerWith().fetch(probe(PING, {}, '/tools/mcp'))).status).toBe(200);
    expect((await handlerWith().fetch(probe())).status).toBe(404);
    expect((await handlerWith({ path: '/mcp' }).fetch(probe())).status).toBe(200);
  });

  test('is where serve() says that it listens', async () => {
    process.env.STATEFUL_MCP_PATH = '/tools/mcp';
    await using listener = await serve(() => new McpServer({ name: 's', version: '1' }), {
      host: '127.0.0.1',
      port: 0,
      handleSignals: false,
      logLevel: 'silent',
    });
    expect(new URL(listener.url).pathname).toBe('/tools/mcp');
  });

  test.each(['mcp', 'tools/mcp', '', '/mcp?a', '/ping', '/ping/', '/warmup', '/warmup/', '/a b'])(
    'may not be %j',
    path => {
      expect(() => handlerWith({ path })).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }) as Error);
    },
  );

  test('may be the root', async () => {
    expect((await handlerWith({ path: '/' }).fetch(probe(PING, {}, '/'))).status).toBe(200);
  });
});
