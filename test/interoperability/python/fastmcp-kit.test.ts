// What docs/guides/python.md says of FastMCP by itself, and with the kit.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { newRuntime, startRuntime } from '../../local/running';
import { closeClients, connectClient, textOf } from '../../server/clients';
import { KIT, pythonEnvironment } from './python-environment';
import { closePythonServers, startPython, type PythonServer } from './python-server';

const program = pythonEnvironment(KIT);

afterEach(async () => {
  await closeClients();
  await closePythonServers();
});

const SERVER = path.join(__dirname, 'fastmcp_kit_server.py');
const VARIANTS = ['plain', 'kit'] as const;
const start = (variant: (typeof VARIANTS)[number], environment = {}): Promise<PythonServer> =>
  startPython(program('python'), [SERVER, variant], environment, variant === 'plain' ? '/started' : '/ping');

const INITIALIZE = {
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
};

interface Answer {
  readonly status: number;
  readonly sessionId: string | null;
  readonly body: string;
}

async function post(url: string, message: object, sessionId?: string): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      ...(sessionId !== undefined && { 'mcp-session-id': sessionId }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...message }),
  });
  return {
    status: response.status,
    sessionId: response.headers.get('mcp-session-id'),
    body: await response.text(),
  };
}

const FROM_PLATFORM = '0123456789abcdef0123456789abcdef-platform';

test('health probes, and sessions that the platform names or that are unknown', async () => {
  const seen = await Promise.all(
    VARIANTS.map(async variant => {
      const { url } = await start(variant);
      const ping = await fetch(url.replace('/mcp', '/ping'));
      const probe = await post(url, { method: 'ping' });
      const begun = await post(url, INITIALIZE, FROM_PLATFORM);
      const unknown = await post(url, { method: 'tools/list' }, 'unknown');
      return [ping.status, probe.status, begun.status, begun.sessionId, unknown.status];
    }),
  );
  expect(seen).toEqual([
    [404, 400, 404, null, 404],
    [200, 200, 200, FROM_PLATFORM, 404],
  ]);
});

test('a session goes on under the id of the platform, and begins anew under it', async () => {
  const { url } = await start('kit');
  for (const round of ['begun', 'begun anew']) {
    expect([round, (await post(url, INITIALIZE, FROM_PLATFORM)).status]).toEqual([round, 200]);
    await post(url, { method: 'notifications/initialized', id: undefined }, FROM_PLATFORM);
    const listed = await post(url, { method: 'tools/list' }, FROM_PLATFORM);
    expect(listed).toMatchObject({
      status: 200,
      sessionId: FROM_PLATFORM,
      body: expect.stringContaining('"ask"') as string,
    });
    await fetch(url, { method: 'DELETE', headers: { 'mcp-session-id': FROM_PLATFORM } });
    expect((await post(url, { method: 'tools/list' }, FROM_PLATFORM)).status).toBe(404);
  }
  const own = await post(url, INITIALIZE);
  expect(own.sessionId).toMatch(/^[0-9a-f]{32}$/);
  expect((await post(url, { method: 'tools/list' }, own.sessionId ?? '')).status).toBe(200);
});

test('SIGTERM while a user is thinking', async () => {
  const outcomes = await Promise.all(
    VARIANTS.map(async variant => {
      const server = await start(variant);
      let health: unknown;
      const client = await connectClient('SDK v1', server.url, {
        elicit: async () => {
          health = await fetch(server.url.replace('/mcp', '/ping')).then(response => response.text());
          server.process.kill('SIGTERM');
          await new Promise(resolve => setTimeout(resolve, 1_500));
          return { action: 'accept', content: { name: 'Ana' } };
        },
      });
      const cut = new Promise(resolve => setTimeout(() => resolve('cut'), 6_000).unref());
      const said = await Promise.race([client.call('ask').then(textOf, () => 'cut'), cut]);
      const refused = await post(server.url, { method: 'tools/list' }, client.sessionId).catch(() => 'closed');
      const [code] = await server.exited;
      return { said, health, code, refused: typeof refused === 'string' ? refused : refused.status };
    }),
  );
  expect(outcomes).toEqual([
    expect.objectContaining({ said: 'cut' }),
    { said: 'Ana', health: '{"status": "HealthyBusy"}', code: 0, refused: expect.anything() as unknown },
  ]);
});

test('sessions that nobody uses', async () => {
  const ended = await Promise.all(
    VARIANTS.map(async variant => {
      const { url } = await start(variant, { STATEFUL_MCP_IDLE_TIMEOUT_SECONDS: '1' });
      const { sessionId } = await post(url, INITIALIZE);
      await new Promise(resolve => setTimeout(resolve, 2_500));
      return (await post(url, { method: 'tools/list' }, sessionId ?? '')).status;
    }),
  );
  expect(ended).toEqual([200, 404]);
});

describe('the warm-up hook of platform version V2', () => {
  const version = (variant: (typeof VARIANTS)[number], environment: Record<string, string> = {}) => ({
    name: 'warmed',
    command: [program('python'), SERVER, variant] as const,
    platformVersion: 'V2' as const,
    warmup: { path: '/warmup' },
    environment,
  });

  test('a good version passes, and its sessions work', async () => {
    const { url } = await startRuntime({ runtimes: [version('kit')] });
    const client = await connectClient('SDK v1', `${url}/mcp`, {
      elicit: () => ({ action: 'accept', content: { name: 'Ana' } }),
    });
    expect(textOf(await client.call('ask'))).toBe('Ana');
  });

  test.each([
    ['that knows no hook', 'plain', {}, /status 404/],
    [
      'whose own test fails',
      'kit',
      { BROKEN: 'the table cannot be read' },
      /status 500: .*step "self_test": the table cannot be read/,
    ],
  ] as const)('one %s fails with its words', async (_, variant, environment, words) => {
    const runtime = newRuntime({ runtimes: [version(variant, environment)], log: () => {} });
    await expect(runtime.ready).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_WARMUP_FAILED', message: expect.stringMatching(words) as string }) as Error,
    );
  });
});

test('its own tests', async () => {
  const { stderr } = await promisify(execFile)(
    program('python'),
    ['-W', 'ignore', '-m', 'unittest', 'discover', '-s', path.join(KIT, 'tests')],
    { cwd: KIT },
  );
  expect(stderr).toMatch(/\nOK\n/);
});
