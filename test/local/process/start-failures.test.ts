import { setTimeout } from 'node:timers/promises';
import {
  LocalRuntimeError,
  ManualClock,
  type LocalRuntimeErrorCode,
  type LocalRuntimeOptions,
} from 'stateful-mcp-local';
import { failingServer, isAlive, newRuntime, sessionServer, startRuntime } from '../running';

async function startError(options: LocalRuntimeOptions): Promise<LocalRuntimeError> {
  const error: unknown = await newRuntime(options).ready.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(LocalRuntimeError);
  return error as LocalRuntimeError;
}

const PLATFORM_MESSAGE = 'Runtime initialization time exceeded. Please make sure that initialization completes in 30s.';

test('a server that exits at start: exit code, last output, and what the platform would have said', async () => {
  const error = await startError({ runtimes: [failingServer('exits')] });
  expect(error.code).toBe('ERR_SERVER_EXITED');
  expect(error.startFailure).toEqual({
    runtimeName: 'failing',
    exitCode: 3,
    signal: null,
    output: ['reading configuration', 'Error: no configuration'],
    platformMessage: PLATFORM_MESSAGE,
  });
  expect(error.message).toMatch(
    /^runtime `failing`: the server ended with exit code 3 before it listened on 127\.0\.0\.1:\d+ /,
  );
  expect(error.message).toContain('\n  Error: no configuration\n');
  expect(error.message).toContain(PLATFORM_MESSAGE);
});

test('a server with an error in its code: the error is in the output', async () => {
  const error = await startError({ runtimes: [failingServer('throws')] });
  expect(error.code).toBe('ERR_SERVER_EXITED');
  expect(error.startFailure?.exitCode).toBe(1);
  expect(error.message).toContain('TypeError: configuration is not a function');
});

test('a wrong entry path: the file is named', async () => {
  const error = await startError({
    runtimes: [{ name: 'wrong', command: [process.execPath, 'no-such-server.mjs'], cwd: __dirname }],
  });
  expect(error.code).toBe('ERR_SERVER_EXITED');
  expect(error.message).toContain('no-such-server.mjs');
});

test('a server that is ended by a signal: the signal is named', async () => {
  const error = await startError({ runtimes: [{ name: 'killed', command: ['sh', '-c', 'kill -KILL $$'] }] });
  expect(error.code).toBe('ERR_SERVER_EXITED');
  expect(error.message).toContain('the server ended by SIGKILL');
  expect(error.startFailure).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
});

test('a program that is not installed is named', async () => {
  const error = await startError({ runtimes: [{ name: 'missing', command: ['no-such-program', 'server.py'] }] });
  expect(error.code).toBe('ERR_COMMAND_NOT_FOUND');
  expect(error.message).toContain('runtime `missing`: the program `no-such-program` of its command was not found');
});

test('a program that may not be run is named', async () => {
  const error = await startError({ runtimes: [{ name: 'forbidden', command: [__filename] }] });
  expect(error.code).toBe('ERR_COMMAND_NOT_FOUND');
  expect(error.message).toContain('EACCES');
});

test.each([
  [{}, 30],
  [{ startLimitMs: 120_000 }, 120],
  [{ platformVersion: 'V2' as const }, 120],
  [{ platformVersion: 'V2' as const, startLimitMs: 40_000 }, 40],
])('a server that never listens fails at its start limit (%j: %i s)', async (definition, seconds) => {
  const clock = new ManualClock();
  const runtime = newRuntime({ clock, runtimes: [failingServer('never-listens', definition)] });
  const outcome = runtime.ready.catch((reason: unknown) => reason as LocalRuntimeError);
  // The server needs a moment until it runs.
  await setTimeout(1500);
  clock.advance(seconds * 1000 - 1);
  expect(await Promise.race([outcome, setTimeout(20, 'pending')])).toBe('pending');
  clock.advance(1);
  const error = (await outcome) as LocalRuntimeError;
  expect(error.code).toBe('ERR_START_LIMIT');
  expect(error.message).toContain(`within ${seconds} s; let it read \`HOST\` and \`PORT\``);
  expect(error.startFailure).toMatchObject({
    output: ['reading configuration'],
    platformMessage: `Runtime initialization time exceeded. Please make sure that initialization completes in ${seconds}s.`,
  });
});

test('nothing is left running when one of several servers fails', async () => {
  const pids: number[] = [];
  const error = await startError({
    runtimes: [sessionServer(), failingServer('exits')],
    log: ({ pid }) => pids.push(pid),
  });
  expect(error.startFailure?.runtimeName).toBe('failing');
  expect(pids.filter(isAlive)).toEqual([process.pid].filter(pid => pids.includes(pid)));
});

test('requests that wait for a runtime hear that it failed to start', async () => {
  const runtime = newRuntime({ runtimes: [failingServer('exits')] });
  const { url } = await runtime.listen();
  const [byPort, byFetch] = await Promise.allSettled([
    fetch(`${url}/mcp`),
    runtime.fetch(new Request('http://localhost/mcp')),
  ]);
  expect(byFetch).toMatchObject({ status: 'rejected', reason: { code: 'ERR_SERVER_EXITED' } });
  const response = (byPort as PromiseFulfilledResult<Response>).value;
  expect(response.status).toBe(500);
  expect(await response.json()).toMatchObject({
    error: { code: -32603, message: expect.stringContaining('the server ended with exit code 3') as string },
  });
  await expect(fetch(`${url}/mcp`)).rejects.toThrow();
});

