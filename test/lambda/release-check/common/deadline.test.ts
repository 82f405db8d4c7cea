import { Deadline, NeedsAnotherInvocation, type TimeLimits } from '../../../../lambda/release-check/common/deadline';

// The time of a run, in its invocation and in all of them.

const NOW = Date.parse('2026-11-28T12:00:00Z');
const MINUTE_MS = 60_000;

let deadline: Deadline;
beforeEach(() => {
  jest.useFakeTimers({ now: NOW });
});
afterEach(() => {
  deadline.end();
  jest.useRealTimers();
});

function begin(limits: Partial<TimeLimits> = {}): Deadline {
  deadline = new Deadline({
    startedAt: NOW,
    runMs: 54 * MINUTE_MS,
    invocationMs: 14 * MINUTE_MS,
    continues: true,
    ...limits,
  });
  deadline.waitFor('version 3');
  return deadline;
}

/** Why the time was up after so many minutes, no sooner. */
function endAfter(minutes: number): unknown {
  jest.advanceTimersByTime(minutes * MINUTE_MS - 1);
  expect(deadline.signal.aborted).toBe(false);
  jest.advanceTimersByTime(1);
  expect(deadline.signal.aborted).toBe(true);
  return deadline.signal.reason;
}

test('at the end of an invocation the run goes on in another one', () => {
  begin();
  const reason = endAfter(14);
  expect(reason).toBeInstanceOf(NeedsAnotherInvocation);
  expect(reason).toMatchObject({ message: 'waiting for version 3' });
});

test.each<[string, Partial<TimeLimits>, number, number]>([
  ['whose time is up', { startedAt: NOW - 50 * MINUTE_MS }, 4, 54],
  ['whose time is up with that of its invocation', { runMs: 14 * MINUTE_MS }, 14, 14],
  ['that cannot go on', { continues: false }, 14, 14],
  ['that cannot go on, from half a minute on', { continues: false, invocationMs: MINUTE_MS / 3 }, 1 / 3, 1],
])('a run %s has failed', (_what, limits, minutes, told) => {
  begin(limits);
  expect(endAfter(minutes)).toMatchObject({
    code: 'ERR_OUT_OF_TIME',
    message: `version 3 did not come within ${told} min: look at the log of the runtime, and deploy again`,
  });
});

test('a run that has less than no time left ends at once', () => {
  begin({ startedAt: NOW - 60 * MINUTE_MS });
  jest.advanceTimersByTime(1);
  expect(deadline.signal.reason).toMatchObject({ code: 'ERR_OUT_OF_TIME' });
});

test('a run that stays in its invocation fails with it', () => {
  begin().stay(8 * MINUTE_MS);
  expect(endAfter(14)).toMatchObject({ code: 'ERR_OUT_OF_TIME' });
});

test.each<[string, Partial<TimeLimits>, boolean]>([
  ['has just enough', {}, true],
  ['has too little', { invocationMs: 14 * MINUTE_MS - 1 }, false],
  ['has too little, and there is no other one', { invocationMs: MINUTE_MS, continues: false }, true],
  ['has too little, as any other one had', { runMs: 10 * MINUTE_MS }, true],
])('what cannot be cut in two begins in an invocation that %s', (_what, limits, begins) => {
  const stay = (): void => begin(limits).stay(14 * MINUTE_MS);
  if (begins) {
    expect(stay).not.toThrow();
  } else {
    expect(stay).toThrow(NeedsAnotherInvocation);
    expect(stay).toThrow('waiting for version 3');
  }
});

test('a run that is over has no end any more', () => {
  begin().end();
  jest.advanceTimersByTime(60 * MINUTE_MS);
  expect(deadline.signal.aborted).toBe(false);
});

test('a pause ends by itself, or with the reason of the end', async () => {
  begin();
  await deadline.pause(0);
  const pause = deadline.pause(600_000);
  jest.advanceTimersByTime(14 * MINUTE_MS);
  await expect(pause).rejects.toBeInstanceOf(NeedsAnotherInvocation);
});
