import { ManualClock } from 'stateful-mcp-local';
import { systemClock, type Clock } from '../../../local/src/common/clock';
import { LocalRuntimeError } from '../../../local/src/common/errors';
import { ProcessPool } from '../../../local/src/process/process-pool';
import type { SessionProcess } from '../../../local/src/process/session-process';
import { HeldProcess } from './held-process';

// When a process listens and when it ends is up to the machine; here, to the test.

interface HeldStart {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string>> | undefined;
  readonly succeed: (process?: HeldProcess) => HeldProcess;
  readonly fail: (error: Error) => void;
}

interface PoolStarted {
  readonly pool: ProcessPool;
  readonly clock: Clock;
  readonly starts: HeldStart[];
  /** What the pool has told. */
  readonly started: unknown[];
  readonly failures: unknown[];
}

function newPool(size: number, proof?: () => Readonly<Record<string, string>>): PoolStarted {
  const clock = new ManualClock();
  const [starts, started, failures]: [HeldStart[], unknown[], unknown[]] = [[], [], []];
  const pool = new ProcessPool(
    size,
    clock,
    (signal, measured, environment) =>
      new Promise((resolve, reject) => {
        const succeed = (process = new HeldProcess()): HeldProcess => {
          resolve(process as unknown as SessionProcess);
          return process;
        };
        starts.push({ signal, clock: measured, environment, succeed, fail: reject });
      }),
    process => started.push(process),
    error => failures.push(error),
    proof,
  );
  return { pool, clock, starts, started, failures };
}

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

/** A pool whose processes listen. */
async function openPool(size: number): Promise<PoolStarted & { readonly processes: HeldProcess[] }> {
  const opened = newPool(size);
  const opening = opened.pool.open();
  const processes = opened.starts.map(({ succeed }) => succeed());
  await opening;
  return { ...opened, processes };
}

const EXITED = new LocalRuntimeError('ERR_SERVER_EXITED', 'it ended');
const TOO_SLOW = new LocalRuntimeError('ERR_START_LIMIT', 'too slow');

describe('a pool that opens', () => {
  test('is open when all of its processes listen, and measures their starts by its clock', async () => {
    const { pool, clock, starts, started } = newPool(2);
    let isOpen = false;
    const opening = pool.open().then(() => {
      isOpen = true;
    });
    expect(starts.map(start => [start.clock, start.environment])).toEqual([
      [clock, undefined],
      [clock, undefined],
    ]);
    const first = starts[0]?.succeed();
    await turn();
    expect([isOpen, started]).toEqual([false, [first]]);
    starts[1]?.succeed();
    await opening;
    expect(started).toHaveLength(2);
  });

  test('does not open when one of them does not start, and that is told to who opens it alone', async () => {
    const { pool, starts, failures } = newPool(1);
    const opening = pool.open();
    starts[0]?.fail(TOO_SLOW);
    await expect(opening).rejects.toBe(TOO_SLOW);
    expect(failures).toEqual([]);
  });

  test('and would hold none proves that one starts, and has it end', async () => {
    const { pool, clock, starts, started } = newPool(0, () => ({ PROOF: '1' }));
    let isOpen = false;
    const opening = pool.open().then(() => {
      isOpen = true;
    });
    expect(starts).toMatchObject([{ clock, environment: { PROOF: '1' } }]);
    const process = starts[0]?.succeed();
    await turn();
    expect([isOpen, process?.stop.mock.calls]).toEqual([false, [[2000, systemClock]]]);
    process?.exit();
    await opening;
    expect([starts.length, started]).toEqual([1, []]);
  });

  test.each([
    [0, undefined, 0],
    [1, () => ({ PROOF: '1' }), 1],
  ])('and needs no proof starts none: of %i processes', (size, proof, count) => {
    const { pool, starts } = newPool(size, proof);
    void pool.open();
    expect(starts.map(({ environment }) => environment)).toEqual(Array.from({ length: count }, () => undefined));
  });
});

describe('a session', () => {
  test('gets what waits, in turn; then what is being started; then a process of its own', async () => {
    const { pool, clock, starts, started, processes } = await openPool(2);
    expect([await pool.take(), await pool.take()]).toEqual(processes);
    pool.refill();
    starts[3]?.succeed();
    await turn();
    const [waiting, starting, own] = [await pool.take(), pool.take(), pool.take()];
    expect(started[2]).toBe(waiting);
    expect(starts.map(start => start.clock === clock)).toEqual([true, true, false, false, true]);
    const [third, fifth] = [starts[2]?.succeed(), starts[4]?.succeed()];
    expect([await starting, await own]).toEqual([third, fifth]);
    // It did not come to wait.
    expect(started).toHaveLength(3);
  });

  test('gets none that has ended, although the pool does not know it yet', async () => {
    const { pool, processes } = await openPool(2);
    const [first, second] = processes;
    first!.alive = false;
    expect(await pool.take()).toBe(second);
  });

  test('gets none that cannot be reached, which ends; what it wrote is not lost', async () => {
    const { pool, processes } = await openPool(2);
    const [first, second] = processes;
    first!.isReachable = false;
    expect(await pool.take()).toBe(second);
    expect(first?.kill).toHaveBeenCalledTimes(1);
    await turn();
    expect(first?.output.flush).not.toHaveBeenCalled();
    first?.exit();
    await turn();
    expect(first?.output.flush).toHaveBeenCalledTimes(1);
    expect([second?.kill, second?.output.flush].map(mock => mock?.mock.calls)).toEqual([[], []]);
  });

  test('that waits for a start hears of its failure, and nobody else', async () => {
    const { pool, starts, failures } = newPool(1);
    pool.refill();
    const taken = pool.take();
    starts[0]?.fail(TOO_SLOW);
    await expect(taken).rejects.toBe(TOO_SLOW);
    expect(failures).toEqual([]);
  });

  test('that waits for a server which ends gets another one', async () => {
    const { pool, clock, starts, failures } = newPool(1);
    pool.refill();
    const taken = pool.take();
    starts[0]?.fail(EXITED);
    await turn();
    expect(starts[1]?.clock).toBe(clock);
    const process = starts[1]?.succeed();
    expect(await taken).toBe(process);
    expect(failures).toEqual([]);
  });

  test('with an environment of its own gets a process that did not wait', async () => {
    const { pool, clock, starts, started } = await openPool(1);
    const own = pool.start({ OWN: '1' });
    expect(starts[1]).toMatchObject({ clock, environment: { OWN: '1' } });
    const process = starts[1]?.succeed();
    expect(await own).toBe(process);
    expect(started).not.toContain(process);
  });
});

