import { ManualClock } from 'stateful-mcp-local';
import type { ClockTimer } from '../../../local/src/common/clock';
import { TimeLimits } from '../../../local/src/request/time-limits';
import { requestLimits } from '../../../local/src/platform/limits';

/** A clock that counts the timers that were set. */
class CountingClock extends ManualClock {
  public timersSet = 0;

  public override setTimeout(callback: () => void, delayMs: number): ClockTimer {
    this.timersSet++;
    return super.setTimeout(callback, delayMs);
  }
}

function start(requestMs: number, streamMs: number): { clock: CountingClock; limits: TimeLimits; told: string[] } {
  const clock = new CountingClock();
  const limits = new TimeLimits(clock, requestLimits({ requestMs, streamMs }));
  const told: string[] = [];
  limits.tell(({ name, message }) => told.push(`${name}: ${message}`));
  return { clock, limits, told };
}

const REQUEST_OVER = 'RuntimeClientError: the request took longer than 1 s';
const STREAM_OVER = 'RuntimeClientError: the stream lasted longer than';

test('a request is over to the millisecond, and told once', () => {
  const { clock, told } = start(1000, 5000);
  clock.advance(999);
  expect(told).toEqual([]);
  clock.advance(1);
  expect(told).toEqual([REQUEST_OVER]);
  clock.advance(10_000);
  expect(told).toEqual([REQUEST_OVER]);
});

test('who is told changes on the way from the door to the server', () => {
  const { clock, limits, told } = start(1000, 5000);
  limits.tell(({ message }) => told.push(`last: ${message}`));
  clock.advance(1000);
  expect(told).toEqual(['last: the request took longer than 1 s']);
});

test('nobody has to be told', () => {
  const clock = new ManualClock();
  new TimeLimits(clock, requestLimits({ requestMs: 1000 }));
  expect(() => {
    clock.advance(1000);
  }).not.toThrow();
});

test('a stream lasts its own time, from its beginning on', () => {
  const { clock, limits, told } = start(1000, 5000);
  clock.advance(400);
  limits.streaming();
  // Most end before: the timer of the request stays.
  expect(clock.timersSet).toBe(1);
  clock.advance(4999);
  expect(told).toEqual([]);
  clock.advance(1);
  expect(told).toEqual([`${STREAM_OVER} 5 s`]);
});

test('a stream may be shorter than a request', () => {
  const { clock, limits, told } = start(1000, 300);
  clock.advance(400);
  limits.streaming();
  clock.advance(299);
  expect(told).toEqual([]);
  clock.advance(1);
  expect(told).toEqual([`${STREAM_OVER} 0.3 s`]);
  clock.advance(10_000);
  expect(told).toHaveLength(1);
});

test.each([
  ['as it began', false],
  ['as a stream', true],
])('a request that has ended is not over later: %s', (_, streams) => {
  const { clock, limits, told } = start(1000, 500);
  if (streams) {
    limits.streaming();
  }
  limits.cancel();
  clock.advance(10_000);
  expect(told).toEqual([]);
});
