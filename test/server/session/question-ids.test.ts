import type { JSONRPCMessage } from '@modelcontextprotocol/server';
import { QuestionIds } from '../../../server/src/session/question-ids';

const question = (id: string | number): JSONRPCMessage => ({ jsonrpc: '2.0', id, method: 'elicitation/create' });
const notification = (method: string, params: Record<string, unknown> = {}): JSONRPCMessage => ({
  jsonrpc: '2.0',
  method,
  params,
});
const answer = (id: string | number): JSONRPCMessage => ({ jsonrpc: '2.0', id, result: {} });
const failure = (id: string | number): JSONRPCMessage => ({ jsonrpc: '2.0', id, error: { code: -1, message: 'no' } });
const CALL = { jsonrpc: '2.0', id: 4, method: 'tools/list' };

describe('in the process that a session began in', () => {
  const ids = (): QuestionIds => new QuestionIds(0);

  test.each([question(3), notification('notifications/cancelled', { requestId: 3 }), answer(3)])(
    'goes out as it is: %j',
    message => {
      expect(ids().outgoing(message)).toBe(message);
    },
  );

  test.each<[unknown]>([[answer(3)], [failure(3)], [CALL], [[answer(3), CALL]], [[]], [undefined], ['text']])(
    'comes in as it is: %j',
    body => {
      expect(ids().incoming(body)).toEqual(body);
    },
  );
});

describe('in a process that a session goes on in', () => {
  const ids = (): QuestionIds => new QuestionIds(12);

  test('names questions, and the one that it takes back, after the process', () => {
    expect(ids().outgoing(question(3))).toEqual(question('12-3'));
    expect(ids().outgoing(notification('notifications/cancelled', { requestId: 3, reason: 'late' }))).toEqual(
      notification('notifications/cancelled', { requestId: '12-3', reason: 'late' }),
    );
  });

  test.each([
    // The id is the client's: of its call, and not of a question.
    answer(3),
    failure(3),
    notification('notifications/progress', { requestId: 3 }),
    notification('notifications/cancelled'),
    { jsonrpc: '2.0' as const, method: 'notifications/cancelled' },
    { jsonrpc: '2.0' as const, method: 'notifications/tools/list_changed' },
  ])('leaves alone what goes out: %j', message => {
    expect(ids().outgoing(message)).toEqual(message);
  });

  test('hands on answers to its own questions', () => {
    expect(ids().incoming(answer('12-3'))).toEqual(answer(3));
    expect(ids().incoming(failure('12-3'))).toEqual(failure(3));
  });

  test.each<[unknown]>([
    [answer(3)],
    [failure(3)],
    [answer('11-3')],
    [answer('1-3')],
    [[answer(3)]],
    [[answer(3), answer('1-3')]],
  ])('has nobody for the answer to a question of another process: %j', body => {
    expect(ids().incoming(body)).toBeUndefined();
  });

  test('takes them out of a batch, and nothing else', () => {
    expect(ids().incoming([answer(3), CALL, answer('12-5'), failure('1-5')])).toEqual([CALL, answer(5)]);
    expect(ids().incoming([])).toEqual([]);
    expect(ids().incoming(CALL)).toBe(CALL);
  });
});
