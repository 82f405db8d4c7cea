import { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';
import {
  createMcpFetchHandler,
  interactive,
  requestStateOf,
  type FetchHandlerOptions,
  type McpServerFactory,
} from 'stateful-mcp-server';
import {
  INITIALIZE,
  initialize,
  JSON_HEADERS,
  closeKits,
  messagesOf,
  modernCall,
  type ModernAnswer,
  modernRequest,
  openKit,
  post,
  URL_OF_KIT,
} from './kit';

afterEach(closeKits);

const EMPTY = z.object({});

function echo(server: McpServer): void {
  server.registerTool('echo', { description: 'Answers.', inputSchema: EMPTY }, () => ({
    content: [{ type: 'text', text: 'ok' }],
  }));
}

describe('ping', () => {
  test.each([[null], [undefined], [{}]])('is answered without a session, with params %p', async params => {
    const response = await post(openKit(echo), { jsonrpc: '2.0', id: 'p', method: 'ping', params });
    expect({ status: response.status, body: (await response.json()) as unknown }).toEqual({
      status: 200,
      body: { jsonrpc: '2.0', id: 'p', result: {} },
    });
  });

  test('is answered in a session, with null params', async () => {
    const kit = openKit(echo);
    const response = await post(
      kit,
      { jsonrpc: '2.0', id: 5, method: 'ping', params: null },
      { 'mcp-session-id': await initialize(kit) },
    );
    expect(await messagesOf(response)).toEqual([{ jsonrpc: '2.0', id: 5, result: {} }]);
  });

  test('is not answered for a session that is gone: its client has to know', async () => {
    expect(
      (await post(openKit(echo), { jsonrpc: '2.0', id: 5, method: 'ping' }, { 'mcp-session-id': 'gone' })).status,
    ).toBe(404);
  });
});

test('reports health, and that it is busy while a call is open', async () => {
  let finish: (() => void) | undefined;
  const working = new Promise<void>(resolve => {
    finish = resolve;
  });
  const kit = openKit(server => {
    server.registerTool('work', { description: 'Works.', inputSchema: EMPTY }, async () => {
      await working;
      return { content: [] };
    });
  });
  const health = async () => (await (await kit.fetch('http://kit.test/ping')).json()) as unknown;
  expect(await health()).toEqual({ status: 'Healthy' });
  const call = modernCall(kit, { name: 'work' });
  while (kit.handler.openCallCount === 0) {
    await new Promise(resolve => setImmediate(resolve));
  }
  expect(await health()).toEqual({ status: 'HealthyBusy' });
  finish!();
  await call;
  expect(await health()).toEqual({ status: 'Healthy' });
});

test.each(['/mcp', '/mcp/'])('serves %s', async path => {
  const kit = openKit(echo);
  expect(
    (
      await kit.fetch(`http://kit.test${path}`, {
        method: 'POST',
        headers: JSON_HEADERS,
        body: JSON.stringify(INITIALIZE),
      })
    ).status,
  ).toBe(200);
});

test('ends its sessions with the block of an `await using`', async () => {
  const kit = openKit(() => undefined);
  {
    await using handler = kit.handler;
    await initialize(kit);
    expect(handler.sessionCount).toBe(1);
  }
  expect(kit.handler.sessionCount).toBe(0);
});

test('serves another path when told to, and answers 404 elsewhere', async () => {
  const kit = openKit(echo, { path: '/tools/mcp/' });
  const status = async (path: string) =>
    (
      await kit.fetch(`http://kit.test${path}`, {
        method: 'POST',
        headers: JSON_HEADERS,
        body: JSON.stringify(INITIALIZE),
      })
    ).status;
  expect([await status('/tools/mcp'), await status('/mcp'), await status('/')]).toEqual([200, 404, 404]);
});

test.each<[string, RequestInit & { duplex?: 'half' }, number, number]>([
  ['no JSON', { body: '{' }, 400, -32700],
  ['another content type', { body: '{}', headers: { ...JSON_HEADERS, 'content-type': 'text/plain' } }, 415, -32000],
  ['a large body', { body: JSON.stringify({ ...INITIALIZE, padding: 'x'.repeat(1000) }) }, 413, -32000],
  [
    'a large body of unknown length',
    { body: new Blob([JSON.stringify({ ...INITIALIZE, padding: 'x'.repeat(1000) })]).stream(), duplex: 'half' },
    413,
    -32000,
  ],
])('refuses a request with %s', async (_name, init, status, code) => {
  const kit = openKit(echo, { maxRequestBodySize: 500 });
  const response = await kit.fetch(URL_OF_KIT, { method: 'POST', headers: JSON_HEADERS, ...init });
  expect({ status: response.status, body: (await response.json()) as unknown }).toMatchObject({
    status,
    body: { error: { code } },
  });
});

test('opens the stream of a silent modern call before anybody gives up on it, and keeps it alive', async () => {
  let finish: (() => void) | undefined;
  const working = new Promise<void>(resolve => {
    finish = resolve;
  });
  const kit = openKit(
    server => {
      server.registerTool('work', { description: 'Works in silence.', inputSchema: EMPTY }, async () => {
        await working;
        return { content: [{ type: 'text', text: 'at last' }] };
      });
    },
    { keepAliveMs: 10 },
  );
  const response = await kit.fetch(URL_OF_KIT, modernRequest({ name: 'work' }));
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const reader = response.body!.getReader();
  let text = '';
  while (text.split(': keepalive').length < 4) {
    text += new TextDecoder().decode((await reader.read()).value);
  }
  finish!();
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    text += new TextDecoder().decode(chunk.value);
  }
  expect(text).toMatch(/^(: keepalive\n\n)+event: message\ndata: \{.*"at last".*\}\n\n$/);
  expect(kit.handler.openCallCount).toBe(0);
});

