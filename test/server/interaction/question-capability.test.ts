import { inputRequired, type ClientCapabilities } from '@modelcontextprotocol/server';
import { isDeclared, requireDeclared, type Question } from '../../../server/src/interaction/question-capability';

const requestedSchema = { type: 'object', properties: { word: { type: 'string' } } } as const;
const FORM = inputRequired.elicit({ message: 'Well?', requestedSchema }) as Question;
const PAGE = inputRequired.elicitUrl({ message: 'Sign in', url: 'https://example.com/' }) as Question;
const SAMPLING = { messages: [], maxTokens: 1 };
const MODEL = inputRequired.createMessage(SAMPLING) as Question;
const TOOLS = inputRequired.createMessage({ ...SAMPLING, tools: [] }) as Question;
const CHOICE = inputRequired.createMessage({ ...SAMPLING, toolChoice: { mode: 'none' } }) as Question;

test.each<[string, Question, ClientCapabilities, string | undefined]>([
  ['a form', FORM, {}, 'elicitation'],
  // A client without modes.
  ['a form', FORM, { elicitation: {} }, undefined],
  ['a form', FORM, { elicitation: { form: {} } }, undefined],
  ['a form', FORM, { elicitation: { form: {}, url: {} } }, undefined],
  ['a form', FORM, { elicitation: { url: {} } }, 'elicitation'],
  ['a form', FORM, { sampling: {} }, 'elicitation'],
  ['a page', PAGE, {}, 'elicitation'],
  ['a page', PAGE, { elicitation: {} }, 'elicitation.url'],
  ['a page', PAGE, { elicitation: { form: {} } }, 'elicitation.url'],
  ['a page', PAGE, { elicitation: { url: {} } }, undefined],
  ['a model', MODEL, { elicitation: {} }, 'sampling'],
  ['a model', MODEL, { sampling: {} }, undefined],
  ['a model with tools', TOOLS, {}, 'sampling'],
  ['a model with tools', TOOLS, { sampling: {} }, 'sampling.tools'],
  ['a model with tools', TOOLS, { sampling: { tools: {} } }, undefined],
  ['a model with a choice of tools', CHOICE, { sampling: {} }, 'sampling.tools'],
  ['a model with a choice of tools', CHOICE, { sampling: { tools: {} } }, undefined],
])('%s: %j %j misses %s', (_what, question, capabilities, missing) => {
  expect(isDeclared(question, capabilities)).toBe(missing === undefined);
  const require = (): void => requireDeclared(question, capabilities);
  if (missing === undefined) {
    expect(require).not.toThrow();
  } else {
    expect(require).toThrow(expect.objectContaining({ capability: missing, question }) as Error);
    expect(require).toThrow(`the client did not declare the \`${missing}\` capability: this tool has to`);
  }
});
