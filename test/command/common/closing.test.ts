import { Closing } from '../../../command/src/common/closing';

test('closes the latest first, all of it, and reports the first failure', async () => {
  const closing = new Closing();
  const closed: string[] = [];
  closing.register(() => {
    closed.push('first');
  });
  closing.register(() => Promise.reject(new Error('stuck')));
  closing.register(() => {
    closed.push('last');
  });

  await expect(closing.close()).rejects.toThrow('stuck');
  expect(closed).toEqual(['last', 'first']);
  await closing.close();
  expect(closed).toEqual(['last', 'first']);
});
