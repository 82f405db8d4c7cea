import { Closing } from '../../../command/src/common/closing';

test('closes the latest first, all of it, and reports the first failure', async () => {
  const closing = new Closing();
  const closed: string[] = [];
  closing.add(() => {
    closed.push('first');
  });
  closing.add(() => Promise.reject(new Error('stuck')));
  closing.add(() => {
    closed.push('last');
  });

  await expect(closing.close()).rejects.toThrow('stuck');
  expect(closed).toEqual(['last', 'first']);
  await closing.close();
  expect(closed).toEqual(['last', 'first']);
});
