import { ManualClock, systemClock } from 'stateful-mcp-local';

test('a manual clock fires what falls due, in order, at its time', () => {
  const clock = new ManualClock(1000);
  const fired: [string, number][] = [];
  clock.setTimeout(() => fired.push(['second', clock.now()]), 20);
  clock.setTimeout(() => fired.push(['first', clock.now()]), 10);
  clock.setTimeout(() => fired.push(['later', clock.now()]), 31);
  clock.advance(30);
  expect(fired).toEqual([
    ['first', 1010],
    ['second', 1020],
  ]);
  expect(clock.now()).toBe(1030);
});

test('a timer set by a timer fires on the way when it falls due', () => {
  const clock = new ManualClock(0);
  const fired: number[] = [];
  const again = (): void => {
    fired.push(clock.now());
    clock.setTimeout(again, 10);
  };
  clock.setTimeout(again, 10);
  clock.advance(35);
  expect(fired).toEqual([10, 20, 30]);
});

test.each([
  ['a manual clock', new ManualClock()],
  ['the system clock', systemClock],
])('a cancelled timer of %s does not fire', async (_, clock) => {
  let fired = false;
  clock
    .setTimeout(() => {
      fired = true;
    }, 1)
    .cancel();
  if (clock instanceof ManualClock) {
    clock.advance(10);
  } else {
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  expect(fired).toBe(false);
});

test('the system clock goes with the time of the machine', async () => {
  const before = systemClock.now();
  await new Promise<void>(resolve => {
    systemClock.setTimeout(resolve, 5);
  });
  expect(systemClock.now()).toBeGreaterThanOrEqual(before + 4);
});
