import { ManualClock } from 'stateful-mcp-local';
import { SessionTimers } from '../../../local/src/session/session-timers';

const SECOND = 1000;

interface Timed {
  readonly clock: ManualClock;
  readonly timers: SessionTimers;
  readonly session: { busy: boolean; lastActiveAt: number };
  /** When it was ended after its start, and why. */
  readonly ends: string[];
}

function timed(): Timed {
  const clock = new ManualClock();
  const startedAt = clock.now();
  const ends: string[] = [];
  const session = {
    busy: false,
    lastActiveAt: startedAt,
    stop: (reason: string) => ends.push(`${reason} at ${(clock.now() - startedAt) / SECOND} s`),
  };
  return {
    clock,
    session,
    ends,
    timers: new SessionTimers(clock, { idleTimeoutSeconds: 60, maxLifetimeSeconds: 600 }, session),
  };
}

test('a session that nobody uses ends once for that', () => {
  const { clock, timers, ends } = timed();
  timers.start();
  clock.advance(599 * SECOND);
  expect(ends).toEqual(['idle-timeout at 60 s']);
});

test('the idle timeout begins with the last use', () => {
  const { clock, timers, session, ends } = timed();
  timers.start();
  for (const seconds of [30, 50, 45]) {
    clock.advance(seconds * SECOND);
    session.lastActiveAt = clock.now();
  }
  clock.advance(100 * SECOND);
  expect(ends).toEqual(['idle-timeout at 185 s']);
});

test('a session that is busy when its time is over has all of it again', () => {
  const { clock, timers, session, ends } = timed();
  timers.start();
  session.busy = true;
  clock.advance(70 * SECOND);
  session.busy = false;
  clock.advance(100 * SECOND);
  expect(ends).toEqual(['idle-timeout at 120 s']);
});

test('nothing keeps a session from the end of its lifetime', () => {
  const { clock, timers, session, ends } = timed();
  timers.start();
  session.busy = true;
  clock.advance(600 * SECOND - 1);
  expect(ends).toEqual([]);
  clock.advance(1000 * SECOND);
  expect(ends).toEqual(['max-lifetime at 600 s']);
});

test('a session that has ended is not ended again', () => {
  const { clock, timers, ends } = timed();
  // It may end while its process starts.
  timers.cancel();
  timers.start();
  timers.cancel();
  clock.advance(1000 * SECOND);
  expect(ends).toEqual([]);
});
