import { OpenCalls } from '../../../server/src/http/open-calls';

test('a call that ends twice counts once', async () => {
  const calls = new OpenCalls();
  const [endFirst, endSecond] = [calls.begin(), calls.begin()];
  endFirst();
  endFirst();
  expect(calls.count).toBe(1);
  let settled = false;
  const waiting = calls.settled(5000).then(() => {
    settled = true;
  });
  endFirst();
  await new Promise(resolve => setImmediate(resolve));
  expect(settled).toBe(false);
  endSecond();
  await waiting;
  expect(calls.count).toBe(0);
  await calls.settled(5000);
});
