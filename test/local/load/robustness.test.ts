import { attack } from './robustness';
import { isAlive, sessionServer } from '../running';

test('hostile requests end nothing, leak nothing and reach no other session', async () => {
  const { wrong, statuses, descriptors = [0, 0], heap } = await attack(sessionServer().command ?? ['no command'], 600);
  expect(wrong).toEqual([]);
  expect(Object.keys(statuses)).toEqual(expect.arrayContaining(['200', '400', '403', '404']));
  // The process has those of other tests, too; one for each of the 600 requests would be seen.
  expect(descriptors[1]).toBeLessThanOrEqual(descriptors[0] + 60);
  // Without a garbage collection on request, this is far above what it should be.
  expect(heap[1]).toBeLessThan(heap[0] + 100_000_000);
  expect(isAlive(process.pid)).toBe(true);
});
