import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { LocalRuntime, type SessionResources } from 'stateful-mcp-local';
import { CpuAffinity } from '../../../local/src/machine/cpu-affinity';
import { memoryOfGroups, sharedOnceMemoryOf } from '../../../local/src/machine/group-memory';
import { MemoryWatch, nextReadingAfter, type WatchedSession } from '../../../local/src/session/memory-watch';
import { sessionResources } from '../../../local/src/platform/session-resources';
import { newFolder } from '../assembly';
import { isAlive, newRuntime, nextStop, sessionServer, startRuntime, until } from '../running';

const MB = 1024 * 1024;
const onLinux = process.platform === 'linux' ? test : test.skip;
const onSeveralProcessors = process.platform === 'linux' && os.availableParallelism() > 1 ? test : test.skip;

test('the defaults are those of the service', () => {
  expect(sessionResources()).toEqual({ vcpus: 2, memoryBytes: 8_589_934_592 });
  expect(sessionResources({ vcpus: 1 })).toEqual({ vcpus: 1, memoryBytes: 8_589_934_592 });
  expect(sessionResources('off')).toBeUndefined();
});

test.each([
  [{ vcpus: 0 }, '`resources.vcpus` must be a whole number, 1 or more, got 0'],
  [{ vcpus: 1.5 }, '`resources.vcpus` must be a whole number, 1 or more, got 1.5'],
  [{ memoryBytes: 0 }, '`resources.memoryBytes` must be a whole number of bytes, 1 or more, got 0'],
  [{ memoryBytes: '8GB' }, '`resources.memoryBytes` must be a whole number of bytes, 1 or more, got "8GB"'],
  [{ memory: 1 }, '`resources.memory` is not a resource; the resources are vcpus, memoryBytes'],
  ['on', '`resources` must be \'off\' or an object, got "on"'],
])('resources that cannot be are refused: %j', (resources, message) => {
  expect(
    () => new LocalRuntime({ runtimes: [sessionServer()], resources: resources as Partial<SessionResources> }),
  ).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION', message }) as Error);
});

describe('a session that uses more memory than it may', () => {
  test.each([
    ['itself', false],
    ['in a child', true],
  ])('ends at once, says how much it used, and leaves the others alone: %s', async (_, inChild) => {
    const { runtime, endpoint, log } = await startRuntime({ resources: { memoryBytes: 200 * MB } });
    const [greedy, modest] = [await endpoint.initialize(), await endpoint.initialize()];
    const { pid } = await endpoint.describe(greedy);
    const stopped = nextStop(runtime);
    const { error } = await endpoint.message('fill', { bytes: 300 * MB, inChild }, greedy);
    expect(error?.code).toBe(-32010);
    const [, used] =
      /^the session ran out of memory: its processes used (\d+\.\d) MB, the limit is 200\.0 MB \(`resources\.memoryBytes`\)$/.exec(
        error?.message ?? '',
      ) ?? [];
    expect(Number(used)).toBeGreaterThan(200);
    expect(await stopped).toMatchObject({
      sessionId: greedy,
      reason: 'out-of-memory',
      exitCode: null,
      signal: 'SIGKILL',
    });
    expect(isAlive(pid)).toBe(false);
    expect(log).toContainEqual(expect.objectContaining({ stream: 'runtime', sessionId: greedy, line: error?.message }));
    expect((await endpoint.call('describe', {}, modest)).status).toBe(200);
    // As after a crash: fresh compute, whose server does not know the id.
    expect((await endpoint.call('describe', {}, greedy)).status).toBe(404);
  });

  test('lives on without limits', async () => {
    const { runtime, endpoint } = await startRuntime({ resources: 'off' });
    const sessionId = await endpoint.initialize();
    await endpoint.message('fill', { bytes: 300 * MB, answers: true }, sessionId);
    await new Promise(resolve => setTimeout(resolve, 1500));
    expect(runtime.sessions()[0]).toMatchObject({ sessionId, state: 'idle' });
  });
});

