import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { McpServer } from '@modelcontextprotocol/server';
import { interactive, serve, type McpListener, type ServeOptions } from 'stateful-mcp-server';
import { closeKits, INITIALIZE, initialize, JSON_HEADERS, openKit, post } from '../kit';

const listeners: McpListener[] = [];
afterEach(closeKits);
afterEach(async () => {
  await Promise.all(listeners.splice(0).map(listener => listener.close()));
});

async function open(options: ServeOptions = {}): Promise<string> {
  const listener = await serve(() => new McpServer({ name: 's', version: '1' }), {
    host: '127.0.0.1',
    port: 0,
    handleSignals: false,
    logLevel: 'silent',
    ...options,
  });
  listeners.push(listener);
  return listener.url;
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
}

function send(url: string, method: string, headers: Record<string, string> = {}, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers, agent: false }, response => {
      response.resume().on('end', () => resolve({ status: response.statusCode, headers: response.headers }));
    });
    request.on('error', reject).end(body);
  });
}

describe('Accept', () => {
  const list = { jsonrpc: '2.0', id: 5, method: 'ping' };
  test.each([
    ['*/*', 200],
    ['application/*, text/*', 200],
    ['Application/JSON, Text/Event-Stream', 200],
    ['text/event-stream;q=0.9,application/json;q=1.0,*/*;q=0.1', 200],
    ['text/event-stream; charset=utf-8, application/json', 200],
    ['application/jsonx, text/event-stream-bogus', 406],
    ['application/json', 406],
    ['application/json, text/event-stream;q=0', 406],
    ['*/*, text/event-stream; Q=0.0', 406],
  ])('%s gets %d', async (accept, status) => {
    const kit = openKit(() => undefined);
    const id = await initialize(kit);
    expect((await post(kit, list, { 'mcp-session-id': id, accept })).status).toBe(status);
  });
});

test.each(['PUT', 'PATCH', 'HEAD', 'TRACE', 'PROPFIND'])('answers %s with 405 and what is allowed', async method => {
  expect(await send(await open(), method)).toMatchObject({ status: 405, headers: { allow: 'GET, POST, DELETE' } });
});

test('tells of the health to GET and HEAD alone', async () => {
  const ping = new URL('/ping', await open()).href;
  const statuses = await Promise.all(['GET', 'HEAD', 'POST'].map(method => send(ping, method)));
  expect(statuses.map(({ status }) => status)).toEqual([200, 200, 405]);
});

describe('a web page', () => {
  const PREFLIGHT = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'mcp-session-id' };
  test.each<[string, ServeOptions, string, boolean]>([
    ['of this machine', {}, 'http://localhost:6274', true],
    ['of this machine, IPv6', {}, 'http://[::1]:3000', true],
    ['of somebody else', {}, 'https://evil.example', false],
    ['without an origin of its own', {}, 'null', false],
    ['of this machine, on every address', { host: '0.0.0.0' }, 'http://localhost:6274', false],
    ['that is allowed', { host: '0.0.0.0', allowedOrigins: ['https://chat.example'] }, 'https://chat.example', true],
    ['of another port', { host: '0.0.0.0', allowedOrigins: ['https://chat.example'] }, 'https://chat.example:8', false],
  ])('%s', async (_name, options, origin, allowed) => {
    const url = await open(options);
    const preflight = await send(url, 'OPTIONS', { origin, ...PREFLIGHT });
    const answer = await send(url, 'POST', { ...JSON_HEADERS, origin }, JSON.stringify(INITIALIZE));
    const refused = await send(url, 'PUT', { origin });
    expect([preflight.status, answer.status, refused.status]).toEqual(allowed ? [204, 200, 405] : [403, 403, 403]);
    for (const { headers } of [preflight, answer, refused]) {
      expect(headers['access-control-allow-origin']).toBe(allowed ? origin : undefined);
      expect(headers.vary).toBe('Origin');
    }
    expect(preflight.headers['access-control-allow-headers']).toBe(allowed ? 'mcp-session-id' : undefined);
    expect(answer.headers['access-control-expose-headers'] ?? '').toMatch(allowed ? /mcp-session-id/i : /^$/);
  });

  test('is told what it may send, and no more than it asks for; only a preflight is one', async () => {
    const url = await open();
    const origin = 'http://localhost:6274';
    const told = (asked: Record<string, string>, verb = 'OPTIONS'): Promise<unknown[]> =>
      send(url, verb, { origin, ...asked }).then(({ status, headers }) => [
        status,
        headers['access-control-allow-methods'],
        headers['access-control-allow-headers'],
        headers['access-control-allow-private-network'],
        headers['access-control-max-age'],
      ]);
    const method = { 'access-control-request-method': 'DELETE' };
    const network = { 'access-control-request-private-network': 'true' };
    expect(await told(method)).toEqual([204, 'GET, POST, DELETE', undefined, undefined, '7200']);
    expect(await told({ ...method, ...network })).toEqual([204, 'GET, POST, DELETE', undefined, 'true', '7200']);
    const nothing = [undefined, undefined, undefined, undefined];
    expect(await told(network)).toEqual([204, ...nothing]);
    expect(await told(method, 'PUT')).toEqual([405, ...nothing]);
  });

  test.each(['*', 'chat.example', 'https://chat.example/'])('cannot be allowed by %j', async origin => {
    await expect(open({ allowedOrigins: [origin] })).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' });
  });
});