test('cancels a silent modern call when its client goes away', async () => {
  let aborted: (() => void) | undefined;
  const gone = new Promise<void>(resolve => {
    aborted = resolve;
  });
  const kit = openKit(
    server => {
      server.registerTool(
        'work',
        { description: 'Works in silence.', inputSchema: EMPTY },
        interactive(async (_args, io) => {
          await new Promise<void>(resolve => io.signal.addEventListener('abort', () => resolve()));
          aborted!();
          return { content: [] };
        }),
      );
    },
    { keepAliveMs: 10 },
  );
  const response = await kit.fetch(URL_OF_KIT, modernRequest({ name: 'work' }));
  await response.body!.cancel();
  await gone;
  expect(kit.handler.openCallCount).toBe(0);
});

describe('shutting down', () => {
  test('refuses new calls, lets an open one finish with the answer of its user, and ends its sessions', async () => {
    const kit = openKit(server => {
      echo(server);
      server.registerTool(
        'ask',
        { description: 'Asks.', inputSchema: EMPTY },
        interactive(async (_args, io) => ({
          content: [{ type: 'text', text: (await io.elicit('Well?', z.object({ a: z.string() }))).action }],
        })),
      );
    });
    const initialized = await post(kit, {
      ...INITIALIZE,
      params: { ...INITIALIZE.params, capabilities: { elicitation: {} } },
    });
    const session = { 'mcp-session-id': initialized.headers.get('mcp-session-id')! };
    const call = await post(
      kit,
      { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'ask', arguments: {} } },
      session,
    );
    while (kit.handler.openCallCount === 0) {
      await new Promise(resolve => setImmediate(resolve));
    }

    const closing = kit.handler.close({ drainTimeoutMs: 5000 });
    const refused = await post(kit, { jsonrpc: '2.0', id: 8, method: 'tools/list' }, session);
    expect({ status: refused.status, body: (await refused.json()) as unknown }).toMatchObject({
      status: 503,
      body: { id: 8 },
    });
    expect((await post(kit, { jsonrpc: '2.0', id: 0, result: { action: 'decline' } }, session)).status).toBe(202);
    await closing;
    expect(JSON.stringify(await messagesOf(call))).toContain('decline');
    expect(kit.handler.sessionCount).toBe(0);
    expect((await post(kit, INITIALIZE)).status).toBe(503);
  });

  test.each(['replay', 'park'] as const)('lets the next rounds of a conversation through: %s', async modernMode => {
    const ANSWER = z.object({ a: z.string() });
    const kit = openKit(server => {
      for (const [name, mode] of [['ask', modernMode] as const, ['parked', 'park'] as const]) {
        server.registerTool(
          name,
          { description: 'Asks.', inputSchema: EMPTY },
          interactive(
            async (_args, io) => {
              const answers = [await io.elicit('One?', ANSWER), await io.elicit('Two?', ANSWER)];
              return { content: [{ type: 'text', text: answers.map(({ action }) => action).join() }] };
            },
            { modernMode: mode },
          ),
        );
      }
    });
    const first = await modernCall(kit, { name: 'ask' });
    // Keeps the drain going, which a replayed conversation does not.
    const parked = await modernCall(kit, { name: 'parked' });
    const closing = kit.handler.close({ drainTimeoutMs: 5000 });
    expect((await modernCall(kit, { name: 'ask' })).status).toBe(503);

    const round = ({ result }: ModernAnswer, name: string, key: string) =>
      modernCall(kit, {
        name,
        requestState: result!.requestState,
        inputResponses: { [key]: { action: 'decline' } },
      });
    const last = await round(await round(first, 'ask', 'q0'), 'ask', 'q1');
    expect(last).toMatchObject({ status: 200, result: { content: [{ text: 'decline,decline' }] } });
    await round(await round(parked, 'parked', 'q0'), 'parked', 'q1');
    await closing;
    expect((await round(first, 'ask', 'q0')).status).toBe(503);
  });

  test('does not wait beyond the drain timeout', async () => {
    const kit = openKit(server => {
      server.registerTool(
        'hang',
        { description: 'Never ends.', inputSchema: EMPTY },
        () => new Promise<never>(() => undefined),
      );
    });
    const session = { 'mcp-session-id': await initialize(kit) };
    const call = await post(
      kit,
      { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'hang', arguments: {} } },
      session,
    );
    await kit.handler.close({ drainTimeoutMs: 20 });
    expect((await messagesOf(call)).length).toBe(0);
    expect(kit.handler.openCallCount).toBe(0);
  });
});

