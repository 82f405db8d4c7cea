import { ManualClock } from 'stateful-mcp-local';
import { Rate } from '../../../local/src/platform/account-quotas';

const admitted = (rate: Rate, attempts: number): number =>
  Array.from({ length: attempts }, () => rate.admits()).filter(Boolean).length;

test('as many as it says a second are let through, and no more', () => {
  const clock = new ManualClock();
  const rate = new Rate(25, clock);
  expect(admitted(rate, 100)).toBe(25);
  clock.advance(200);
  expect(admitted(rate, 100)).toBe(5);
  clock.advance(60_000);
  expect(admitted(rate, 100)).toBe(25);
});

test('less than one a second is one now and then', () => {
  const clock = new ManualClock();
  const rate = new Rate(0.5, clock);
  expect(admitted(rate, 10)).toBe(1);
  clock.advance(2000);
  expect(admitted(rate, 10)).toBe(1);
  clock.advance(1999);
  expect(admitted(rate, 10)).toBe(0);
  clock.advance(1);
  expect(admitted(rate, 10)).toBe(1);
});

test('without a limit everything is let through', () => {
  expect(admitted(new Rate(Infinity, new ManualClock()), 10_000)).toBe(10_000);
});
