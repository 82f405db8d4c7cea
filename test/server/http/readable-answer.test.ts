import { readAnswers } from '../../../server/src/http/readable-answer';

const jsonrpc = '2.0';
const ACCEPTED = { jsonrpc, id: 1, result: { action: 'accept' } };
const REFUSED = { jsonrpc, id: 'two', error: { code: -1, message: 'no' } };
const CALL = { jsonrpc, id: 3, method: 'ping' };

const problemOf = (id: unknown): string =>
  `the answer to ${JSON.stringify(id)} has neither a \`result\` that is an object nor an \`error\` with \`code\` and \`message\``;
const errorOf = (id: unknown) => ({ jsonrpc, id, error: { code: -32600, message: problemOf(id) } });

test.each<unknown>([
  ACCEPTED,
  REFUSED,
  CALL,
  { jsonrpc, method: 'notifications/initialized' },
  // For the SDK to refuse: they are no answers.
  { jsonrpc, id: 4, method: 7 },
  { jsonrpc, id: null, result: 'x' },
  { jsonrpc, result: 'x' },
  'x',
  null,
  [],
  [ACCEPTED, REFUSED, CALL],
])('%j stays as it is', body => {
  const { body: read, problem } = readAnswers(body);
  expect([read, problem]).toEqual([body, undefined]);
});

test.each<unknown>([1, 0, 'two', ''])('an answer to %j that is none becomes an error', id => {
  expect(readAnswers({ jsonrpc, id, result: 'x' })).toEqual({ body: errorOf(id), problem: problemOf(id) });
});

test('of a batch, those that are none become errors, and the first of them is told', () => {
  expect(readAnswers([ACCEPTED, { jsonrpc, id: 2, result: 'x' }, CALL, { jsonrpc, id: 'five' }, REFUSED])).toEqual({
    body: [ACCEPTED, errorOf(2), CALL, errorOf('five'), REFUSED],
    problem: problemOf(2),
  });
});
