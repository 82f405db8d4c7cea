import { RuntimeSessionIds } from '../../../local/src/request/runtime-session-ids';

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

test('an id belongs to the caller who sent it first', () => {
  const ids = new RuntimeSessionIds();
  expect([ids.has('one'), ids.callerOf('one')]).toEqual([false, undefined]);
  ids.remember('one', 'ana');
  ids.remember('one', 'bob');
  ids.remember('nobody', undefined);
  ids.remember('nobody', 'bob');
  expect([ids.has('one'), ids.callerOf('one')]).toEqual([true, 'ana']);
  expect([ids.has('nobody'), ids.callerOf('nobody')]).toEqual([true, undefined]);
});

test('16 ids are remembered, the oldest of the caller with the most goes', () => {
  const ids = new RuntimeSessionIds();
  ids.remember('of ana', 'ana');
  for (const number of numbers(15)) {
    ids.remember(`${number}`, 'bob');
  }
  expect([ids.has('of ana'), ids.has('0')]).toEqual([true, true]);
  ids.remember('15', 'bob');
  expect([ids.has('of ana'), ids.has('0'), ids.has('1'), ids.has('15')]).toEqual([true, false, true, true]);
});
