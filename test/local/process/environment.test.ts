import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { sessionServer, startRuntime } from '../running';

const parent = { ...process.env };
afterEach(() => {
  for (const name of Object.keys(process.env)) {
    Reflect.deleteProperty(process.env, name);
  }
  Object.assign(process.env, parent);
});

function without(pattern: RegExp): void {
  for (const name of Object.keys(process.env)) {
    if (pattern.test(name)) {
      Reflect.deleteProperty(process.env, name);
    }
  }
}

test('a server gets its own variables, and only the documented ones besides', async () => {
  without(/^AWS_/);
  process.env.AWS_PROFILE = 'work';
  process.env.NODE_OPTIONS = '--no-warnings';
  const { endpoint } = await startRuntime({ runtimes: [sessionServer({ environment: { COLOUR: 'green' } })] });
  const { environment, headers } = await endpoint.describe();
  expect(environment).toEqual({
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    ...(process.env.TMPDIR !== undefined && { TMPDIR: process.env.TMPDIR }),
    AWS_PROFILE: 'work',
    AWS_REGION: 'us-east-1',
    STATEFUL_MCP_REQUEST_STATE_KEY: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/) as string,
    STATEFUL_MCP_IDLE_TIMEOUT_SECONDS: '900',
    STATEFUL_MCP_MAX_LIFETIME_SECONDS: '28800',
    STATEFUL_MCP_LOCAL_RUNTIME: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    COLOUR: 'green',
    HOST: '127.0.0.1',
    PORT: headers.host?.split(':')[1],
  });
});

test('a server is told of a path that is not that of its protocol', async () => {
  const { endpoint } = await startRuntime({ runtimes: [sessionServer({ path: '/tools/mcp' })] });
  const { environment, url } = await endpoint.describe();
  expect([environment.STATEFUL_MCP_PATH, url]).toEqual(['/tools/mcp', '/tools/mcp']);
});

test.each([
  [{ idleTimeoutSeconds: 10_800 }, '10800', '28800'],
  [{ idleTimeoutSeconds: 0.5, maxLifetimeSeconds: 1 }, '60', '60'],
  [{ environment: { STATEFUL_MCP_IDLE_TIMEOUT_SECONDS: '120' } }, '120', '28800'],
])('a server on the kit is told when its sessions end: %j', async (definition, idleTimeout, maxLifetime) => {
  const { endpoint } = await startRuntime({ runtimes: [sessionServer(definition)] });
  const { environment } = await endpoint.describe();
  expect(environment).toMatchObject({
    STATEFUL_MCP_IDLE_TIMEOUT_SECONDS: idleTimeout,
    STATEFUL_MCP_MAX_LIFETIME_SECONDS: maxLifetime,
  });
});

test('the region is the one of this program', async () => {
  without(/^AWS_/);
  process.env.AWS_REGION = 'eu-central-1';
  const { runtime, endpoint } = await startRuntime();
  expect((await endpoint.describe()).environment.AWS_REGION).toBe('eu-central-1');
  expect(runtime.runtimes[0]?.arn).toMatch(
    /^arn:aws:bedrock-agentcore:eu-central-1:000000000000:runtime\/sessions-[0-9a-z]{10}$/,
  );
});

test('variables for every runtime win over those of a runtime, and nothing wins over host and port', async () => {
  const { endpoint } = await startRuntime({
    runtimes: [sessionServer({ environment: { COLOUR: 'green', SHAPE: 'round', PORT: '1' } })],
    environment: { COLOUR: 'red', HOST: '0.0.0.0' },
  });
  const { environment } = await endpoint.describe();
  expect(environment).toMatchObject({ COLOUR: 'red', SHAPE: 'round', HOST: '127.0.0.1' });
  expect(Number(environment.PORT)).toBeGreaterThanOrEqual(20_000);
  expect(Number(environment.PORT)).toBeLessThan(32_768);
});

test('all processes of a runtime sign request state with the same key, those of another runtime with another', async () => {
  const { url, endpoint } = await startRuntime({
    runtimes: [sessionServer({ name: 'one' }), sessionServer({ name: 'other' })],
    settings: { requestsWithoutSession: 'new-session' },
  });
  const keys: (string | undefined)[] = [];
  for (const runtime of ['one', 'one', 'other']) {
    keys.push(
      (await new (endpoint.constructor as typeof import('../running').McpEndpoint)(`${url}/${runtime}/mcp`).describe())
        .environment.STATEFUL_MCP_REQUEST_STATE_KEY,
    );
  }
  expect(keys[0]).toBe(keys[1]);
  expect(keys[0]).not.toBe(keys[2]);
});

test('the server starts in its folder', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'stateful-mcp-local-'));
  try {
    const { endpoint } = await startRuntime({ runtimes: [sessionServer({ cwd: folder })] });
    expect((await endpoint.describe()).cwd).toBe(realpathSync(folder));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
