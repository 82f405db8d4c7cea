// The bridge in Python between HTTP and a stdio server, as bundles have it, with a stdio server that is known from the
// tests of `serveStdio`.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { closeChildren, startChild, type ChildServer } from '../server/child-server';
import {
  closeClients,
  connectClient,
  LEGACY_KINDS,
  textOf,
  type ConnectOptions,
  type Progress,
  type TestClient,
} from '../server/clients';
import { INITIALIZE, JSON_HEADERS, messagesOf, modernRequest } from '../server/kit';

const ROOT = path.join(__dirname, '../..');
const SERVER = path.join(ROOT, 'test/server/fixtures/stdio-server.mjs');

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'stateful-mcp-bridge-'));
  execFileSync('uv', ['pip', 'install', '--quiet', '--python', 'python3', '--target', folder, 'uvicorn']);
  cpSync(path.join(ROOT, 'bridge/stateful_mcp_stdio'), path.join(folder, 'stateful_mcp_stdio'), { recursive: true });
  writeFileSync(
    path.join(folder, 'main.py'),
    'import os\nfrom stateful_mcp_stdio import serve\nserve(os.environ.get("SCRIPT", "bin/server"), [], os.path.dirname(os.path.abspath(__file__)))\n',
  );
  mkdirSync(path.join(folder, 'bin'), { recursive: true });
  const node = JSON.stringify(process.execPath);
  script('server', `import os\nos.execv(${node}, [${node}, ${JSON.stringify(SERVER)}])\n`);
  script(
    'long-line',
    'import sys\nfor line in sys.stdin:\n    sys.stdout.write("x" * (65 << 20))\n    sys.stdout.flush()\n',
  );
  script('silent', 'import sys\nsys.stdin.read()\n');
  script(
    'environment',
    'import json, os, sys\nimport uvicorn\nsys.stderr.write("path of the package: " + uvicorn.__file__ + "\\n")\nsys.exit(7)\n',
  );
});

