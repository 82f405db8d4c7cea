import type { LocalRuntimeDefinition } from 'stateful-mcp-local';
import { newRuntime, nextStop, startRuntime, until } from '../running';
import { freePort } from '../../free-port';

/** A server that listens where its code says. */
const fixedServer = (port: number, before = ''): LocalRuntimeDefinition => ({
  name: 'fixed',
  startLimitMs: 8000,
  command: [
    process.execPath,
    '-e',
    `const { createServer } = require('node:http');
    ${before}
    createServer((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': 'session-' + process.pid });
      response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, result: { pid: process.pid } }));
    }).listen(${port}, '0.0.0.0');`,
  ],
});

test('a server that listens where its code says is served, one session at a time', async () => {
  const port = await freePort();
  const { runtime, endpoint, log } = await startRuntime({ runtimes: [fixedServer(port)] });
  expect(
    log.filter(({ line }) => line.includes(`the server listens on port ${port}, not on the \`PORT\``)),
  ).toHaveLength(1);
  const sessionId = await endpoint.initialize();
  const { pid } = (await endpoint.message<{ pid: number }>('any', {}, sessionId)).result ?? {};
  expect(sessionId).toBe(`session-${pid}`);
  const second: unknown = await (await endpoint.send({ jsonrpc: '2.0', id: 1, method: 'initialize' })).json();
  expect(second).toMatchObject({
    error: { message: expect.stringContaining(`listens on port ${port}, whatever the \`PORT\``) as string },
  });
  // The next session has the port when the first has ended.
  const stopped = nextStop(runtime, sessionId);
  process.kill(pid as number, 'SIGKILL');
  await stopped;
  await until(() => runtime.sessions().every(({ state }) => state === 'stopped'));
  expect(await endpoint.initialize()).not.toBe(sessionId);
});

test('what else a server listens on is not taken for it', async () => {
  const [port, metrics] = [await freePort(), await freePort()];
  const { endpoint, log } = await startRuntime({
    runtimes: [
      fixedServer(port, `createServer((request, response) => response.end('requests_total 1')).listen(${metrics});`),
    ],
  });
  expect(await endpoint.initialize()).toMatch(/^session-/);
  expect(log.some(({ line }) => line.includes(`listens on port ${metrics}`))).toBe(false);
});

test('a server that listens late where it is told is waited for, whatever it listens on before', async () => {
  const metrics = await freePort();
  const runtime = newRuntime({
    runtimes: [
      {
        name: 'late',
        command: [
          process.execPath,
          '-e',
          `const { createServer } = require('node:http');
          createServer((request, response) => response.end('requests_total 1')).listen(${metrics});
          setTimeout(() => createServer((request, response) => response.end('{}')).listen(process.env.PORT, process.env.HOST), 2500);`,
        ],
      },
    ],
  });
  await expect(runtime.ready).resolves.toBeUndefined();
});
