import { RoundSignal } from '../../../server/src/interaction/round-signal';

test('follows the signal of the exchange, with its reason, until the round is over', () => {
  const source = new AbortController();
  const [during, after] = [new RoundSignal(source.signal), new RoundSignal(source.signal)];
  after.end();
  expect(during.signal.aborted).toBe(false);
  source.abort('gone');
  expect([during, after].map(({ signal }) => [signal.aborted, signal.reason as unknown])).toEqual([
    [true, 'gone'],
    [false, undefined],
  ]);
});

test('is aborted from the start when the client has gone already', () => {
  const { signal } = new RoundSignal(AbortSignal.abort('gone'));
  expect([signal.aborted, signal.reason as unknown]).toEqual([true, 'gone']);
});