describe('a factory', () => {
  function handlerOf(factory: McpServerFactory) {
    const log: unknown[] = [];
    return {
      log,
      handler: createMcpFetchHandler(factory, {
        log: ({ event, ...entry }) => {
          if (event === 'request-failed') {
            log.push({ event, ...entry });
          }
        },
      }),
    };
  }

  test.each<[string, McpServerFactory]>([
    [
      'that throws',
      () => {
        throw new Error('no database');
      },
    ],
    ['that gives something else', () => ({}) as McpServer],
  ])('%s: 500 to the client, the reason in the log, in both eras', async (_name, factory) => {
    const { log, handler } = handlerOf(factory);
    const legacy = await handler.fetch(
      new Request(URL_OF_KIT, { method: 'POST', headers: JSON_HEADERS, body: JSON.stringify(INITIALIZE) }),
    );
    const modern = await handler.fetch(new Request(URL_OF_KIT, modernRequest({ name: 'echo' })));
    expect([legacy.status, modern.status]).toEqual([500, 500]);
    expect(await legacy.json()).toEqual({
      jsonrpc: '2.0',
      id: 0,
      error: { code: -32603, message: 'Internal server error' },
    });
    expect(log).toEqual(
      [1, 2].map(
        () =>
          expect.objectContaining({
            event: 'request-failed',
            message: expect.stringMatching(/no database|the factory must return a `McpServer`/) as string,
          }) as unknown,
      ),
    );
  });

  test('that gives the same server twice is told to make a new one', async () => {
    const server = new McpServer({ name: 'one', version: '1.0.0' });
    const { log, handler } = handlerOf(() => server);
    const open = async () =>
      (
        await handler.fetch(
          new Request(URL_OF_KIT, { method: 'POST', headers: JSON_HEADERS, body: JSON.stringify(INITIALIZE) }),
        )
      ).status;
    expect([await open(), await open()]).toEqual([200, 500]);
    expect(log).toEqual([
      expect.objectContaining({
        message: expect.stringContaining('that is in use: make a new one in every call') as string,
      }),
    ]);
    await handler.close();
  });

  test('is told the era and who asks', async () => {
    const contexts: unknown[] = [];
    const { handler } = handlerOf(({ era, authInfo, requestInfo }) => {
      contexts.push([era, authInfo?.clientId, requestInfo?.headers.get('x-test')]);
      const server = new McpServer({ name: 'one', version: '1.0.0' });
      echo(server);
      return server;
    });
    const authInfo = { token: 't', clientId: 'me', scopes: [] };
    const legacy = { method: 'POST', headers: { ...JSON_HEADERS, 'x-test': 'a' }, body: JSON.stringify(INITIALIZE) };
    await handler.fetch(new Request(URL_OF_KIT, legacy), { authInfo });
    await handler.fetch(new Request(URL_OF_KIT, modernRequest({ name: 'echo' })));
    expect(contexts).toEqual([
      ['legacy', 'me', 'a'],
      ['modern', undefined, null],
    ]);
    await handler.close();
  });
});

