import { ManualClock, type LocalRuntimeDefinition } from 'stateful-mcp-local';
import { nextStop, startRuntime, until, type SessionStarted } from '../running';

/** Answers pings with the status it was told last, and remembers them. */
const server: LocalRuntimeDefinition = {
  name: 'pinged',
  command: [
    process.execPath,
    '-e',
    `
  const pings = [];
  let status = 200;
  require('node:http').createServer((request, response) => {
    let body = '';
    request.on('data', chunk => body += chunk).on('end', () => {
      const message = JSON.parse(body);
      if (message.method === 'ping') {
        pings.push(request.headers['mcp-session-id'] ?? null);
        return response.writeHead(status).end('{}');
      }
      if (message.method === 'fail') status = 500;
      response.writeHead(200, { 'mcp-session-id': 'session-' + process.pid }).end(JSON.stringify({ id: message.id, result: pings }));
    });
  }).listen(process.env.PORT, process.env.HOST);
`,
  ],
};

async function start(): Promise<SessionStarted> {
  const clock = new ManualClock();
  const started = await startRuntime({
    clock,
    runtimes: [server],
    pooledProcesses: 0,
    settings: { pingIntervalMs: 30_000 },
  });
  return { ...started, clock, sessionId: await started.endpoint.initialize() };
}
const pings = async ({ endpoint, sessionId }: SessionStarted): Promise<unknown[]> => {
  const response = await endpoint.send({ id: 1, method: 'pings' }, sessionId);
  return ((await response.json()) as { result: unknown[] }).result;
};

test('the server of a live session is pinged without a session id', async () => {
  const started = await start();
  for (let count = 1; count <= 2; count++) {
    started.clock.advance(30_000);
    while ((await pings(started)).length < count) {
      await new Promise(resolve => setTimeout(resolve, 5));
    }
  }
  expect(await pings(started)).toEqual([null, null]);
});

test('pings do not keep a session from idling', async () => {
  const started = await start();
  const { clock, runtime } = started;
  await until(() => runtime.sessions()[0]?.state === 'idle');
  const stopped = nextStop(runtime);
  clock.advance(30_000);
  await new Promise(resolve => setTimeout(resolve, 50));
  clock.advance(870_000);
  expect((await stopped).reason).toBe('idle-timeout');
});

test('a session whose server fails three pings in a row ends', async () => {
  const { endpoint, clock, runtime, sessionId } = await start();
  await (await endpoint.send({ id: 1, method: 'fail' }, sessionId)).text();
  const stopped = nextStop(runtime);
  const advancing = setInterval(() => {
    clock.advance(30_000);
  }, 50);
  expect((await stopped).reason).toBe('unhealthy');
  clearInterval(advancing);
});

describe('a server that asks probes for credentials', () => {
  const guarded = (status: number): LocalRuntimeDefinition => ({
    name: 'guarded',
    command: [
      process.execPath,
      '-e',
      `
  require('node:http').createServer((request, response) => {
    let body = '';
    request.on('data', chunk => body += chunk).on('end', () => {
      const message = JSON.parse(body);
      if (message.method === 'ping') return response.writeHead(${status}).end();
      if (message.method === 'hang') return;
      response.writeHead(200, { 'mcp-session-id': 'session-' + process.pid }).end(JSON.stringify({ id: message.id, result: {} }));
    });
  }).listen(process.env.PORT, process.env.HOST);
`,
    ],
  });

  test.each([401, 403])('ends with the text of the platform, and the log says why: %d', async status => {
    const clock = new ManualClock();
    const { endpoint, runtime, log } = await startRuntime({
      clock,
      runtimes: [guarded(status)],
      pooledProcesses: 0,
      settings: { pingIntervalMs: 30_000 },
    });
    const sessionId = await endpoint.initialize();
    const hanging = endpoint.send({ jsonrpc: '2.0', id: 7, method: 'hang' }, sessionId);
    const stopped = nextStop(runtime);
    const advancing = setInterval(() => {
      clock.advance(30_000);
    }, 50);
    expect((await stopped).reason).toBe('unhealthy');
    clearInterval(advancing);
    expect(await (await hanging).json()).toMatchObject({
      id: 7,
      error: { code: -32010, message: 'Runtime health check failed or timed out' },
    });
    expect(log.map(({ line }) => line)).toContainEqual(
      expect.stringContaining('refuses the health probes of AgentCore'),
    );
  });

  test('is told of in the log before anybody calls it', async () => {
    const { log } = await startRuntime({ runtimes: [guarded(401)] });
    await until(() => log.some(({ line }) => line.includes('-32010') && line.includes('GET /ping')));
  });
});
