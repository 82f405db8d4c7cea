import { setTimeout as delay } from 'node:timers/promises';
import { inParallel } from '../../../lambda/common/in-parallel';

const { signal } = new AbortController();

test('everything is done, no more than the limit at once', async () => {
  let running = 0;
  let most = 0;
  const done: number[] = [];
  await inParallel([1, 2, 3, 4, 5], 2, signal, async item => {
    most = Math.max(most, ++running);
    await delay(1);
    done.push(item);
    running--;
  });
  expect(done.sort()).toEqual([1, 2, 3, 4, 5]);
  expect(most).toBe(2);
});

test('when one fails, the others are told to stop and have stopped, and what has not begun never begins', async () => {
  const events: string[] = [];
  await expect(
    inParallel(['fails', 'waits', 'never'], 2, signal, async (item, stop) => {
      events.push(item);
      if (item === 'fails') {
        throw new Error('first failure');
      }
      await delay(60_000, undefined, { signal: stop }).catch(() => events.push('stopped'));
      stop.throwIfAborted();
    }),
  ).rejects.toThrow('first failure');
  expect(events).toEqual(['fails', 'waits', 'stopped']);
});

test('a stop from outside reaches all', async () => {
  const stop = new AbortController();
  const working = inParallel([1, 2], 2, stop.signal, async (_item, either) => {
    await delay(60_000, undefined, { signal: either }).catch(() => either.throwIfAborted());
  });
  stop.abort(new Error('out of time'));
  await expect(working).rejects.toThrow('out of time');
});
