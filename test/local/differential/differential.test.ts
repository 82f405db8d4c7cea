import { compareMany } from './run';

test.each(['requests', 'responses'] as const)('%s come to what Node.js makes of them', async kind => {
  const { count, differing } = await compareMany(kind, 400, 40_000, 7);
  expect(differing).toEqual([]);
  expect(count).toBeGreaterThan(0);
});
