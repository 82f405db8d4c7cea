import { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { createMcpFetchHandler, interactive, type FetchHandlerOptions } from 'stateful-mcp-server';
import {
  echo,
  INITIALIZE,
  initialize,
  JSON_HEADERS,
  closeKits,
  messagesOf,
  modernCall,
  modernRequest,
  openKit,
  post,
  URL_OF_KIT,
} from './kit';

afterEach(closeKits);

const EMPTY = z.object({});

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
