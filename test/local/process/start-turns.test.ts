import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { StartTurns } from '../../../local/src/process/start-turns';

const nextTick = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

/** A start that ends when the test says so. */
function newStart(started: number[], number: number): { start: () => Promise<number>; end: () => void } {
  let end = (): void => {};
  const ended = new Promise<void>(resolve => {
    end = resolve;
  });
  const start = async (): Promise<number> => {
    started.push(number);
    await ended;
    return number;
  };
  return {
    start,
    end: () => {
      end();
    },
  };
}

test('a few start at once, the others in their order as soon as one of those has started or failed', async () => {
  const turns = new StartTurns(2);
  const { signal } = new AbortController();
  const started: number[] = [];
  const starts = [0, 1, 2].map(number => newStart(started, number));
  const results = starts.map(({ start }) => turns.take(start, signal));
  const failing = turns.take(() => {
    started.push(3);
    return Promise.reject(new Error('broken'));
  }, signal);
  const last = turns.take(() => Promise.resolve(4), signal);
  await nextTick();
  expect(started).toEqual([0, 1]);
  starts[1]?.end();
  await results[1];
  await nextTick();
  expect(started).toEqual([0, 1, 2]);
  starts[2]?.end();
  await expect(failing).rejects.toThrow('broken');
  expect(await last).toBe(4);
  starts[0]?.end();
  expect(await Promise.all(results)).toEqual([0, 1, 2]);
});

test('four start at once for each processor', async () => {
  const turns = new StartTurns();
  const { signal } = new AbortController();
  const most = 4 * availableParallelism();
  const started: number[] = [];
  const starts = Array.from({ length: most + 1 }, (_, number) => newStart(started, number));
  const results = starts.map(({ start }) => turns.take(start, signal));
  await nextTick();
  expect(started).toHaveLength(most);
  for (const { end } of starts) {
    end();
  }
  await Promise.all(results);
});

test('a start that takes long does not keep the others from starting', async () => {
  jest.useFakeTimers();
  try {
    const turns = new StartTurns(1);
    const { signal } = new AbortController();
    const slow = newStart([], 0);
    const first = turns.take(slow.start, signal);
    const second = turns.take(() => Promise.resolve('second'), signal);
    await jest.advanceTimersByTimeAsync(5000);
    expect(await second).toBe('second');
    slow.end();
    expect(await first).toBe(0);
    // Its turn was passed on once, not twice.
    const started: number[] = [];
    const [third, fourth] = [newStart(started, 3), newStart(started, 4)];
    const both = [turns.take(third.start, signal), turns.take(fourth.start, signal)];
    await jest.advanceTimersByTimeAsync(0);
    expect(started).toEqual([3]);
    third.end();
    fourth.end();
    await Promise.all(both);
    expect(jest.getTimerCount()).toBe(0);
  } finally {
    jest.useRealTimers();
  }
});

test('who waits hears of the end', async () => {
  const turns = new StartTurns(1);
  const abort = new AbortController();
  const slow = newStart([], 0);
  const first = turns.take(slow.start, abort.signal);
  const waiting = turns.take(() => Promise.resolve('never'), abort.signal);
  abort.abort();
  slow.end();
  await first;
  await expect(waiting).rejects.toMatchObject({ code: 'ERR_CLOSED' });
});

// In a process of its own, because jest has an AbortSignal of its own too.
test('many starts may listen to the end without a warning', () => {
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      '--import',
      'tsx',
      '-e',
      `
    const { ProcessPool } = require('./local/src/process/process-pool.ts');
    const listening = signal => new Promise((_, reject) => { signal.addEventListener('abort', () => { reject(new Error('ended')); }); });
    const pool = new ProcessPool(20, undefined, listening, () => {}, () => {});
    pool.open().catch(() => {});
    pool.close();
  `,
    ],
    { cwd: path.join(__dirname, '../../..'), encoding: 'utf8' },
  );
  expect(status).toBe(0);
  expect(stderr).not.toContain('MaxListeners');
});
