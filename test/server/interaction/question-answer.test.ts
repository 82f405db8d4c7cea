import { inputRequired } from '@modelcontextprotocol/server';
import { answerTo } from '../../../server/src/interaction/question-answer';
import type { Question } from '../../../server/src/interaction/question-capability';

const requestedSchema = { type: 'object', properties: { word: { type: 'string' } } } as const;
const FORM = inputRequired.elicit({ message: 'Well?', requestedSchema }) as Question;
const MODEL = inputRequired.createMessage({ messages: [], maxTokens: 1 }) as Question;

const ACCEPTED = { action: 'accept', content: { word: 'x' } };
const SAMPLED = { role: 'assistant', model: 'm', content: { type: 'text', text: 'x' } };
const TOOL_USE = { type: 'tool_use', id: '1', name: 'add', input: {} };
const WITH_TOOLS = { role: 'assistant', model: 'm', content: [TOOL_USE], stopReason: 'toolUse' };

test.each<[string, Question, unknown, unknown]>([
  ['a form', FORM, ACCEPTED, ACCEPTED],
  ['a form', FORM, { ...ACCEPTED, more: 1 }, ACCEPTED],
  ['a form', FORM, { action: 'decline' }, { action: 'decline', content: undefined }],
  ['a form', FORM, SAMPLED, undefined],
  ['a form', FORM, { action: 'perhaps' }, undefined],
  ['a model', MODEL, SAMPLED, SAMPLED],
  ['a model', MODEL, WITH_TOOLS, WITH_TOOLS],
  ['a model', MODEL, { ...SAMPLED, model: undefined }, undefined],
  ['a model', MODEL, { role: 'assistant', content: 'x' }, undefined],
  ['a model', MODEL, ACCEPTED, undefined],
  ['a model', MODEL, { roots: [] }, undefined],
  ['a model', MODEL, null, undefined],
])('the answer to %s: %j', (_question, question, sent, answer) => {
  expect(answerTo(question, { q0: sent }, 'q0')).toEqual(answer);
  expect(answerTo(question, { q1: sent }, 'q0')).toBeUndefined();
  expect(answerTo(question, undefined, 'q0')).toBeUndefined();
});
