import { setTimeout as pause } from 'node:timers/promises';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { type ChildServer } from '../../server/child-server';
import { INITIALIZE, JSON_HEADERS, messagesOf, modernRequest } from '../../server/kit';
import { bridge, call, endBridges, installBridge, post, removeBridge, sessionOf } from './bridge';

beforeAll(installBridge);
afterEach(endBridges);
afterAll(removeBridge);

describe('over HTTP', () => {
  let server: ChildServer;
  beforeEach(async () => {
    server = await bridge();
  });

  test('the id of the platform is adopted, and one that it could not give back is not', async () => {
    const platform = 'a1b2c3d4-e5f6-7890-abcd-ef1234567890';
    expect(await sessionOf(server.url, { 'mcp-session-id': platform })).toEqual({ 'mcp-session-id': platform });
    const { 'mcp-session-id': other = '' } = await sessionOf(server.url, { 'mcp-session-id': 'no such id' });
    expect(other).toMatch(/^[\da-f-]{36}$/);
    const again = await post(server.url, INITIALIZE, { 'mcp-session-id': platform });
    expect([again.status, await again.json()]).toMatchObject([400, { error: { code: -32600 } }]);
  });

  test('the platform asks how it is', async () => {
    const ping = { jsonrpc: '2.0', id: 7, method: 'ping', params: null };
    expect(await (await post(server.url, ping)).json()).toEqual({ jsonrpc: '2.0', id: 7, result: {} });
    const health = new URL('/ping', server.url);
    expect(await (await fetch(health)).json()).toEqual({ status: 'Healthy' });
    const waiting = await post(server.url, call('wait'), await sessionOf(server.url));
    expect(await (await fetch(health)).json()).toEqual({ status: 'HealthyBusy' });
    await waiting.body?.cancel();
  });

  test.each<[string, number, (url: string) => Promise<Response>]>([
    ['no JSON', 400, url => post(url, '{')],
    ['what is nested too deep', 400, url => post(url, `${'['.repeat(200_000)}`)],
    ['no message', 400, url => post(url, { hello: 'world' })],
    ['an empty batch', 400, url => post(url, [])],
    ['another version of JSON-RPC', 400, url => post(url, { ...call('pid'), jsonrpc: '1.0' })],
    ['initialize in a batch', 400, url => post(url, [INITIALIZE])],
    ['initialize without an id', 400, url => post(url, { ...INITIALIZE, id: null })],
    ['a call without a session', 400, url => post(url, call('pid'))],
    ['a session that is not there', 404, url => post(url, call('pid'), { 'mcp-session-id': 'x' })],
    ['a stream of no session', 400, url => fetch(url, { headers: { accept: 'text/event-stream' } })],
    ['the end of no session', 404, url => fetch(url, { method: 'DELETE', headers: { 'mcp-session-id': 'x' } })],
    ['another type', 415, url => post(url, '{}', { 'content-type': 'text/plain' })],
    ['a client that takes no stream', 406, url => post(url, INITIALIZE, { accept: 'application/json' })],
    ['a body that is too large', 413, url => post(url, JSON.stringify('x'.repeat(5 << 20)))],
    ['another method', 405, url => fetch(url, { method: 'PUT', body: '{}' })],
    ['another path', 404, url => fetch(`${url}/other`)],
    ['a page of somebody else', 403, url => post(url, INITIALIZE, { origin: 'https://example.com' })],
  ])('%s is refused', async (_case, status, request) => {
    const response = await request(server.url);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ jsonrpc: '2.0', error: { code: expect.any(Number) as number } });
  });

  test('an id that is being worked on is refused, and `1` is not "1"', async () => {
    const session = await sessionOf(server.url);
    const waiting = await post(server.url, call('wait', 1), session);
    expect((await post(server.url, call('pid', 1), session)).status).toBe(400);
    expect(await messagesOf(await post(server.url, call('pid', '1'), session))).toMatchObject([{ id: '1' }]);
    await waiting.body?.cancel();
  });

  test('a batch shares a stream', async () => {
    const session = await sessionOf(server.url);
    const messages = await messagesOf(await post(server.url, [call('pid', 1), call('cancelled', 2)], session));
    expect(messages.map(({ id }) => id).sort()).toEqual([1, 2]);
  });

  test('a client whose connection broke reads on where it was', async () => {
    const session = await sessionOf(server.url);
    const abort = new AbortController();
    const steps = {
      ...call('steps', 1, { name: 'a' }),
      params: { name: 'steps', arguments: { name: 'a' }, _meta: { progressToken: 1 } },
    };
    const response = await fetch(server.url, {
      method: 'POST',
      headers: { ...JSON_HEADERS, ...session },
      body: JSON.stringify(steps),
      signal: abort.signal,
    });
    const first = await response.body?.getReader().read();
    const [, id = ''] = /^id: (\d+)$/m.exec(Buffer.from(first?.value ?? []).toString()) ?? [];
    abort.abort();
    const rest = async (): Promise<Response> =>
      await fetch(server.url, { headers: { accept: 'text/event-stream', 'last-event-id': id, ...session } });
    let resumed = await rest();
    while (resumed.status === 409) {
      await pause(10);
      resumed = await rest();
    }
    const messages = await messagesOf(resumed);
    expect(messages.at(-1)).toMatchObject({ id: 1, result: { content: [{ text: 'a' }] } });
    const unknown = await fetch(server.url, {
      headers: { accept: 'text/event-stream', 'last-event-id': '99999', ...session },
    });
    expect(unknown.status).toBe(400);
  });

  test('a second stream of a session is refused', async () => {
    const session = await sessionOf(server.url);
    const headers = { accept: 'text/event-stream', ...session };
    const abort = new AbortController();
    expect((await fetch(server.url, { headers, signal: abort.signal })).status).toBe(200);
    expect((await fetch(server.url, { headers })).status).toBe(409);
    abort.abort();
    let again = await fetch(server.url, { headers });
    while (again.status === 409) {
      await pause(10);
      again = await fetch(server.url, { headers });
    }
    expect(again.status).toBe(200);
    await again.body?.cancel();
  });

  test('no more sessions are opened than there may be processes', async () => {
    server = await bridge({ SCRIPT: 'bin/silent' });
    const started = await Promise.all(Array.from({ length: 101 }, () => post(server.url, INITIALIZE)));
    const statuses = started.map(({ status }) => status).sort();
    expect([statuses.filter(status => status === 200).length, statuses.at(-1)]).toEqual([100, 503]);
    for (const response of started) {
      await response.body?.cancel();
    }
  });

  test('a modern client is told which protocol is spoken', async () => {
    const response = await fetch(server.url, modernRequest({ name: 'pid' }));
    expect({ status: response.status, body: (await response.json()) as unknown }).toEqual({
      status: 400,
      body: {
        jsonrpc: '2.0',
        id: 1,
        error: {
          code: -32000,
          message: 'Bad Request: this server speaks protocol 2025-11-25 and before; start a session with `initialize`',
        },
      },
    });
  });

  test('a client of both eras goes on with the legacy one', async () => {
    const client = new Client({ name: 'auto', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } });
    await client.connect(new StreamableHTTPClientTransport(new URL(server.url)));
    expect(client.getProtocolEra()).toBe('legacy');
    await client.close();
  });
});
