import { manySessions } from './many-sessions';

test('many sessions at once each have a process of their own, are answered by it alone, and leave nothing', async () => {
  const { wrong, processes } = await manySessions(40, 3);
  expect(wrong).toEqual([]);
  expect(processes.waiting).toBe(3);
});
