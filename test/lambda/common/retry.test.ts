import * as timers from 'node:timers/promises';
import {
  parseRetryAfter,
  RETRY_POLICY,
  TransientFailure,
  withRetries,
  type RetryPolicy,
} from '../../../lambda/common/retry';

jest.mock('node:timers/promises', () => {
  const real = jest.requireActual<typeof timers>('node:timers/promises');
  return { ...real, setTimeout: jest.fn(real.setTimeout) };
});

const POLICY: RetryPolicy = { attempts: 3, firstPauseMs: 1, longestPauseMs: 2, longestRetryAfterMs: 1000 };
const { signal } = new AbortController();

test('a failure that may pass is tried again, as often as the policy says', async () => {
  const attempts: number[] = [];
  await expect(
    withRetries(POLICY, signal, attempt => {
      attempts.push(attempt);
      throw new TransientFailure(`attempt ${attempt}`);
    }),
  ).rejects.toThrow('attempt 3');
  expect(attempts).toEqual([1, 2, 3]);
});

test('another failure is not', async () => {
  let attempts = 0;
  await expect(
    withRetries(POLICY, signal, () => {
      attempts++;
      throw new Error('for good');
    }),
  ).rejects.toThrow('for good');
  expect(attempts).toBe(1);
});

describe('pauses', () => {
  /** How long was waited for before each attempt after the first, with so much chance. */
  async function pausesOf(policy: Partial<RetryPolicy>, chance: number, retryAfterMs?: number): Promise<unknown[]> {
    const random = jest.spyOn(Math, 'random').mockReturnValue(chance);
    const delay = jest.mocked(timers.setTimeout).mockClear();
    await expect(
      withRetries({ ...POLICY, attempts: 5, firstPauseMs: 4, longestPauseMs: 10, ...policy }, signal, () => {
        throw new TransientFailure('busy', { retryAfterMs });
      }),
    ).rejects.toThrow('busy');
    random.mockRestore();
    return delay.mock.calls.map(([milliseconds]) => milliseconds);
  }

  test('double, up to the longest, and are shorter by chance, down to the half', async () => {
    expect(await pausesOf({}, 1)).toEqual([4, 8, 10, 10]);
    expect(await pausesOf({}, 0.5)).toEqual([3, 6, 7.5, 7.5]);
    expect(await pausesOf({}, 0)).toEqual([2, 4, 5, 5]);
  });

  test('are as long as the server asks for, unless that is too long', async () => {
    expect(await pausesOf({ longestRetryAfterMs: 6 }, 0, 6)).toEqual([6, 6, 6, 6]);
    expect(await pausesOf({ longestRetryAfterMs: 5 }, 0, 6)).toEqual([]);
    expect(await pausesOf({ longestRetryAfterMs: 6 }, 1, 1)).toEqual([4, 8, 10, 10]);
  });
});

test('the policy of the functions tries for half a minute, and waits for a server no longer than a minute', async () => {
  const delay = jest
    .mocked(timers.setTimeout)
    .mockClear()
    .mockImplementation(() => Promise.resolve(undefined));
  const random = jest.spyOn(Math, 'random').mockReturnValue(0.5);
  const trying = (retryAfterMs?: number) =>
    withRetries(RETRY_POLICY, signal, () => Promise.reject(new TransientFailure('busy', { retryAfterMs })));
  await expect(trying()).rejects.toThrow('busy');
  expect(delay.mock.calls.reduce((sum, [milliseconds = 0]) => sum + milliseconds, 0)).toBe(30_150);
  delay.mockClear();
  await expect(trying(60_000)).rejects.toThrow('busy');
  expect(delay).toHaveBeenCalledTimes(7);
  delay.mockClear();
  await expect(trying(60_001)).rejects.toThrow('busy');
  expect(delay).toHaveBeenCalledTimes(0);
  delay.mockImplementation(jest.requireActual<typeof timers>('node:timers/promises').setTimeout);
  random.mockRestore();
});

test('a failure tells what it comes from', () => {
  const cause = new Error('ECONNRESET');
  expect(new TransientFailure('broken', { cause, status: 503, retryAfterMs: 1 })).toMatchObject({
    message: 'broken',
    cause,
    status: 503,
    retryAfterMs: 1,
  });
});

test('a run that was told to stop is not tried again', async () => {
  const stop = new AbortController();
  let attempts = 0;
  await expect(
    withRetries(POLICY, stop.signal, () => {
      attempts++;
      stop.abort(new Error('out of time'));
      throw new TransientFailure('busy');
    }),
  ).rejects.toThrow('out of time');
  expect(attempts).toBe(1);
});

test('a pause ends when the time is up, with its reason', async () => {
  const stop = new AbortController();
  let attempts = 0;
  const retrying = withRetries({ ...POLICY, firstPauseMs: 60_000, longestPauseMs: 60_000 }, stop.signal, () => {
    attempts++;
    throw new TransientFailure('busy');
  });
  setImmediate(() => stop.abort(new Error('out of time')));
  await expect(retrying).rejects.toThrow('out of time');
  expect(attempts).toBe(1);
});

test.each([
  ['3', 3000],
  ['120', 120_000],
  [' 7 ', 7000],
  ['22 Nov 2026 12:00:10 GMT', 10_000],
  ['2026-11-22T12:00:10+00:00', 10_000],
  ['Sun, 22 Nov 2026 12:00:10 GMT', 10_000],
  ['Sun, 22 Nov 2026 11:00:00 GMT', 0],
  ['soon', undefined],
  ['', undefined],
  ['1.5 s', undefined],
  [undefined, undefined],
])('Retry-After: %s', (header, milliseconds) => {
  expect(parseRetryAfter(header, Date.parse('2026-11-22T12:00:00Z'))).toBe(milliseconds);
});