afterEach(async () => {
  await closeClients();
  await closeChildren();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function script(name: string, source: string): void {
  writeFileSync(path.join(folder, 'bin', name), source);
}

const bridge = (environment: Record<string, string> = {}): Promise<ChildServer> =>
  startChild(path.join(folder, 'main.py'), { PYTHONDONTWRITEBYTECODE: '1', ...environment }, 'python3');

const ANSWERS: ConnectOptions = {
  elicit: ({ message }) => ({ action: 'accept', content: { answer: message.toUpperCase() } }),
  sample: prompt => `sampled ${prompt}`,
};

async function pidOf(client: TestClient): Promise<number> {
  return Number(textOf(await client.call('pid')));
}

/** Waits for the end of a process that is not ours to wait for. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await pause(10);
  }
}

const post = (url: string, message: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { ...JSON_HEADERS, ...headers },
    body: typeof message === 'string' ? message : JSON.stringify(message),
  });

async function sessionOf(url: string, headers: Record<string, string> = {}): Promise<Record<string, string>> {
  const response = await post(url, INITIALIZE, headers);
  await response.text();
  return { 'mcp-session-id': response.headers.get('mcp-session-id') ?? '' };
}

const call = (name: string, id: number | string = 1, args: Record<string, unknown> = {}): Record<string, unknown> => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: args },
});

const eventsOf = ({ lines }: ChildServer): Record<string, unknown>[] =>
  lines.map(line => JSON.parse(line) as Record<string, unknown>);

describe.each(LEGACY_KINDS)('%s', kind => {
  test('meets a process of its own in each session, and questions in both directions', async () => {
    const { url } = await bridge();
    const [one, two] = [await connectClient(kind, url, ANSWERS), await connectClient(kind, url, ANSWERS)];
    expect(await pidOf(one)).not.toBe(await pidOf(two));
    expect(await pidOf(one)).toBe(await pidOf(one));
    expect(textOf(await one.call('ask', { word: 'hello' }))).toBe('hello accept sampled HELLO');
  });

  test('gets answers and progress of calls that run at the same time', async () => {
    const client = await connectClient(kind, (await bridge()).url, ANSWERS);
    const progress: Record<string, Progress[]> = { a: [], b: [] };
    const results = await Promise.all(
      ['a', 'b'].map(name => client.call('steps', { name }, { onprogress: step => progress[name]?.push(step) })),
    );
    expect(results.map(textOf)).toEqual(['a', 'b']);
    expect(progress).toMatchObject({
      a: [{ message: 'a 1' }, { message: 'a 2' }],
      b: [{ message: 'b 1' }, { message: 'b 2' }],
    });
    const asked = await Promise.all(['c', 'd\u2028', 'é'].map(word => client.call('ask', { word })));
    expect(asked.map(textOf)).toEqual(['c accept sampled C', 'd\u2028 accept sampled D\u2028', 'é accept sampled É']);
  });

  test('cancels a call', async () => {
    const client = await connectClient(kind, (await bridge()).url);
    const abort = new AbortController();
    const waiting = expect(client.call('wait', {}, { signal: abort.signal })).rejects.toThrow();
    await pidOf(client);
    abort.abort();
    await waiting;
    while (textOf(await client.call('cancelled')) !== '1') {
      await pause(10);
    }
  });

  test('is told when its process ends, and nobody else notices', async () => {
    const server = await bridge();
    const [one, two] = [await connectClient(kind, server.url), await connectClient(kind, server.url)];
    const pid = await pidOf(two);
    const waiting = one.call('wait');
    await expect(Promise.all([waiting, one.call('exit', { code: 3 })])).rejects.toMatchObject({
      code: -32000,
      message: expect.stringContaining(
        'the server process of this session ended with exit code 3: start a new session',
      ) as string,
      data: { code: 'ERR_STDIO_SERVER_ENDED' },
    });
    await expect(waiting).rejects.toThrow('ended with exit code 3');
    await expect(one.call('pid')).rejects.toThrow('Session not found');
    expect(await pidOf(two)).toBe(pid);
    expect(eventsOf(server)).toContainEqual(
      expect.objectContaining({ event: 'child-output', sessionId: one.sessionId, line: 'about to exit' }),
    );
  });
});

describe('the process of a session', () => {
  test('ends by DELETE, and its session is unknown at once', async () => {
    const { url } = await bridge();
    const client = await connectClient('SDK v1', url);
    const pid = await pidOf(client);
    const headers = { 'mcp-session-id': client.sessionId ?? '' };
    await client.terminateSession();
    const refused = await post(url, call('pid'), headers);
    expect([refused.status, await refused.json()]).toEqual([
      404,
      { jsonrpc: '2.0', id: 1, error: { code: -32001, message: 'Session not found' } },
    ]);
    await gone(pid);
  });

  test('ends when the session is idle, and not while a call is open', async () => {
    const { url } = await bridge({ STATEFUL_MCP_IDLE_TIMEOUT_SECONDS: '1', STATEFUL_MCP_MAX_LIFETIME_SECONDS: '60' });
    const [idle, busy] = [await sessionOf(url), await sessionOf(url)];
    const waiting = await post(url, call('wait'), busy);
    const answer = (await messagesOf(await post(url, call('pid'), idle))).at(-1) as { result: never };
    await gone(Number(textOf(answer.result)));
    expect((await post(url, call('pid', 2), idle)).status).toBe(404);
    expect((await post(url, call('pid', 2), busy)).status).toBe(200);
    await waiting.body?.cancel();
  });

  test('ends after the max lifetime, whatever it does', async () => {
    const { url } = await bridge({ STATEFUL_MCP_MAX_LIFETIME_SECONDS: '2' });
    const messages = await messagesOf(await post(url, call('wait'), await sessionOf(url)));
    expect(messages).toMatchObject([{ id: 1, error: { data: { code: 'ERR_STDIO_SERVER_ENDED' } } }]);
  });

  test.each([['SIGTERM'], ['SIGINT']] as const)(
    'ends with the bridge at %s, even when it does not want to',
    async signal => {
      const parent = await bridge({ STUBBORN: '1' });
      const pid = await pidOf(await connectClient('SDK v1', parent.url));
      parent.process.kill(signal);
      expect(await parent.exited).toEqual({ code: 0, signal: null });
      await gone(pid);
    },
  );

  test('ends when the bridge is killed', async () => {
    const parent = await bridge();
    const pid = await pidOf(await connectClient('SDK v1', parent.url));
    parent.process.kill('SIGKILL');
    await gone(pid);
  });

  test('may write what is no message: it is skipped, and noted without its content', async () => {
    const server = await bridge();
    expect(textOf(await (await connectClient('SDK v2 legacy', server.url)).call('babble'))).toBe('said');
    expect(eventsOf(server).filter(({ event }) => event === 'child-output-invalid')).toMatchObject([
      { level: 'error', length: 15 },
      { level: 'error', length: 19 },
    ]);
    expect(server.lines.join('\n')).not.toContain('this is no JSON');
  });

  test('is ended when it writes a line without an end', async () => {
    const server = await bridge({ SCRIPT: 'bin/long-line' });
    const [answer] = await messagesOf(await post(server.url, INITIALIZE));
    expect(answer).toMatchObject({
      id: 0,
      error: { message: expect.stringContaining('was ended by SIGKILL') as string },
    });
    expect(eventsOf(server)).toContainEqual(expect.objectContaining({ event: 'child-output-too-long' }));
  });

  test('finds the packages beside it, and tells of its end at the start', async () => {
    const server = await bridge({ SCRIPT: 'bin/environment' });
    const [answer] = await messagesOf(await post(server.url, INITIALIZE));
    expect(answer).toMatchObject({
      error: { message: 'the server process of this session ended with exit code 7: start a new session' },
    });
    expect(server.lines.join('\n')).toContain(`path of the package: ${folder}/uvicorn/__init__.py`);
    expect((await post(server.url, INITIALIZE)).status).toBe(200);
  });
});

describe('in a drain', () => {
  test('open calls are finished, their questions are answered, and new calls are refused', async () => {
    const parent = await bridge();
    let answered: (() => void) | undefined;
    const client = await connectClient('SDK v1', parent.url, {
      elicit: async () => {
        parent.process.kill('SIGTERM');
        await new Promise<void>(resolve => (answered = resolve));
        return { action: 'accept', content: { answer: 'late' } };
      },
      sample: prompt => `sampled ${prompt}`,
    });
    const asked = client.call('ask', { word: 'hello' });
    while (!parent.lines.some(line => line.includes('"stopping"'))) {
      await pause(10);
    }
    const refused = await post(parent.url, call('pid', 'new'), { 'mcp-session-id': client.sessionId ?? '' });
    expect(refused.status).toBe(503);
    answered?.();
    expect(textOf(await asked)).toBe('hello accept sampled late');
    expect(await parent.exited).toEqual({ code: 0, signal: null });
  });
});

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

test.each<[Record<string, string>, string]>([
  [{ PORT: 'http' }, '`PORT` must be a whole number from 0 to 65535, got "http"'],
  [{ STATEFUL_MCP_IDLE_TIMEOUT_SECONDS: '0' }, '`STATEFUL_MCP_IDLE_TIMEOUT_SECONDS` must be a whole number of seconds'],
  [
    { STATEFUL_MCP_IDLE_TIMEOUT_SECONDS: '90', STATEFUL_MCP_MAX_LIFETIME_SECONDS: '60' },
    'must be at most `STATEFUL_MCP_MAX_LIFETIME_SECONDS` (60), got 90',
  ],
  [
    { STATEFUL_MCP_LOG_LEVEL: 'loud' },
    '`STATEFUL_MCP_LOG_LEVEL` must be one of debug, info, error, silent, got "loud"',
  ],
])('a setting that cannot be is refused: %j', async (environment, message) => {
  await expect(bridge(environment)).rejects.toThrow(message);
});
