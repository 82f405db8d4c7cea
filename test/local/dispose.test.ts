import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { buildSync } from 'esbuild';
import { isAlive, McpEndpoint, newRuntime, nextStop, sessionServer, startRuntime, until } from './running';

function descendants(): string[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'ppid=,stat=,args='], { encoding: 'utf8' });
  return stdout.split('\n').filter(line => {
    const [parent, state] = line.trim().split(/\s+/);
    return Number(parent) === process.pid && !state?.startsWith('Z') && !line.includes('ps -A');
  });
}

/** The processes with a text in their environment or command. */
function tagged(text: string): number[] {
  const { stdout } = spawnSync('ps', ['axwwe', '-o', 'pid=,stat=,command='], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout
    .split('\n')
    .filter(line => line.includes(text))
    .map(line => line.trim().split(/\s+/))
    .flatMap(([pid, state]) => (state?.startsWith('Z') ? [] : [Number(pid)]));
}

function childrenNamed(parent: number, text: string): number[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' });
  return stdout.split('\n').flatMap(line => {
    const [pid, ppid, state] = line.trim().split(/\s+/);
    return Number(ppid) === parent && !state?.startsWith('Z') && line.includes(text) ? [Number(pid)] : [];
  });
}

test('nothing is left after dispose: no process, no port, no exit hook', async () => {
  const hooks = process.listenerCount('exit');
  const before = descendants();
  const { runtime, url, endpoint } = await startRuntime({ pooledProcesses: 2 });
  await endpoint.initialize();
  await endpoint.describe();
  expect(process.listenerCount('exit')).toBe(hooks + 1);
  await runtime.close();
  expect(descendants()).toEqual(before);
  expect(process.listenerCount('exit')).toBe(hooks);
  await expect(fetch(url)).rejects.toThrow();
});

test('the exit hook stays until the last of several local runtimes is disposed of', async () => {
  const hooks = process.listenerCount('exit');
  const [one, other] = [await startRuntime(), await startRuntime()];
  expect(process.listenerCount('exit')).toBe(hooks + 1);
  await one.runtime.close();
  expect(process.listenerCount('exit')).toBe(hooks + 1);
  await other.runtime.close();
  expect(process.listenerCount('exit')).toBe(hooks);
});

test('a call that is under way hears of it, and its session says why it ended', async () => {
  const { runtime, endpoint } = await startRuntime();
  const sessionId = await endpoint.initialize();
  const call = endpoint.message('hang', {}, sessionId);
  await until(() => runtime.sessions()[0]?.state === 'active');
  const stopped = nextStop(runtime);
  await runtime.close();
  expect((await stopped).reason).toBe('closed');
  expect((await call).error).toEqual({ code: -32010, message: 'the local runtime was closed' });
});

test('a server that ignores SIGTERM is ended by force', async () => {
  const { runtime, endpoint } = await startRuntime({
    runtimes: [sessionServer({ environment: { IGNORE_SIGTERM: '1' } })],
  });
  const { pid } = await endpoint.describe(await endpoint.initialize());
  await runtime.close();
  expect(isAlive(pid)).toBe(false);
});

test('dispose while the servers start ends them, and ready rejects', async () => {
  const before = descendants();
  const runtime = newRuntime({ runtimes: [sessionServer()], pooledProcesses: 3 });
  const disposed = runtime.close();
  await expect(runtime.ready).rejects.toMatchObject({ code: 'ERR_CLOSED' });
  await disposed;
  expect(descendants()).toEqual(before);
});

test('after dispose, everything says so', async () => {
  const { runtime } = await startRuntime();
  await Promise.all([runtime.close(), runtime.close()]);
  await expect(runtime.fetch(new Request('http://localhost/mcp'))).rejects.toMatchObject({ code: 'ERR_CLOSED' });
  await expect(runtime.listen()).rejects.toMatchObject({ code: 'ERR_CLOSED' });
});

test('a listener can be closed by itself', async () => {
  const { runtime, endpoint } = await startRuntime();
  const other = await runtime.listen();
  const sessionId = await endpoint.initialize();
  const stream = await fetch(`${other.url}/mcp`, { headers: { 'mcp-session-id': sessionId } });
  await other.close();
  await expect(stream.text()).rejects.toThrow();
  await expect(fetch(other.url)).rejects.toThrow();
  expect((await new McpEndpoint(endpoint.url).describe(sessionId)).pid).toBe(runtime.sessions()[0]?.pid);
});

describe('when the program ends without dispose', () => {
  let folder: string;
  let bundle: string;

  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'stateful-mcp-local-'));
    bundle = path.join(folder, 'local.cjs');
    symlinkSync(path.join(__dirname, '../../node_modules'), path.join(folder, 'node_modules'));
    buildSync({
      absWorkingDir: path.join(__dirname, '../..'),
      entryPoints: ['local/src/index.ts'],
      outfile: bundle,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      packages: 'external',
      alias: { 'stateful-mcp-contract': './contract/src/index.ts' },
    });
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  async function host(how: string): Promise<{ program: ChildProcess; server: number; lines: AsyncIterator<string> }> {
    const program = spawn(process.execPath, [path.join(__dirname, 'fixtures/host.cjs'), bundle, how], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const lines = createInterface({ input: program.stdout })[Symbol.asyncIterator]();
    const server = Number((await lines.next()).value);
    expect(server).toBeGreaterThan(0);
    return { program, server, lines };
  }

  test.each(['exit', 'throw'])('no server is left: %s', async how => {
    const { server } = await host(how);
    await until(() => !isAlive(server));
  });

  test.each<[string, NodeJS.Signals]>([
    ['handled signal', 'SIGTERM'],
    ['a signal that nothing handles', 'SIGINT'],
    ['a signal that nothing can handle', 'SIGKILL'],
  ])('no server is left: %s (%s)', async (how, signal) => {
    const { program, server } = await host(how);
    expect(isAlive(server)).toBe(true);
    program.kill(signal);
    await once(program, 'exit');
    await until(() => !isAlive(server));
  });

  test('no server is left of those that were starting', async () => {
    const tag = `starting-${randomUUID()}`;
    for (const delayMs of [0, 60, 150]) {
      const program = spawn(process.execPath, [path.join(__dirname, 'fixtures/host.cjs'), bundle, 'starts-many'], {
        env: { ...process.env, TAG: tag },
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      await once(program.stdout, 'data');
      await new Promise(resolve => setTimeout(resolve, delayMs));
      program.kill('SIGKILL');
      await once(program, 'exit');
      await until(() => tagged(tag).length === 0);
    }
  });

  test('no server is left when what watches over them was killed too, nor what has left its process group', async () => {
    const { program, server, lines } = await host('detached child');
    const child = Number((await lines.next()).value);
    const [guard] = childrenNamed(program.pid as number, 'stateful-mcp-local guard');
    process.kill(guard as number, 'SIGKILL');
    await until(() => childrenNamed(program.pid as number, 'stateful-mcp-local guard').some(pid => pid !== guard));
    program.kill('SIGKILL');
    await once(program, 'exit');
    await until(() => !isAlive(server) && !isAlive(child));
  });

  test('it ends by itself after dispose', async () => {
    const { program, lines } = await host('close');
    const exited = once(program, 'exit');
    expect((await lines.next()).value).toBe('closed');
    expect(await exited).toEqual([0, null]);
  });
});
