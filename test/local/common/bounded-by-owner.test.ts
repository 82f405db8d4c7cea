import { BoundedByOwner } from '../../../local/src/common/bounded-by-owner';

function filled(limit: number, entries: readonly (readonly [key: string, owner: string | undefined])[]) {
  const bounded = new BoundedByOwner<string>(limit);
  for (const [key, owner] of entries) {
    bounded.set(key, `value of ${key}`, owner);
  }
  return bounded;
}

test('the oldest of whoever has the most goes', () => {
  const bounded = filled(4, [
    ['a1', 'a'],
    ['b1', 'b'],
    ['b2', 'b'],
    ['c1', undefined],
    ['b3', 'b'],
    ['b4', 'b'],
  ]);
  expect(['a1', 'b1', 'b2', 'b3', 'b4', 'c1'].filter(key => bounded.has(key))).toEqual(['a1', 'b3', 'b4', 'c1']);
  expect([bounded.get('b4'), bounded.ownerOf('b4'), bounded.get('b1')]).toEqual(['value of b4', 'b', undefined]);
});

test('one that is set again is the newest, and belongs to whoever has set it', () => {
  const bounded = filled(2, [
    ['x', 'a'],
    ['y', 'a'],
    ['x', 'b'],
    ['z', 'b'],
  ]);
  expect(['x', 'y', 'z'].filter(key => bounded.has(key))).toEqual(['y', 'z']);
});

test('what is deleted makes room', () => {
  const bounded = filled(2, [
    ['x', 'a'],
    ['y', 'b'],
  ]);
  bounded.delete('x');
  bounded.delete('unknown');
  bounded.set('z', 'value of z', 'b');
  expect(['x', 'y', 'z'].filter(key => bounded.has(key))).toEqual(['y', 'z']);
  bounded.deleteWhere(value => value === 'value of y');
  expect(['x', 'y', 'z'].filter(key => bounded.has(key))).toEqual(['z']);
});
