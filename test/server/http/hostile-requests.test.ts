import { once } from 'node:events';
import { connect } from 'node:net';
import { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { interactive, serve, type LogEntry, type McpListener } from 'stateful-mcp-server';
import { INITIALIZE, JSON_HEADERS, messagesOf } from '../kit';

const PING = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
const TYPES = 'Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n';
const SIZED = `${TYPES}Content-Length: ${PING.length}\r\n\r\n${PING}`;
const CHUNKS = `${PING.length.toString(16)}\r\n${PING}\r\n0\r\n\r\n`;
const USER = 'x-amzn-bedrock-agentcore-runtime-user-id';

let listener: McpListener;
let log: LogEntry[];
beforeEach(async () => {
  log = [];
  listener = await serve(
    () => {
      const server = new McpServer({ name: 'target', version: '1.0.0' });
      server.registerTool(
        'echo',
        { inputSchema: z.looseObject({}) },
        interactive(args => Promise.resolve({ content: [{ type: 'text', text: JSON.stringify(args) }] })),
      );
      return server;
    },
    {
      host: '127.0.0.1',
      port: 0,
      handleSignals: false,
      drainTimeoutMs: 0,
      principal: 'platform-user',
      log: entry => log.push(entry),
    },
  );
});
afterEach(() => listener.close());

/** The status codes that come over one connection until it closes, or nothing came for a while. */
async function statuses(bytes: string): Promise<number[]> {
  const socket = connect(listener.port, '127.0.0.1').on('error', () => undefined);
  let received = '';
  const silence = setTimeout(() => socket.destroy(), 1000);
  socket.setEncoding('latin1').on('data', text => {
    received += String(text);
    silence.refresh();
  });
  socket.write(bytes, 'latin1');
  await once(socket, 'close');
  clearTimeout(silence);
  return [...received.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => Number(status));
}

const HOST = 'Host: localhost\r\n';

test.each<[string, string, string, number]>([
  ['its own name', 'http://localhost/mcp', HOST, 200],
  ['its own name beside another host', 'http://127.0.0.1:1/mcp', 'Host: evil.example\r\n', 200],
  ['another name', 'http://evil.example/mcp', HOST, 403],
  ['another name behind a user', 'http://localhost@evil.example/mcp', HOST, 400],
  ['its own name behind a password', 'http://:a@localhost/mcp', HOST, 400],
  ['a user in `Host`', '/mcp', 'Host: user@localhost\r\n', 400],
  ['no name', 'http:///mcp', HOST, 400],
  ['a name without a scheme', '//evil.example/mcp', HOST, 404],
  ['another name further on', '/mcp?next=http://evil.example/', HOST, 200],
])('the host of a target stands for `Host`: %s', async (_name, target, host, status) => {
  expect(await statuses(`POST ${target} HTTP/1.1\r\n${host}Connection: close\r\n${SIZED}`)).toEqual([status]);
});

test.each<[string, string, number]>([
  ['a coding that is not undone', `Transfer-Encoding: gzip, chunked\r\n${TYPES}\r\n${CHUNKS}`, 501],
  ['a length beside chunks', `Transfer-Encoding: chunked\r\n${SIZED}`, 400],
  ['a space before the colon', `Transfer-Encoding : chunked\r\n${TYPES}\r\n${CHUNKS}`, 400],
  ['a folded line', `X-A: 1\r\n X-B: 2\r\n${SIZED}`, 400],
  ['two hosts', `Host: evil.example\r\nConnection: close\r\n${SIZED}`, 403],
])('nothing is heard behind %s', async (_name, rest, status) => {
  const next = `POST /mcp HTTP/1.1\r\n${HOST}${SIZED}`;
  expect(await statuses(`POST /mcp HTTP/1.1\r\n${HOST}${rest}${next}`)).toEqual([status]);
});

async function post(body: string, headers: Record<string, string>): Promise<Response> {
  return fetch(listener.url, { method: 'POST', headers: { ...JSON_HEADERS, ...headers }, body });
}

async function sessionOf(user: string): Promise<string> {
  const response = await post(JSON.stringify(INITIALIZE), { [USER]: user });
  await response.text();
  return response.headers.get('mcp-session-id')!;
}

test('a session is found by its id and user alone, letter by letter', async () => {
  const id = await sessionOf('ana');
  const others: Record<string, string>[] = [
    { 'mcp-session-id': id, [USER]: 'bob' },
    { 'mcp-session-id': id },
    { 'mcp-session-id': id, [USER]: 'Ana' },
    { 'mcp-session-id': id, [USER]: 'ana","' },
    { 'mcp-session-id': id, [USER]: 'ana, ana' },
    { 'mcp-session-id': id.toUpperCase(), [USER]: 'ana' },
    { 'mcp-session-id': id.replace('-', '%2D'), [USER]: 'ana' },
    { 'mcp-session-id': `${id}%20`, [USER]: 'ana' },
    { 'mcp-session-id': `${id}\u00a0`, [USER]: 'ana' },
    { 'mcp-session-id': `"${id}"`, [USER]: 'ana' },
    { 'mcp-session-id': `${id}, ${id}`, [USER]: 'ana' },
    { 'mcp-session-id': id + 'a'.repeat(10_000), [USER]: 'ana' },
    { 'mcp-session-id': '__proto__', [USER]: 'ana' },
    { 'mcp-session-id': 'constructor', [USER]: 'ana' },
  ];
  for (const headers of others) {
    expect((await post(PING, headers)).status).toBe(404);
  }
  expect((await post(JSON.stringify(INITIALIZE), { 'mcp-session-id': id, [USER]: 'eve' })).status).toBe(404);
  expect((await post(PING, { 'mcp-session-id': id, [USER]: 'ana' })).status).toBe(200);
});

test.each<[string, string, unknown]>([
  ['a prototype', '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}', undefined],
  ['no number of JSON', '{"n":1e999}', { n: null }],
  ['a negative zero', '{"n":-0}', { n: 0 }],
  ['a key twice', '{"a":1,"a":2}', { a: 2 }],
  ['a lone surrogate', '{"s":"\\ud800"}', { s: '\ud800' }],
  ['NUL', '{"s":"\\u0000"}', { s: '\0' }],
])('arguments with %s harm nobody', async (_name, args, expected) => {
  const sessionId = await sessionOf('ana');
  const body = `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"echo","arguments":${args}}}`;
  const [{ result }] = (await messagesOf(await post(body, { 'mcp-session-id': sessionId, [USER]: 'ana' }))) as [
    { result: { content: [{ text: string }] } },
  ];
  if (expected !== undefined) {
    expect(JSON.parse(result.content[0].text)).toEqual(expected);
  }
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test('no field of a request forges a line of the log, or fills it', async () => {
  const sessionId = await sessionOf('ana');
  const FORGED = '\\n{\\"level\\":\\"error\\"}\\u001b[2J\\u0085\\u009b31m\\u202e\\u2028\\u0000';
  const bodies = [
    `{"jsonrpc":"2.0","id":"i${FORGED}","method":"ping"}`,
    `{"jsonrpc":"2.0","id":2,"method":"m${FORGED}"}`,
    `{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"t${FORGED}"}}`,
    `{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"${'x'.repeat(100_000)}"}}`,
    `{"jsonrpc":"2.0","id":"${'x'.repeat(100_000)}","method":"ping"}`,
  ];
  for (const body of bodies) {
    await (await post(body, { 'mcp-session-id': sessionId, [USER]: 'ana' })).text();
  }
  await (await post(PING, { 'mcp-session-id': 'x\u009b31m'.repeat(1000), [USER]: 'ana' })).text();
  expect(log.filter(({ event }) => event === 'request').length).toBeGreaterThan(bodies.length);
  for (const entry of log) {
    const texts = Object.values(entry).filter(value => typeof value === 'string');
    expect(texts.filter(text => /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(text))).toEqual([]);
    expect(JSON.stringify(entry).length).toBeLessThan(20_000);
  }
});

test.each(['POST /mcp HTTP/1.1', 'POST /mcp HTTP/1.0'])(
  '%s with `Connection: close` ends its connection',
  async line => {
    const url = `http://127.0.0.1:${listener.port}/mcp`;
    const opened = await fetch(url, { method: 'POST', headers: JSON_HEADERS, body: JSON.stringify(INITIALIZE) });
    await opened.text();
    const socket = connect(listener.port, '127.0.0.1');
    let received = '';
    socket.setEncoding('latin1').on('data', text => (received += String(text)));
    const session = `Mcp-Session-Id: ${opened.headers.get('mcp-session-id')}\r\n`;
    socket.write(`${line}\r\nHost: 127.0.0.1\r\nConnection: close\r\n${session}${SIZED}`);
    await once(socket, 'close');
    expect(received).toMatch(/^connection: close\r$/im);
    expect(received).not.toMatch(/^connection: keep-alive\r$/im);
    expect(received).toContain('"result":{}');
  },
);