describe('rounds written by hand', () => {
  test('carry a state of the kit', async () => {
    const kit = openKit(server => {
      server.registerTool('rounds', { description: 'Counts rounds.', inputSchema: EMPTY }, (_args, ctx) => {
        const state = requestStateOf(ctx);
        const round = (state.read() as number | undefined) ?? 0;
        return round === 2
          ? { content: [{ type: 'text', text: 'third round' }] }
          : {
              resultType: 'input_required',
              inputRequests: { q: { method: 'roots/list' } },
              requestState: state.mint(round + 1),
            };
      });
    });
    const call = { name: 'rounds', capabilities: { roots: {} } };
    const first = await modernCall(kit, call);
    const second = await modernCall(kit, { ...call, requestState: first.result!.requestState });
    const third = await modernCall(kit, { ...call, requestState: second.result!.requestState });
    expect(third.result!.content).toEqual([{ type: 'text', text: 'third round' }]);
  });

  test('can carry a state of their own, when the kit is told to leave it alone', async () => {
    const register = (server: McpServer): void => {
      server.registerTool('own', { description: 'Shows its state.', inputSchema: EMPTY }, (_args, ctx) => ({
        content: [{ type: 'text', text: String(ctx.mcpReq.requestState()) }],
      }));
      server.registerTool(
        'ask',
        { description: 'Asks.', inputSchema: EMPTY },
        interactive(async (_args, io) => ({
          content: [{ type: 'text', text: (await io.elicit('Well?', z.object({ a: z.string() }))).action }],
        })),
      );
    };
    const kit = openKit(register, { verifyRequestState: false });
    expect((await modernCall(kit, { name: 'own', requestState: 'mine' })).result!.content![0]!.text).toBe('mine');
    expect((await modernCall(openKit(register), { name: 'own', requestState: 'mine' })).error).toMatchObject({
      code: -32602,
    });
    expect((await modernCall(kit, { name: 'ask', requestState: 'mine' })).result).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('the `requestState` is refused') as string }],
    });
  });

  test('are told that the legacy era has no state', async () => {
    const kit = openKit(server => {
      server.registerTool('state', { description: 'Reads its state.', inputSchema: EMPTY }, (_args, ctx) => ({
        content: [{ type: 'text', text: String(requestStateOf(ctx).read()) }],
      }));
    });
    const response = await post(
      kit,
      { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'state', arguments: {} } },
      { 'mcp-session-id': await initialize(kit) },
    );
    expect(JSON.stringify(await messagesOf(response))).toContain('a request of the legacy era has no request state');
  });
});

test.each<[string, FetchHandlerOptions]>([
  ['keepAliveMs', { keepAliveMs: 15_001 }],
  ['keepAliveMs', { keepAliveMs: 0 }],
  ['sessionIdleTimeoutMs', { sessionIdleTimeoutMs: -1 }],
  ['sessionIdleTimeoutMs', { sessionIdleTimeoutMs: Number.POSITIVE_INFINITY }],
  ['sessionMaxLifetimeMs', { sessionMaxLifetimeMs: 0 }],
  ['maxSessions', { maxSessions: 0 }],
  ['principal', { principal: 'somebody' as 'platform-user' }],
  ['maxRequestBodySize', { maxRequestBodySize: Number.NaN }],
])('refuses a bad %s', (option, options) => {
  expect(() => createMcpFetchHandler(() => new McpServer({ name: 'x', version: '1' }), options)).toThrow(
    expect.objectContaining({
      code: 'ERR_INVALID_OPTION',
      message: expect.stringContaining(`\`${option}\``) as string,
    }) as Error,
  );
});