test('a start that a session waits for fails its request with the error of the platform and the cause', async () => {
  const { endpoint } = await startRuntime({ runtimes: [failingServer('exits')], pooledProcesses: 0 });
  const { id, error } = await endpoint.message('describe');
  expect(id).toBe(1);
  expect(error?.code).toBe(-32010);
  expect(error?.message).toContain(`${PLATFORM_MESSAGE} Here: runtime \`failing\`: the server ended with exit code 3`);
});

test.each<[string, LocalRuntimeOptions, LocalRuntimeErrorCode, string]>([
  ['nothing to run', {}, 'ERR_NO_RUNTIME', 'give `assembly`'],
  [
    'a name with a hyphen',
    { runtimes: [sessionServer({ name: 'my-server' })] },
    'ERR_INVALID_OPTION',
    '`name` must be a letter, then letters, digits and `_`',
  ],
  ['a name of 49 characters', { runtimes: [sessionServer({ name: 'a'.repeat(49) })] }, 'ERR_INVALID_OPTION', '`name`'],
  [
    'two definitions with one name',
    { runtimes: [sessionServer(), sessionServer()] },
    'ERR_INVALID_OPTION',
    'one definition for each `name`, got "sessions"',
  ],
  [
    'an image beside a command',
    { runtimes: [sessionServer({ image: 'server:v1' })] },
    'ERR_INVALID_OPTION',
    'runtime `sessions`: `image` must be left out where `command` is given, got "server:v1"',
  ],
  [
    'an image that is a flag',
    { runtimes: [{ name: 'flag', image: '--privileged' }] },
    'ERR_INVALID_OPTION',
    'runtime `flag`: `image` must be the name of an image, got "--privileged"',
  ],
  [
    'session storage for an image',
    { runtimes: [{ name: 'stored', image: 'server:v1', sessionStorage: '/mnt/data' }] },
    'ERR_INVALID_OPTION',
    'runtime `stored`: `sessionStorage` must be left out where `image` is given',
  ],
  [
    'snapshot mode for an image',
    { runtimes: [{ name: 'snapshot', image: 'server:v1', platformVersion: 'V2' }] },
    'ERR_INVALID_OPTION',
    'runtime `snapshot`: `platformVersion` must be left out where `image` is given',
  ],
  [
    'neither command nor image',
    { runtimes: [{ name: 'nothing' }] },
    'ERR_INVALID_OPTION',
    'runtime `nothing`: `command` must be a program',
  ],
  [
    'an empty command',
    { runtimes: [sessionServer({ command: [''] })] },
    'ERR_INVALID_OPTION',
    'runtime `sessions`: `command`',
  ],
  [
    'a folder that does not exist',
    { runtimes: [sessionServer({ cwd: '/no/such/folder' })] },
    'ERR_INVALID_OPTION',
    '`cwd` must be a directory that exists, got "/no/such/folder"',
  ],
  [
    'a negative pool',
    { runtimes: [sessionServer()], pooledProcesses: -1 },
    'ERR_INVALID_OPTION',
    '`pooledProcesses` must be a whole number, 0 or more, got -1',
  ],
  [
    'an unknown setting',
    { runtimes: [sessionServer()], settings: { sessionIds: 'client' as 'server' } },
    'ERR_INVALID_OPTION',
    "`settings.sessionIds` must be 'server' or 'platform', got \"client\"",
  ],
])('%s is refused by the constructor', (_, options, code, text) => {
  const construct = (): unknown => newRuntime(options);
  expect(construct).toThrow(text);
  expect(construct).toThrow(expect.objectContaining({ code }) as Error);
});

test.each([
  [
    { idleTimeoutSeconds: 901, maxLifetimeSeconds: 900 },
    '`idleTimeoutSeconds` must be at most `maxLifetimeSeconds`, which is 900, got 901',
  ],
  [{ idleTimeoutSeconds: 0 }, '`idleTimeoutSeconds` must be a number of seconds above 0, got 0'],
  [{ maxLifetimeSeconds: Number.NaN }, '`maxLifetimeSeconds` must be a number of seconds above 0'],
])('a lifecycle that cannot be is refused: %j', async (lifecycle, text) => {
  const error = await startError({ runtimes: [sessionServer(lifecycle)] });
  expect(error.code).toBe('ERR_INVALID_OPTION');
  expect(error.message).toContain(`runtime \`sessions\`: ${text}`);
});

test('an idle timeout that is not given is never above the max lifetime', async () => {
  const { runtime } = await startRuntime({ runtimes: [sessionServer({ maxLifetimeSeconds: 300 })] });
  expect(runtime.runtimes[0]).toMatchObject({ idleTimeoutSeconds: 300, maxLifetimeSeconds: 300 });
});
