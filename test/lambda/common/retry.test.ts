import { parseRetryAfter, TransientFailure, withRetries, type RetryPolicy } from '../../../lambda/common/retry';

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

test('a pause ends when the time is up, with its reason', async () => {
  const stop = new AbortController();
  const retrying = withRetries({ ...POLICY, firstPauseMs: 60_000, longestPauseMs: 60_000 }, stop.signal, () => {
    throw new TransientFailure('busy');
  });
  setImmediate(() => stop.abort(new Error('out of time')));
  await expect(retrying).rejects.toThrow('out of time');
});

test.each([
  ['3', 3000],
  [' 0 ', 0],
  ['Sun, 22 Nov 2026 12:00:10 GMT', 10_000],
  ['Sun, 22 Nov 2026 11:00:00 GMT', 0],
  ['soon', undefined],
  [undefined, undefined],
])('Retry-After: %s', (header, milliseconds) => {
  expect(parseRetryAfter(header, Date.parse('2026-11-22T12:00:00Z'))).toBe(milliseconds);
});
