import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import {
  LocalRuntime,
  type LocalRuntimeDefinition,
  type LocalRuntimeOptions,
  type SessionStoppedEvent,
} from 'stateful-mcp-local';
import { until } from './program';

// Servers in bubblewrap, with their code in the real home of whoever runs this.

let home: string;
let checkout: string;
const running: LocalRuntime[] = [];

beforeEach(() => {
  home = mkdtempSync(path.join(os.homedir(), '.stateful-mcp-isolation-'));
  checkout = path.join(home, 'checkout/server');
  mkdirSync(path.join(home, 'checkout/node_modules/above'), { recursive: true });
  writeFileSync(path.join(home, 'checkout/node_modules/above/index.js'), 'module.exports = "found";');
  writeFileSync(path.join(home, 'secret'), 'secret');
  mkdirSync(checkout);
  copyFileSync(path.join(__dirname, 'evaluating-server.cjs'), path.join(checkout, 'server.cjs'));
});

afterEach(async () => {
  await Promise.all(running.splice(0).map(runtime => runtime.close()));
  rmSync(home, { recursive: true });
});

interface Evaluated {
  readonly result: unknown;
  readonly error?: { readonly message: string };
}

async function start(definition: Partial<LocalRuntimeDefinition> = {}, options: Partial<LocalRuntimeOptions> = {}) {
  const lines: string[] = [];
  const runtime = new LocalRuntime({
    runtimes: [{ name: 'isolated', command: [process.execPath, 'server.cjs'], cwd: checkout, ...definition }],
    isolation: 'bubblewrap',
    log: ({ line }) => lines.push(line),
    ...options,
  });
  running.push(runtime);
  await runtime.ready;
  const { url } = await runtime.listen();
  const send = (method: string, params: object, sessionId?: string): Promise<Response> =>
    fetch(`${url}/mcp`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...(sessionId !== undefined && { 'mcp-session-id': sessionId }),
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
  const initialize = async (): Promise<string> => (await send('initialize', {})).headers.get('mcp-session-id') ?? '';
  const evaluate = async (sessionId: string, code: string): Promise<unknown> => {
    const { result, error } = (await (await send('evaluate', { code }, sessionId)).json()) as Evaluated;
    if (error) {
      throw new Error(error.message);
    }
    return result;
  };
  return { runtime, lines, initialize, evaluate };
}

const FS = 'require("node:fs")';
const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}`);

function groupOf(pid: number): string[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pgid=,stat=,args='], { encoding: 'utf8' });
  return stdout.split('\n').filter(line => {
    const [group, state] = line.trim().split(/\s+/);
    return Number(group) === pid && !state?.startsWith('Z');
  });
}

test('a server writes neither into its checkout nor elsewhere, and reads nothing else of the home', async () => {
  const { initialize, evaluate } = await start();
  const sessionId = await initialize();
  for (const file of [
    path.join(checkout, 'written'),
    path.join(checkout, 'server.cjs'),
    '/usr/written',
    '/etc/written',
    '/var/written',
  ]) {
    expect(await evaluate(sessionId, `${FS}.writeFileSync(${JSON.stringify(file)}, "")`)).toEqual({ failed: 'EROFS' });
  }
  expect(await evaluate(sessionId, `${FS}.readFileSync(${JSON.stringify(path.join(home, 'secret'))}, 'utf8')`)).toEqual(
    { failed: 'ENOENT' },
  );
  expect(await evaluate(sessionId, `${FS}.readdirSync(${JSON.stringify(home)})`)).toEqual(['checkout']);
  expect(
    await evaluate(sessionId, `${FS}.readdirSync('/run').filter(name => name !== 'systemd' && name !== 'resolvconf')`),
  ).toEqual([]);
  expect(await evaluate(sessionId, 'process.cwd()')).toBe(checkout);
  expect(
    await evaluate(sessionId, 'require("node:module").createRequire(process.cwd() + "/server.cjs")("above")'),
  ).toBe('found');
  // Nor does what it can write reach the machine.
  expect(
    await evaluate(sessionId, `${FS}.writeFileSync(${JSON.stringify(path.join(home, 'written'))}, "")`),
  ).toBeNull();
  expect(existsSync(path.join(home, 'written'))).toBe(false);
  expect(
    await evaluate(sessionId, 'require("node:child_process").spawnSync("mount", ["-o", "remount,rw", "/"]).status'),
  ).not.toBe(0);
});

test('sessions see neither the /tmp nor the processes of each other', async () => {
  const { initialize, evaluate } = await start();
  const [one, other] = [await initialize(), await initialize()];
  expect(await evaluate(one, `${FS}.writeFileSync('/tmp/mine', "")`)).toBeNull();
  expect(await evaluate(one, `${FS}.readdirSync('/tmp')`)).toEqual(['mine']);
  expect(await evaluate(other, `${FS}.readdirSync('/tmp')`)).toEqual([]);
  expect(existsSync('/tmp/mine')).toBe(false);
  expect(await evaluate(other, `${FS}.readdirSync('/proc').filter(name => Number(name) > 0).length`)).toBe(2);
  expect(await evaluate(other, `process.kill(${process.pid}, 0)`)).toEqual({ failed: 'ESRCH' });
});

test('the session storage can be written and is there when the session comes back', async () => {
  const { runtime, initialize, evaluate } = await start({ sessionStorage: '/mnt/data' });
  const sessionId = await initialize();
  expect(
    await evaluate(sessionId, `${FS}.writeFileSync(process.env.STATEFUL_MCP_SESSION_STORAGE + '/kept', 'kept')`),
  ).toBeNull();
  await runtime.faults.expireSession(sessionId);
  expect(
    await evaluate(sessionId, `${FS}.readFileSync(process.env.STATEFUL_MCP_SESSION_STORAGE + '/kept', 'utf8')`),
  ).toBe('kept');
});

test('snapshot mode works in it', async () => {
  const { initialize, evaluate } = await start({ platformVersion: 'V2' });
  expect(await evaluate(await initialize(), 'process.env.NODE_OPTIONS')).toContain('--require');
});

test('SIGTERM reaches the server, which answers what is open before it ends', async () => {
  const { runtime, lines, initialize, evaluate } = await start();
  const sessionId = await initialize();
  const stopped = once(runtime.events, 'session-stopped') as Promise<[SessionStoppedEvent]>;
  const slow = evaluate(sessionId, 'new Promise(resolve => setTimeout(resolve, 700, "finished"))');
  await until(() => runtime.sessions()[0]?.state === 'active', 'the call is open');
  await new Promise(resolve => setTimeout(resolve, 100));
  void runtime.faults.expireSession(sessionId);
  expect(await slow).toBe('finished');
  expect(await stopped).toMatchObject([{ reason: 'expired', exitCode: 0, signal: null }]);
  expect(lines).toContain('draining');
});

test('what the server and its children use is counted, and limited', async () => {
  const { runtime, initialize, evaluate } = await start({}, { resources: { memoryBytes: 300 * 1024 * 1024 } });
  const sessionId = await initialize();
  const before = runtime.sessions()[0]?.cost.peakMemoryBytes ?? 0;
  expect(before).toBeGreaterThan(30 * 1024 * 1024);
  const child = (megabytes: number): string =>
    `void require("node:child_process").spawn(process.execPath, ["-e", "const kept = Buffer.alloc(${megabytes} * 1024 * 1024, 1); setInterval(() => kept.length, 1000)"])`;
  await evaluate(sessionId, child(100));
  await until(
    () => (runtime.sessions()[0]?.cost.peakMemoryBytes ?? 0) > before + 100 * 1024 * 1024,
    'the memory of the child is counted',
  );
  const stopped = once(runtime.events, 'session-stopped') as Promise<[SessionStoppedEvent]>;
  await evaluate(sessionId, child(200));
  expect((await stopped)[0]).toMatchObject({ reason: 'out-of-memory' });
});

test('nothing is left after dispose, not even of a child that left its process group', async () => {
  const { runtime, initialize, evaluate } = await start();
  const sessionId = await initialize();
  await evaluate(
    sessionId,
    'void require("node:child_process").spawn("sleep", ["98765"], { detached: true, stdio: "ignore" })',
  );
  const sleeping = (): boolean =>
    spawnSync('ps', ['-A', '-o', 'args='], { encoding: 'utf8' }).stdout.includes('sleep 98765');
  expect(sleeping()).toBe(true);
  const { pid = 0 } = runtime.sessions()[0] ?? {};
  expect(groupOf(pid).length).toBeGreaterThan(1);
  await runtime.close();
  expect(groupOf(pid)).toEqual([]);
  await until(() => !sleeping(), 'the child is gone');
});

test('nothing is left after SIGKILL of the program that runs the local runtime', async () => {
  const program = spawn(
    process.execPath,
    [
      '-e',
      `
    const { LocalRuntime } = require(${JSON.stringify(path.join(__dirname, '../../../local'))});
    const runtime = new LocalRuntime({ runtimes: [{ name: 'isolated', command: [process.execPath, 'server.cjs'], cwd: ${JSON.stringify(checkout)} }], isolation: 'bubblewrap' });
    runtime.listen().then(({ url }) => fetch(url + '/mcp', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"id":1,"method":"initialize"}' }))
      .then(() => console.log(runtime.sessions()[0].pid));
  `,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const { value } = (await createInterface({ input: program.stdout })[Symbol.asyncIterator]().next()) as {
    value: string;
  };
  const pid = Number(value);
  expect(isAlive(pid)).toBe(true);
  program.kill('SIGKILL');
  await until(() => groupOf(pid).length === 0, 'its servers are gone');
});

test('a program that is missing is still said to be missing', async () => {
  await expect(start({ command: ['no-such-program-here'] })).rejects.toMatchObject({ code: 'ERR_COMMAND_NOT_FOUND' });
});

test('a server whose folder is the home is refused', async () => {
  await expect(start({ cwd: os.homedir() })).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' });
});