test.each([
  ['a second after the last one', 1, 100 * MB, 1000],
  ['a second after one that found a session above its limit', 1, -MB, 1000],
  ['later, while no session can have filled what it has left', 1, 8_000_000_000, 4000],
  ['later, where reading takes long', 100, 100 * MB, 2000],
])('memory is read %s', (_, tookMs, leftBytes, afterMs) => {
  expect(nextReadingAfter(tookMs, leftBytes)).toBe(afterMs);
});

describe('the watch over memory', () => {
  const children: ChildProcess[] = [];
  const watches: MemoryWatch[] = [];
  beforeEach(() => {
    // Also `performance`: how long it takes to read is not what this is about.
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
  });
  afterEach(() => {
    jest.useRealTimers();
    for (const watch of watches.splice(0)) {
      watch.close();
    }
    for (const child of children.splice(0)) {
      child.kill('SIGKILL');
    }
  });

  /** A process group with that much memory besides what Node.js needs. */
  async function groupWith(bytes: number): Promise<number> {
    const script = `global.kept = Buffer.alloc(${bytes}, 1); console.log('filled'); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['-e', script], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    await once(child.stdout, 'data');
    return child.pid as number;
  }

  interface Watched extends WatchedSession {
    readonly told: [usedBytes: number, limitBytes: number][];
  }
  function watched(group: number | undefined): Watched {
    const told: [number, number][] = [];
    return { group, told, runOutOfMemory: (...what) => told.push(what) };
  }

  function watch(limitBytes: number | undefined, ...sessions: WatchedSession[]): jest.Mock<WatchedSession[], []> {
    const listed = jest.fn<WatchedSession[], []>(() => sessions);
    watches.push(new MemoryWatch(limitBytes, listed));
    return listed;
  }

  /** Lets time pass, and waits for what is read by then. */
  async function pass(ms: number): Promise<void> {
    jest.advanceTimersByTime(ms);
    while (jest.getTimerCount() === 0) {
      await new Promise(resolve => setImmediate(resolve));
    }
  }

  test('tells each session that is above the limit, and no other, again and again', async () => {
    const [small, large, ending] = [
      watched(await groupWith(0)),
      watched(await groupWith(200 * MB)),
      watched(undefined),
    ];
    watch(150 * MB, ending, small, large);
    await pass(999);
    expect(large.told).toEqual([]);
    await pass(1);
    await pass(1000);
    expect([small.told, ending.told]).toEqual([[], []]);
    expect(large.told).toEqual([
      [expect.any(Number), 150 * MB],
      [expect.any(Number), 150 * MB],
    ]);
    expect(Math.min(...large.told.map(([used]) => used))).toBeGreaterThan(200 * MB);
  });

  test('looks less often while no session can have come to the limit', async () => {
    const far = watch(8_000_000_000);
    await pass(1000);
    await pass(3999);
    expect(far).toHaveBeenCalledTimes(1);
    await pass(1);
    expect(far).toHaveBeenCalledTimes(2);
  });

  test('looks sooner the less the largest session has left', async () => {
    const [small, large] = [watched(await groupWith(0)), watched(await groupWith(300 * MB))];
    const listed = watch(2_200_000_000, small, large);
    await pass(1000);
    // Later, were there the small one alone.
    await pass(1000);
    expect(listed).toHaveBeenCalledTimes(2);
  });

  test('goes on where memory cannot be read', async () => {
    const [platform, searchPath] = [Object.getOwnPropertyDescriptor(process, 'platform'), process.env.PATH];
    Object.defineProperty(process, 'platform', { ...platform, value: 'darwin' });
    process.env.PATH = newFolder();
    try {
      const session = watched(1);
      const listed = watch(100, session);
      await pass(1000);
      await pass(1000);
      expect([listed.mock.calls.length, session.told]).toEqual([2, []]);
    } finally {
      Object.defineProperty(process, 'platform', platform as PropertyDescriptor);
      process.env.PATH = searchPath;
    }
  });

  test.each([
    ['without a limit', undefined],
    ['when it is closed', 100],
  ])('looks at nothing %s', async (_, limitBytes) => {
    const session = watched(1);
    const listed = watch(limitBytes, session);
    if (limitBytes !== undefined) {
      jest.advanceTimersByTime(1000);
      // While it reads.
      watches[0]?.close();
      await new Promise(resolve => setImmediate(resolve));
    }
    const before = listed.mock.calls.length;
    jest.advanceTimersByTime(100_000);
    expect([jest.getTimerCount(), listed.mock.calls.length - before]).toEqual([0, 0]);
  });

  test('looks at nothing when it is closed before it has begun', () => {
    const listed = watch(100);
    watches[0]?.close();
    expect([jest.getTimerCount(), listed.mock.calls]).toEqual([0, []]);
  });
});

onLinux('memory that the processes of a session share counts once', async () => {
  const { endpoint } = await startRuntime();
  const sessionId = await endpoint.initialize();
  const { pid } = await endpoint.describe(sessionId);
  const alone = (await memoryOfGroups()).get(pid) ?? 0;
  expect(alone).toBeGreaterThan(20 * MB);
  expect(sharedOnceMemoryOf(pid, alone)).toBe(alone);
  await endpoint.message('fill', { bytes: 100 * MB, inChild: true, answers: true }, sessionId);
  let together = 0;
  const deadline = Date.now() + 10_000;
  while (together < alone + 130 * MB && Date.now() < deadline) {
    together = (await memoryOfGroups()).get(pid) ?? 0;
  }
  const once = sharedOnceMemoryOf(pid, together);
  expect(once).toBeGreaterThan(90 * MB);
  // Both are Node.js, with the same program of tens of MB.
  expect(once).toBeLessThan(together - 10 * MB);
});

describe('processors', () => {
  const allowedOf = (pid: number): string =>
    /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';

  onSeveralProcessors('a server sees as many as a session has, and sessions take turns', async () => {
    const { endpoint } = await startRuntime({ resources: { vcpus: 1 }, pooledProcesses: 0 });
    const sessions = [await endpoint.initialize(), await endpoint.initialize()];
    const seen = await Promise.all(
      sessions.map(async sessionId => {
        const { result } = await endpoint.message<number>('parallelism', {}, sessionId);
        return { parallelism: result, allowed: allowedOf((await endpoint.describe(sessionId)).pid) };
      }),
    );
    expect(seen.map(({ parallelism }) => parallelism)).toEqual([1, 1]);
    expect(new Set(seen.map(({ allowed }) => allowed)).size).toBe(2);
  });

  onSeveralProcessors('what it starts stays on them', async () => {
    const { endpoint } = await startRuntime({ resources: { vcpus: 1 } });
    const sessionId = await endpoint.initialize();
    const { result } = await endpoint.message<{ pid: number }>('spawnChild', {}, sessionId);
    expect(allowedOf(result?.pid as number)).toMatch(/^\d+$/);
  });

  onLinux('a program that is missing is still said to be missing', async () => {
    const runtime = newRuntime({
      runtimes: [{ name: 'missing', command: ['no-such-program-here'] }],
      resources: { vcpus: 1 },
    });
    await expect(runtime.ready).rejects.toMatchObject({ code: 'ERR_COMMAND_NOT_FOUND' });
  });

  test('as many as the machine has are no limit', () => {
    const all = new CpuAffinity(os.availableParallelism());
    expect(all.notes).toEqual([]);
    expect(all.limit(['program', 'argument'])).toEqual(['program', 'argument']);
  });

  onSeveralProcessors('where they cannot be limited, the log says so once', async () => {
    const lines: string[] = [];
    const searchPath = process.env.PATH;
    process.env.PATH = newFolder();
    try {
      const runtime = newRuntime({
        runtimes: [sessionServer()],
        resources: { vcpus: 1 },
        pooledProcesses: 2,
        log: ({ line, stream }) => {
          if (stream === 'runtime') {
            lines.push(line);
          }
        },
      });
      await runtime.ready;
    } finally {
      process.env.PATH = searchPath;
    }
    await until(() => lines.length > 0);
    expect(lines).toEqual([
      `servers see all ${os.availableParallelism()} processors instead of 1: taskset (util-linux) is not installed`,
    ]);
    expect(new CpuAffinity(1, 'darwin').notes).toEqual([
      expect.stringContaining('this operating system cannot keep a process on some of them'),
    ]);
    expect(new CpuAffinity(1, 'darwin').limit(['program'])).toEqual(['program']);
  });
});