test.each([5, 12])('gives its answer to a client that is still sending %d MB', async megabytes => {
  const url = await open();
  const body = 'x'.repeat(megabytes * 1024 * 1024);
  for (let i = 0; i < 5; i += 1) {
    expect((await send(url, 'POST', JSON_HEADERS, body)).status).toBe(413);
  }
  const foreign = { ...JSON_HEADERS, origin: 'https://evil.example' };
  expect((await send(url, 'POST', foreign, body)).status).toBe(403);
});

describe('times', () => {
  const BAD = [Infinity, NaN, 0, -1, 30 * 24 * 3600 * 1000, '5' as unknown as number];
  test.each(BAD)('answerTimeoutMs: %p is refused', answerTimeoutMs => {
    expect(() => interactive(() => ({ content: [] }), { answerTimeoutMs })).toThrow(/`answerTimeoutMs`/);
  });
  test.each(BAD)('those of sessions: %p is refused', value => {
    for (const option of ['keepAliveMs', 'sessionIdleTimeoutMs', 'sessionMaxLifetimeMs']) {
      expect(() => openKit(() => undefined, { [option]: value })).toThrow(option);
    }
  });
  test.each([Infinity, NaN, -1, '5' as unknown as number])('drainTimeoutMs: %p is refused', async drainTimeoutMs => {
    await expect(openKit(() => undefined).handler.close({ drainTimeoutMs })).rejects.toThrow(/`drainTimeoutMs`/);
  });
});

describe('the log', () => {
  test('holds no control characters and no endless texts of clients', async () => {
    const kit = openKit(() => undefined);
    const id = await initialize(kit);
    const name = `a\u001b[2J\u0085\u202e\n${'x'.repeat(20_000)}`;
    const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: {} } };
    await (await post(kit, call, { 'mcp-session-id': id })).text();
    const tool = String(kit.log.at(-1)!['tool']);
    expect(tool.length).toBeLessThan(9000);

    expect(tool).not.toMatch(/[\u001b\u0085\u202e]/);
  });

  test.each(['/dev/full', 'a closed pipe'])('costs no session where it cannot be written: %s', async where => {
    const child = spawn(process.execPath, ['--import', 'tsx', join(__dirname, '../fixtures/asking-server.ts')], {
      env: { ...process.env, HOST: '127.0.0.1', PORT: '0', STATEFUL_MCP_LOG_LEVEL: 'debug' },
      stdio: ['ignore', 'pipe', where === '/dev/full' ? openSync(where, 'w') : 'pipe'],
    });
    child.stderr?.destroy();
    try {
      await new Promise(resolve => setTimeout(resolve, 3000));
      expect(child.exitCode).toBeNull();
    } finally {
      child.kill('SIGKILL');
    }
  });
});
