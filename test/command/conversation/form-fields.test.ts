import { expectationOf, problemWith } from '../../../command/src/conversation/field-check';
import { askableFields, fieldsOf, type FormField } from '../../../command/src/conversation/form-fields';

function field(property: Record<string, unknown>): FormField {
  const [only] = fieldsOf({ properties: { it: property }, required: ['it'] });
  if (only === undefined) {
    throw new Error('not a field');
  }
  return only;
}

test('reads every kind of property that MCP allows, in order', () => {
  const fields = fieldsOf({
    required: ['amount'],
    properties: {
      amount: { type: 'number', title: 'Amount', description: 'in euros', minimum: 1 },
      count: { type: 'integer', exclusiveMaximum: 5, default: 2 },
      name: { type: 'string', maxLength: 20, pattern: '^A' },
      agreed: { type: 'boolean', default: false },
      plain: { type: 'string', enum: ['a', 'b'] },
      named: { type: 'string', enum: ['a', 'b'], enumNames: ['Alpha', 'Beta'] },
      titled: { type: 'string', oneOf: [{ const: 'a', title: 'Alpha' }, { const: 'b' }] },
      many: { type: 'array', items: { anyOf: [{ const: 'a', title: 'Alpha' }] }, minItems: 1 },
      nested: { type: 'object', properties: {} },
    },
  });

  expect(fields).toEqual([
    {
      name: 'amount',
      label: 'Amount',
      description: 'in euros',
      required: true,
      kind: 'number',
      integer: false,
      minimum: 1,
    },
    { name: 'count', label: 'count', required: false, kind: 'number', integer: true, exclusiveMaximum: 5, default: 2 },
    { name: 'name', label: 'name', required: false, kind: 'text', maxLength: 20, pattern: '^A' },
    { name: 'agreed', label: 'agreed', required: false, kind: 'boolean', default: false },
    {
      name: 'plain',
      label: 'plain',
      required: false,
      kind: 'choice',
      choices: [
        { value: 'a', label: 'a' },
        { value: 'b', label: 'b' },
      ],
    },
    {
      name: 'named',
      label: 'named',
      required: false,
      kind: 'choice',
      choices: [
        { value: 'a', label: 'Alpha' },
        { value: 'b', label: 'Beta' },
      ],
    },
    {
      name: 'titled',
      label: 'titled',
      required: false,
      kind: 'choice',
      choices: [
        { value: 'a', label: 'Alpha' },
        { value: 'b', label: 'b' },
      ],
    },
    {
      name: 'many',
      label: 'many',
      required: false,
      kind: 'choices',
      choices: [{ value: 'a', label: 'Alpha' }],
      minItems: 1,
    },
  ]);
});

test.each([
  [{ type: 'number' }, 1.5, undefined],
  [{ type: 'number' }, '1', 'must be a number'],
  [{ type: 'number' }, NaN, 'must be a number'],
  [{ type: 'integer' }, 1.5, 'must be a whole number'],
  [{ type: 'number', minimum: 1, maximum: 2 }, 3, 'must be at least 1 and at most 2'],
  [{ type: 'number', exclusiveMinimum: 0 }, 0, 'must be above 0'],
  [{ type: 'number', exclusiveMaximum: 9 }, 9, 'must be below 9'],
  [{ type: 'string', minLength: 1 }, '', 'must not be empty'],
  [{ type: 'string', minLength: 3 }, 'ab', 'must have at least 3 characters'],
  [{ type: 'string', maxLength: 2 }, '🍕🍕', undefined],
  [{ type: 'string', maxLength: 2 }, 'abc', 'must have at most 2 characters'],
  [{ type: 'string', format: 'email' }, 'a@b.c', undefined],
  [{ type: 'string', format: 'email' }, 'a', 'must be an e-mail address'],
  [{ type: 'string', format: 'uri' }, 'example', 'must be a URI such as https://example.com/'],
  [{ type: 'string', format: 'date' }, '2026-02-28', undefined],
  [{ type: 'string', format: 'date' }, '2026-02-30', 'must be a date such as 2026-01-31'],
  [{ type: 'string', format: 'date-time' }, '2026-01-31T09:30:00+02:00', undefined],
  [{ type: 'string', format: 'date-time' }, '2026-01-31 09:30', 'must be a date and time such as 2026-01-31T09:30:00Z'],
  [{ type: 'string', format: 'unheard-of' }, 'anything', undefined],
  [{ type: 'string', pattern: '^A' }, 'B', 'must match ^A'],
  [{ type: 'string', pattern: '^\\d\\-\\d$' }, '1-2', undefined],
  [{ type: 'string', pattern: '^\\d\\-\\d$' }, '1', 'must match ^\\d\\-\\d$'],
  [{ type: 'string', pattern: '^(?P<name>A)$' }, 'B', undefined],
  [{ type: 'string' }, 1, 'must be text'],
  [{ type: 'boolean' }, 'yes', 'must be true or false'],
  [{ type: 'string', enum: ['a', 'b'] }, 'c', 'must be one of "a", "b"'],
  [{ type: 'array', items: { enum: ['a', 'b'] } }, ['a'], undefined],
  [{ type: 'array', items: { enum: ['a', 'b'] } }, ['c'], 'must be a list of "a", "b"'],
  [{ type: 'array', items: { enum: ['a', 'b'] }, minItems: 1 }, [], 'must have at least 1 of the choices'],
  [{ type: 'array', items: { enum: ['a', 'b'] }, maxItems: 1 }, ['a', 'b'], 'must have at most 1 of the choices'],
])('judges for %j the value %j: %s', (property, value, problem) => {
  expect(problemWith(field(property), value)).toBe(problem);
});

test.each([
  [{ type: 'integer', minimum: 1 }, 'a whole number, at least 1'],
  [{ type: 'number' }, 'a number'],
  [{ type: 'string', maxLength: 9 }, 'text, at most 9 characters'],
  [{ type: 'string', format: 'email' }, 'an e-mail address'],
  [{ type: 'boolean' }, 'yes or no'],
  [{ type: 'string', enum: ['a', 'b'] }, 'one of "a", "b"'],
  [{ type: 'array', items: { enum: ['a'] } }, 'any of "a"'],
])('says what %j takes: %s', (property, expectation) => {
  expect(expectationOf(field(property))).toBe(expectation);
});

test.each<Record<string, unknown>>([
  { type: 'array', items: { type: 'integer', enum: [1, 2] } },
  { type: 'array', items: { enum: [] } },
  { enum: 'abc' },
  { enum: [] },
  { oneOf: {} },
  { oneOf: [null] },
  { anyOf: [] },
])('says that %j cannot be asked for', property => {
  expect(() => askableFields({ properties: { it: property }, required: ['it'] })).toThrow(
    'the form asks for `it`, which is not a text, number, boolean, choice or list of texts',
  );
});

test('takes what is no list of required fields for none', () => {
  const schema = { properties: { it: { type: 'string' } }, required: 'it' as unknown as string[] };
  expect(askableFields(schema)).toMatchObject([{ name: 'it', required: false }]);
});
