import childProcess, { ChildProcess } from 'node:child_process';
import dgram from 'node:dgram';
import { getEventListeners, once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ManualClock } from 'stateful-mcp-local';
import { PLAIN, type RuntimeDefinition } from '../../../local/src/model/runtime-definition';
import { newFolder } from '../assembly';
import { isAlive, until } from '../running';
import { endAfterTest, LISTEN, outcomeOf, start } from './started-process';

/** A script that says its process ids, with that of a child, and goes on when they were read. */
const withChild = (options: object, after: string): string =>
  `const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], ${JSON.stringify(options)});
  require('node:fs').writeSync(1, 'pids ' + process.pid + ' ' + child.pid + '\\n'); ${after}`;

const pidsIn = (lines: readonly string[]): number[] =>
  lines.flatMap(line => (line.startsWith('pids ') ? line.split(' ').slice(1).map(Number) : []));

/** Whether no other local runtime would take the port. */
async function isReserved(port: number): Promise<boolean> {
  const socket = dgram.createSocket('udp4').bind({ port, address: '127.0.0.1', exclusive: true });
  const isTaken = await once(socket, 'listening').then(
    () => false,
    () => true,
  );
  socket.close();
  return isTaken;
}

describe('a process that has started', () => {
  test('listens where it was told, in an environment of its own', async () => {
    const { started, log } = start(`${LISTEN} console.log(JSON.stringify(process.env)); console.error('why');`);
    const server = await started;
    expect([server.alive, server.isOnlyOne, await server.reachable()]).toEqual([true, false, true]);
    await until(() => server.output.tail.length === 2);
    server.output.flush();
    expect(log.map(({ stream, pid }) => [stream, pid]).sort()).toEqual([
      ['stderr', server.pid],
      ['stdout', server.pid],
    ]);
    expect(JSON.parse(log.find(({ stream }) => stream === 'stdout')?.line ?? '')).toMatchObject({
      PORT: String(server.port),
      OF_RUNTIME: '1',
      OF_BOTH: '2',
      OF_PROCESS: '2',
      STATEFUL_MCP_LOCAL_RUNTIME: expect.any(String) as string,
    });
  });

  test('has no input to wait for', async () => {
    const server = await start(`process.stdin.once('end', () => console.log('no input')).resume(); ${LISTEN}`).started;
    await until(() => server.output.tail.includes('no input'));
  });

  test('has nobody wait for its start any more', async () => {
    const { signal } = new AbortController();
    const { started, clock } = start(LISTEN, { signal });
    await started;
    expect([clock.set.size, getEventListeners(signal, 'abort').length]).toEqual([0, 0]);
  });

  test('ends with the signal that asks it to, by its own way', async () => {
    const { started, clock } = start(`${LISTEN} process.once('SIGTERM', () => process.exit(7));`);
    const server = await started;
    server.stop(1000, clock);
    expect(await server.exited).toEqual({ exitCode: 7, signal: null });
    expect([server.alive, await server.reachable(), clock.set.size]).toEqual([false, false, 0]);
  });

  test('hears itself of its end, whatever it has started', async () => {
    const child = `require('node:child_process').spawn('sh', ['-c', 'sleep 1000 & echo ready; wait'], { stdio: 'inherit' });`;
    const { started, clock } = start(`${child} process.once('SIGTERM', () => process.exit(7)); ${LISTEN}`);
    const server = await started;
    await until(() => server.output.tail.includes('ready'));
    server.stop(1000, clock);
    expect(await server.exited).toEqual({ exitCode: 7, signal: null });
  });

  test('cannot be reached when it has ended, although nobody has heard of that yet', async () => {
    const server = await start(LISTEN).started;
    process.kill(server.pid, 'SIGKILL');
    while (isAlive(server.pid)) {}
    expect([server.alive, await server.reachable()]).toEqual([true, false]);
  });

  test('is asked by a connection where the system does not say whether it is about to end', async () => {
    const closes = `const server = ${LISTEN} process.once('SIGUSR2', () => server.close(() => console.log('closed')));
      setInterval(() => {}, 1000);`;
    const server = await start(closes).started;
    const platform = Object.getOwnPropertyDescriptor(process, 'platform') as PropertyDescriptor;
    Object.defineProperty(process, 'platform', { ...platform, value: 'darwin' });
    try {
      expect(await server.reachable()).toBe(true);
      process.kill(server.pid, 'SIGUSR2');
      await until(() => server.output.tail.includes('closed'));
      expect([server.alive, await server.reachable()]).toEqual([true, false]);
    } finally {
      Object.defineProperty(process, 'platform', platform);
    }
  });

  test('that does not want to end is ended when its time is over', async () => {
    const { started, clock } = start(`process.on('SIGTERM', () => console.log('no')); ${LISTEN}`);
    const server = await started;
    server.stop(1000, clock);
    await until(() => server.output.tail.includes('no'));
    clock.advance(999);
    expect(server.alive).toBe(true);
    clock.advance(1);
    expect(await server.exited).toEqual({ exitCode: null, signal: 'SIGKILL' });
    expect(server.alive).toBe(false);
  });

  test('is killed without being asked', async () => {
    const { started } = start(`process.on('SIGTERM', () => {}); ${LISTEN}`);
    const server = await started;
    server.kill();
    expect(await server.ended).toEqual({ exitCode: null, signal: 'SIGKILL' });
  });

  test('ends at once with its program, although another one has ended before', async () => {
    const [other, server] = [await start(LISTEN).started, await start(LISTEN).started];
    other.kill();
    await other.exited;
    process.emit('exit', 0);
    expect(await server.ended).toEqual({ exitCode: null, signal: 'SIGKILL' });
  });

  test('has its port until it has ended, and no connection then', async () => {
    const server = await start(LISTEN).started;
    expect(await isReserved(server.port)).toBe(true);
    server.kill();
    await server.exited;
    expect(await isReserved(server.port)).toBe(false);
    expect(await outcomeOf(server.connections)).toMatchObject({ name: 'ClientDestroyedError' });
  });

  test('has exited when its group is gone, and all that it wrote was read', async () => {
    const last = `process.once('SIGTERM', () => { require('node:fs').writeSync(1, 'x\\n'.repeat(20000) + 'last\\n'); process.exit(); });`;
    const { started, clock } = start(withChild({ stdio: 'ignore' }, `${last} ${LISTEN}`));
    const server = await started;
    await until(() => server.output.tail.length > 0);
    const [, child = 0] = pidsIn(server.output.tail);
    process.kill(server.pid, 'SIGTERM');
    await server.exited;
    expect(server.output.tail.at(-1)).toBe('last');
    expect([isAlive(child), clock.set.size]).toEqual([false, 0]);
  });

  test('has exited although something outside its group still holds its output', async () => {
    const server = await start(withChild({ stdio: 'inherit', detached: true }, LISTEN)).started;
    await until(() => server.output.tail.length > 0);
    const [, child = 0] = pidsIn(server.output.tail);
    endAfterTest(child);
    server.kill();
    expect(await server.exited).toEqual({ exitCode: null, signal: 'SIGKILL' });
    expect(isAlive(child)).toBe(true);
  });
});

