import type { LocalRuntimeDefinition } from 'stateful-mcp-local';
import { leaveFixedPort, takeFixedPort } from '../../../local/src/process/fixed-port';
import { newRuntime, nextStop, startRuntime, until } from '../running';
import { freePort } from '../../free-port';
import { outcomeOf, start } from './started-process';

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

describe('the process of a server that listens where its code says', () => {
  const MESSAGE = JSON.stringify('{"jsonrpc":"2.0"}');
  const speaksOn = (port: number): string =>
    `require('node:http').createServer((request, response) => response.end(${MESSAGE})).listen(${port}, '127.0.0.1');`;

  /** Whether a process could have the port now. */
  function isFree(port: number): boolean {
    const isTaken = takeFixedPort(port);
    if (isTaken) {
      leaveFixedPort(port);
    }
    return isTaken;
  }

  test('is found there, and has the port until it has ended', async () => {
    const port = await freePort();
    const fixedPort = { port: undefined };
    const { started, log } = start(speaksOn(port), { fixedPort });
    const server = await started;
    expect([server.port, server.isOnlyOne, fixedPort.port]).toEqual([port, true, port]);
    expect([await server.reachable(), await outcomeOf(server.connections)]).toEqual([true, 200]);
    const line = expect.stringContaining(`the server listens on port ${port}, not on the \`PORT\``) as string;
    expect(log).toEqual([{ runtimeName: 'one', pid: server.pid, stream: 'runtime', line }]);
    expect(isFree(port)).toBe(false);
    server.kill();
    await server.exited;
    expect(isFree(port)).toBe(true);
    // What is known of the next one need not be said again.
    const next = start(speaksOn(port), { fixedPort });
    expect([(await next.started).port, next.log]).toEqual([port, []]);
  });

  test('cannot have the port of another one', async () => {
    const port = await freePort();
    const fixedPort = { port: undefined };
    takeFixedPort(port);
    try {
      await expect(start(speaksOn(port), { fixedPort }).started).rejects.toMatchObject({
        code: 'ERR_SERVER_EXITED',
        message: expect.stringContaining(`the server listens on port ${port}, whatever`) as string,
      });
      expect([isFree(port), fixedPort.port]).toEqual([false, undefined]);
    } finally {
      leaveFixedPort(port);
    }
  });

  test('is left alone when it listens where it was told meanwhile', async () => {
    const port = await freePort();
    const fixedPort = { port: undefined };
    // Answers there as soon as a connection to the other port has come and gone.
    const both = `
      require('node:http').createServer((request, response) => {
        const answer = () => response.write(${MESSAGE});
        require('node:net').createServer(socket => socket.resume().once('close', answer)).listen(process.env.PORT, process.env.HOST);
        request.socket.once('close', () => console.log('answered'));
      }).listen(${port}, '127.0.0.1');`;
    const { started, log } = start(both, { fixedPort });
    const server = await started;
    await until(() => server.output.tail.includes('answered'));
    expect([server.port === port, server.isOnlyOne, fixedPort.port]).toEqual([false, false, undefined]);
    expect([isFree(port), log]).toEqual([true, []]);
  });

  test('leaves the port free when it has ended, although what it has started answers there', async () => {
    const port = await freePort();
    const fixedPort = { port: undefined };
    // Answers when its parent is known to have ended, and while the output of that can still be read.
    const orphan = `
      require('node:http').createServer((request, response) => {
        const parent = process.ppid;
        process.kill(parent, 'SIGKILL');
        const timer = setInterval(() => {
          try {
            process.kill(parent, 0);
          } catch {
            clearInterval(timer);
            response.end(${MESSAGE}, () => process.exit());
          }
        });
      }).listen(${port}, '127.0.0.1');`;
    const parent = `
      require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(orphan)}], { detached: true, stdio: 'inherit' });`;
    await expect(start(parent, { fixedPort }).started).rejects.toMatchObject({
      code: 'ERR_SERVER_EXITED',
      message: expect.stringContaining('the server ended by SIGKILL before it listened') as string,
    });
    expect([isFree(port), fixedPort.port]).toEqual([true, undefined]);
  });
});