describe('what is missing', () => {
  test('is started, and no more, in real time', async () => {
    const { pool, starts } = await openPool(2);
    pool.refill();
    expect(starts).toHaveLength(2);
    await pool.take();
    pool.refill();
    pool.refill();
    expect(starts.slice(2).map(({ clock }) => clock)).toEqual([systemClock]);
  });

  test('is told when it does not start, and started the next time', async () => {
    const { pool, starts, failures } = newPool(1);
    pool.refill();
    starts[0]?.fail(TOO_SLOW);
    await turn();
    expect([failures, starts.length]).toEqual([[TOO_SLOW], 1]);
    pool.refill();
    expect(starts).toHaveLength(2);
  });

  test.each<[string, (started: PoolStarted) => Promise<unknown>]>([
    [
      'waits',
      async ({ pool, starts }) => {
        pool.refill();
        starts[0]?.succeed(new HeldProcess(true));
        await turn();
        return pool.take();
      },
    ],
    [
      'is of a session',
      ({ pool, starts }) => {
        const own = pool.take();
        starts[0]?.succeed(new HeldProcess(true));
        return own;
      },
    ],
  ])('is not started beside a process that has to be the only one: it %s', async (_, takeIt) => {
    const started = newPool(2);
    await takeIt(started);
    const { length } = started.starts;
    started.pool.refill();
    expect(started.starts).toHaveLength(length);
  });
});

describe('a process that ends while it waits', () => {
  test('is replaced, with all that it wrote', async () => {
    const { pool, starts, processes } = await openPool(1);
    const [first] = processes;
    first?.end();
    await turn();
    expect([starts.length, first?.output.flush.mock.calls.length]).toEqual([2, 0]);
    first?.exit();
    await turn();
    expect(first?.output.flush).toHaveBeenCalledTimes(1);
    const second = starts[1]?.succeed();
    expect(await pool.take()).toBe(second);
  });

  test('is not replaced when it was taken, and no other goes with it', async () => {
    const { pool, starts, processes } = await openPool(2);
    const [first, second] = processes;
    await pool.take();
    first?.exit();
    await turn();
    expect([starts.length, first?.output.flush.mock.calls.length]).toEqual([2, 0]);
    expect(await pool.take()).toBe(second);
  });

  test('is replaced until three in a row did so, and again when a session was there', async () => {
    const { pool, starts, processes } = await openPool(1);
    const endNext = async (): Promise<void> => {
      starts.at(-1)?.succeed().exit();
      await turn();
    };
    processes[0]?.exit();
    await turn();
    await endNext();
    expect(starts).toHaveLength(3);
    await endNext();
    expect(starts).toHaveLength(3);
    const own = pool.take();
    starts[3]?.succeed();
    await own;
    pool.refill();
    await endNext();
    expect(starts).toHaveLength(6);
  });
});

describe.each(['retire', 'close'] as const)('the end of a pool: %s', way => {
  test('is that of all that waits, which is asked to end', async () => {
    const { pool, starts, processes } = await openPool(2);
    let isOver = false;
    const over = pool[way]().then(() => {
      isOver = true;
    });
    await turn();
    expect(processes.map(({ stop }) => stop.mock.calls)).toEqual([[[2000, systemClock]], [[2000, systemClock]]]);
    processes[0]?.exit();
    await turn();
    expect(isOver).toBe(false);
    processes[1]?.exit();
    await over;
    // What a retired one wrote is of no use to anybody.
    const flushes = way === 'close' ? 1 : 0;
    expect(processes.map(({ output }) => output.flush.mock.calls.length)).toEqual([flushes, flushes]);
    pool.refill();
    expect(starts).toHaveLength(2);
  });

  test('is told to starts when everything ends, and none of them fails', async () => {
    const { pool, starts, failures } = newPool(2);
    pool.refill();
    const over = pool[way]();
    expect(starts.map(({ signal }) => signal.aborted)).toEqual([way === 'close', way === 'close']);
    starts[0]?.fail(TOO_SLOW);
    const late = starts[1]?.succeed();
    await turn();
    expect(late?.stop).toHaveBeenCalledTimes(1);
    late?.exit();
    await over;
    expect([failures, starts.length]).toEqual([[], 2]);
  });

  test('goes on or ends for a session that waits for a server which ends', async () => {
    const { pool, starts } = newPool(1);
    pool.refill();
    const taken = pool.take().catch((error: unknown) => error);
    await pool[way]();
    starts[0]?.fail(EXITED);
    await turn();
    const another = starts[1]?.succeed();
    expect(await taken).toBe(way === 'close' ? EXITED : another);
  });
});
