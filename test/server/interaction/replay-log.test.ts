import { inputRequired } from '@modelcontextprotocol/server';
import type { Question } from '../../../server/src/interaction/question-capability';
import { kindOf, readReplayState, recall } from '../../../server/src/interaction/replay-log';

test('a first round has no state, and a later one its own', () => {
  expect(readReplayState(undefined)).toEqual({ steps: [], asked: [] });
  const state = { steps: [null], asked: [0], progress: 1 };
  expect(readReplayState(state)).toBe(state);
});

// Each is signed as well: of a parked conversation, or of rounds that are written by hand.
test.each<[unknown]>([
  [null],
  [5],
  ['text'],
  [[]],
  [{}],
  [{ parked: 'id' }],
  [{ steps: [] }],
  [{ asked: [] }],
  [{ steps: 'ab', asked: [] }],
  [{ steps: [], asked: {} }],
])('the state %j is not of a replayed conversation', payload => {
  expect(() => readReplayState(payload)).toThrow(
    expect.objectContaining({ code: 'ERR_REQUEST_STATE_INVALID' }) as Error,
  );
});

test('recalls a step of the same kind, and refuses one of another', () => {
  const step = { kind: 'an effect', value: 1 };
  const state = { steps: [step, null], asked: [1] };
  expect([0, 1, 2].map(index => recall(state, index, 'an effect'))).toEqual([step, undefined, undefined]);
  expect(recall(state, 1, 'a page')).toBeUndefined();
  expect(() => recall(state, 0, 'a page')).toThrow(
    'step 1 of this handler was an effect in an earlier round and is a page now',
  );
});

test('tells questions apart by what they ask for, and not by their words', () => {
  const form = (message: string, ...names: string[]): Question =>
    inputRequired.elicit({
      message,
      requestedSchema: {
        type: 'object',
        properties: Object.fromEntries(names.map(name => [name, { type: 'string' }])),
      },
    }) as Question;
  const questions = [
    form('one', 'a', 'b'),
    form('two', 'a', 'b'),
    form('one', 'a'),
    inputRequired.elicitUrl({ message: 'one', url: 'https://example.com/' }) as Question,
    inputRequired.createMessage({ messages: [], maxTokens: 1 }) as Question,
  ];
  expect(questions.map(kindOf)).toEqual([
    'a form (a, b)',
    'a form (a, b)',
    'a form (a)',
    'a page',
    'a sampling request',
  ]);
});
