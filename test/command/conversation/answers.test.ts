import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { answerForm, answerQuestion, readAnswers } from '../../../command/src/conversation/answers';
import { problemWith } from '../../../command/src/conversation/field-check';
import { fieldsOf } from '../../../command/src/conversation/form-fields';
import { removeTemporaryFolders, temporaryFolder } from '../assembly';

afterEach(removeTemporaryFolders);

describe('answering a form', () => {
  test('takes the prepared answer, else the default, else the first choice, else makes one up', () => {
    const { content, sources } = answerForm(
      {
        required: ['amount', 'day', 'category', 'name'],
        properties: {
          amount: { type: 'number', default: 1 },
          day: { type: 'string', default: 'today' },
          category: { type: 'string', enum: ['food', 'travel'] },
          name: { type: 'string' },
        },
      },
      { amount: 42.5, unrelated: true },
    );

    expect(content).toEqual({ amount: 42.5, day: 'today', category: 'food', name: 'made-up name' });
    expect(sources).toEqual({ amount: 'answers file', day: 'default', category: 'first choice', name: 'made up' });
  });

  test('leaves out what may be left out and has no value', () => {
    const schema = {
      properties: { note: { type: 'string' }, day: { type: 'string', default: 'today' }, gift: { type: 'boolean' } },
    };
    expect(answerForm(schema, { gift: false }).content).toEqual({ day: 'today', gift: false });
  });

  test('takes no default that does not fit', () => {
    const properties = {
      email: { type: 'string', format: 'email', default: '' },
      dish: { enum: ['soup', 'salad'], default: 'pasta' },
      note: { type: 'string', minLength: 1, default: '' },
    };
    expect(answerForm({ properties, required: ['email', 'dish'] }, {}).sources).toEqual({
      email: 'made up',
      dish: 'first choice',
    });
  });

  test('refuses a prepared answer that does not fit', () => {
    expect(() => answerForm({ properties: { amount: { type: 'number', minimum: 1 } } }, { amount: -3 })).toThrow(
      '`amount` of the answers file is -3, but it must be at least 1',
    );
  });

  test.each([
    { type: 'number' },
    { type: 'integer', minimum: 5 },
    { type: 'integer', maximum: -5 },
    { type: 'number', minimum: 0.01, maximum: 0.5 },
    { type: 'number', exclusiveMinimum: 0 },
    { type: 'number', exclusiveMinimum: 1 },
    { type: 'integer', exclusiveMinimum: 1 },
    { type: 'number', exclusiveMaximum: 1 },
    { type: 'integer', exclusiveMaximum: 1 },
    { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 0.5 },
    { type: 'number', exclusiveMinimum: 1, maximum: 1.5 },
    { type: 'integer', minimum: 1.5 },
    { type: 'string' },
    { type: 'string', minLength: 40 },
    { type: 'string', maxLength: 3 },
    { type: 'string', format: 'email' },
    { type: 'string', format: 'uri' },
    { type: 'string', format: 'date' },
    { type: 'string', format: 'date-time' },
    { type: 'boolean' },
    { type: 'string', oneOf: [{ const: 'a' }] },
    { type: 'array', items: { enum: ['a', 'b', 'c'] } },
    { type: 'array', items: { enum: ['a', 'b', 'c'] }, minItems: 2 },
  ])('makes up a valid value for %j', property => {
    const schema = { properties: { it: property }, required: ['it'] };
    const [field] = fieldsOf(schema);
    const { it: value } = answerForm(schema, {}).content;
    expect(value).toBeDefined();
    expect(field && problemWith(field, value)).toBeUndefined();
  });
});

describe('the answers file', () => {
  function file(text: string): string {
    const name = path.join(temporaryFolder(), 'answers.json');
    writeFileSync(name, text);
    return name;
  }

  test('is optional', async () => {
    expect((await readAnswers(undefined)).values).toEqual({});
  });

  test('holds names and values', async () => {
    expect((await readAnswers(file('{"amount": 1}'))).values).toEqual({ amount: 1 });
    expect((await readAnswers(file('\uFEFF{"amount": 1}\r\n'))).values).toEqual({ amount: 1 });
  });

  test.each([
    ['1', 'must hold a JSON object'],
    ['[1]', 'answer 1 is 1, write "accept", "decline", "cancel"'],
    ['["maybe"]', 'answer 1 is "maybe"'],
    ['[{"value": 1}]', 'has the unknown member `value`'],
    ['["decline", {"accept": 1}]', 'answer 2 is {"accept":1}, whose `accept` must be an object'],
    ['[{"question": "a"}]', 'must have either `accept` or `action`'],
    ['{"elicitation": [{"action": "no"}]}', 'whose `action` must be accept, decline or cancel'],
    ['{', 'cannot be read'],
  ])('is refused when it holds %s', async (text, message) => {
    await expect(readAnswers(file(text))).rejects.toThrow(message);
  });

  test('has to exist', async () => {
    await expect(readAnswers('/no/such/answers.json')).rejects.toThrow(
      '`--answers` /no/such/answers.json cannot be read: ENOENT',
    );
  });

  const VALUE = { properties: { value: { type: 'string' } }, required: ['value'] };

  test('answers in order, by question, by decline and by cancel', async () => {
    const answers = await readAnswers(
      file(
        '[{"accept":{"value":"a"}}, {"question":"Sure","action":"cancel"}, {"action":"decline"}, {"accept":{"value":"b"}}]',
      ),
    );
    expect(answerQuestion('One?', VALUE, answers)).toMatchObject({ content: { value: 'a' } });
    expect(answerQuestion('Two?', VALUE, answers)).toEqual({ action: 'decline' });
    expect(answerQuestion('Are you\nSure?', VALUE, answers)).toEqual({ action: 'cancel' });
    expect(answers.unused).toBe(1);
    expect(answerQuestion('Three?', VALUE, answers)).toMatchObject({ content: { value: 'b' } });
    expect(() => answerQuestion('Four?', VALUE, answers)).toThrow('no answer left for "Four?" with the field `value`');
  });

  test('has values beside a list', async () => {
    const answers = await readAnswers(
      file('{"value": "x", "elicitation": [{"question": "Sure", "action": "decline"}]}'),
    );
    expect(answerQuestion('One?', VALUE, answers)).toMatchObject({ content: { value: 'x' } });
    expect(answerQuestion('Sure?', VALUE, answers)).toEqual({ action: 'decline' });
  });

  test('may not answer a field that the question lacks', async () => {
    const answers = await readAnswers(file('[{"accept": {"valeu": "a"}}]'));
    expect(() => answerQuestion('One?', VALUE, answers)).toThrow('`valeu` of the answers file is no field of "One?"');
  });
});