describe('a start that fails', () => {
  /** A server whose first starts end like one whose port was taken. */
  const unlucky = (counter: string, failures: number, words: string): string =>
    `const fs = require('node:fs');
    const count = Number(fs.readFileSync(${JSON.stringify(counter)}, 'utf8')) + 1;
    fs.writeFileSync(${JSON.stringify(counter)}, String(count));
    if (count <= ${failures}) { fs.writeSync(2, ${JSON.stringify(words)}); process.exit(1); }
    ${LISTEN}`;
  const NODE = 'Error: listen EADDRINUSE: address already in use 127.0.0.1:1\n    at listen';
  const PYTHON = 'ERROR:\n[Errno 98] error while attempting to bind: Address already in use';

  test.each<[string, number, string, number | undefined, number, string | undefined]>([
    ['to Node.js', 4, NODE, undefined, 5, undefined],
    ['to Python', 1, PYTHON, undefined, 2, undefined],
    ['again and again', 9, NODE, undefined, 5, 'ERR_SERVER_EXITED'],
    ['where there is no other', 9, NODE, 4000, 1, 'the server listens on port 4000'],
    ['not at all', 9, 'Error: broken', undefined, 1, 'ERR_SERVER_EXITED'],
    ['not at all, and there would be no other', 9, 'Error: broken', 4000, 1, 'the server ended'],
  ])('is made with another port where the first is taken: %s', async (_, failures, words, fixedPort, count, error) => {
    const counter = path.join(newFolder(), 'starts');
    writeFileSync(counter, '0');
    const { started, log } = start(unlucky(counter, failures, words), { fixedPort: { port: fixedPort } });
    const outcome = await started.then(
      () => undefined,
      ({ code, message }: { code: string; message: string }) => `${code} ${message}`,
    );
    expect(outcome).toEqual(error === undefined ? undefined : expect.stringContaining(error));
    expect(readFileSync(counter, 'utf8')).toBe(String(count));
    // What each of them wrote is in the log.
    const lines = words.split('\n');
    expect(log.map(({ line }) => line)).toEqual(Array(Math.min(count, failures)).fill(lines).flat());
  });

  test.each<[string, (clock: ManualClock, abort: AbortController) => void, string]>([
    [
      'at its limit',
      clock => {
        clock.advance(30_000);
      },
      'ERR_START_LIMIT',
    ],
    [
      'with the program',
      (_, abort) => {
        abort.abort();
      },
      'ERR_CLOSED',
    ],
  ])('leaves nothing behind: %s', async (_, fail, code) => {
    const abort = new AbortController();
    const begun = path.join(newFolder(), 'begun');
    const ignores = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);
      require('node:fs').writeFileSync(${JSON.stringify(begun)}, process.env.PORT);`;
    const { started, clock, log } = start(withChild({ stdio: 'ignore' }, ignores), { signal: abort.signal });
    const failed = expect(started).rejects.toMatchObject({ code });
    await until(() => existsSync(begun) && readFileSync(begun, 'utf8') !== '');
    const port = Number(readFileSync(begun, 'utf8'));
    expect(await isReserved(port)).toBe(true);
    fail(clock, abort);
    await failed;
    expect(await isReserved(port)).toBe(false);
    const all = pidsIn(log.map(({ line }) => line));
    expect([all.length, all.filter(isAlive)]).toEqual([2, []]);
    expect([clock.set.size, getEventListeners(abort.signal, 'abort').length]).toEqual([0, 0]);
  });

  test.each<[string, RuntimeDefinition['command'], string]>([
    ['the command cannot be given', [process.execPath, '\0'], 'ERR_INVALID_ARG_VALUE'],
    ['the program is missing', ['no-such-program'], 'ERR_COMMAND_NOT_FOUND'],
  ])('before there is a process keeps nothing: %s', async (_, command, code) => {
    const createSocket = jest.spyOn(dgram, 'createSocket');
    const { started, clock } = start('', { definition: { command } });
    await expect(started).rejects.toMatchObject({ code });
    const reservation = createSocket.mock.results.at(-1)?.value as dgram.Socket;
    createSocket.mockRestore();
    expect(() => reservation.address()).toThrow('Not running');
    expect(clock.set.size).toBe(0);
  });

  test('with too many files open says so', async () => {
    const spawn = jest.spyOn(childProcess, 'spawn').mockImplementation(() => {
      // As Node.js gives it: without a process, and without streams.
      const child = new ChildProcess();
      process.nextTick(() => child.emit('error', new Error('spawn EMFILE')));
      return child;
    });
    try {
      await expect(start('').started).rejects.toMatchObject({
        code: 'ERR_COMMAND_NOT_FOUND',
        message: expect.stringContaining('could not be started: spawn EMFILE') as string,
      });
    } finally {
      spawn.mockRestore();
    }
  });

  test('is not made when the program has closed', async () => {
    await expect(start(LISTEN, { signal: AbortSignal.abort() }).started).rejects.toMatchObject({ code: 'ERR_CLOSED' });
  });

  test('by its warm-up leaves nothing behind either', async () => {
    const script = `${withChild({ stdio: 'ignore' }, '')} ${LISTEN}`;
    const { started, log } = start(script, {
      definition: { features: { ...PLAIN, warmup: { path: '/fails', port: undefined } } },
    });
    await expect(started).rejects.toMatchObject({ code: 'ERR_WARMUP_FAILED' });
    const all = pidsIn(log.map(({ line }) => line));
    expect([all.length, all.filter(isAlive)]).toEqual([2, []]);
  });
});
