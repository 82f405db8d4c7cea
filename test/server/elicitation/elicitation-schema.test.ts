import * as z from 'zod';
import { form, type FormSchema } from 'stateful-mcp-server';
import { elicitationForm } from '../../../server/src/elicitation/elicitation-schema';

function formOf(property: z.ZodType) {
  return elicitationForm(z.object({ property })).requestedSchema.properties['property'];
}

describe('a zod schema as a form', () => {
  test.each<[string, z.ZodType, Record<string, unknown>]>([
    [
      'text with lengths',
      z.string().min(2).max(10).describe('A text'),
      { type: 'string', minLength: 2, maxLength: 10, description: 'A text' },
    ],
    ['a title', z.string().meta({ title: 'Name' }), { type: 'string', title: 'Name' }],
    ['a default', z.string().default('x'), { type: 'string', default: 'x' }],
    ['an email address', z.email(), { type: 'string', format: 'email' }],
    ['a date', z.iso.date(), { type: 'string', format: 'date' }],
    ['a UUID, whose format forms do not know', z.uuid(), { type: 'string' }],
    ['a pattern, which is checked on the server', z.string().regex(/^a/), { type: 'string' }],
    ['a number with bounds', z.number().min(0).max(5), { type: 'number', minimum: 0, maximum: 5 }],
    ['a positive number, whose bound is exclusive', z.number().positive(), { type: 'number', minimum: 0 }],
    ['a number below an exclusive bound', z.number().lt(9), { type: 'number', maximum: 9 }],
    ['a whole number', z.int(), { type: 'integer' }],
    ['a step, which is checked on the server', z.number().multipleOf(0.01), { type: 'number' }],
    ['yes or no', z.boolean(), { type: 'boolean' }],
    ['one choice', z.enum(['a', 'b']), { type: 'string', enum: ['a', 'b'] }],
    ['a literal', z.literal('a'), { type: 'string', enum: ['a'] }],
    [
      'choices with titles',
      z.union([z.literal('a').meta({ title: 'First' }), z.literal('b')]),
      {
        type: 'string',
        oneOf: [
          { const: 'a', title: 'First' },
          { const: 'b', title: 'b' },
        ],
      },
    ],
    [
      'several choices',
      z
        .array(z.enum(['a', 'b']))
        .min(1)
        .max(2),
      { type: 'array', minItems: 1, maxItems: 2, items: { type: 'string', enum: ['a', 'b'] } },
    ],
    [
      'several choices with titles',
      z.array(z.union([z.literal('a').meta({ title: 'First' }), z.literal('b')])),
      {
        type: 'array',
        items: {
          anyOf: [
            { const: 'a', title: 'First' },
            { const: 'b', title: 'b' },
          ],
        },
      },
    ],
    [
      'a schema with an id of its own',
      z.string().meta({ id: 'elicitation-schema-test', title: 'Shared' }),
      { type: 'string', title: 'Shared' },
    ],
  ])('%s', (_name, property, expected) => {
    expect(formOf(property)).toEqual(expected);
  });

  test('leaves optional properties out of the required ones', () => {
    expect(
      elicitationForm(z.object({ a: z.string(), b: z.string().optional(), c: z.string().default('x') })).requestedSchema
        .required,
    ).toEqual(['a']);
  });

  test('is made once for a schema', () => {
    const schema = z.object({ a: z.string() });
    expect(elicitationForm(schema)).toBe(elicitationForm(schema));
  });

  test.each<[string, z.ZodType, string]>([
    ['an object', z.object({ a: z.string() }), 'property `property` is an object'],
    ['a list of texts', z.array(z.string()), 'property `property` is a list of anything but choices'],
    ['several types', z.union([z.string(), z.number()]), 'property `property` is of several types (string, number)'],
    [
      'a union of objects',
      z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]),
      'property `property` is a union or an intersection of types',
    ],
    ['null', z.string().nullable(), 'property `property` is nullable; make it optional instead'],
    ['anything', z.unknown(), 'property `property` is of no single type'],
    ['a date of JavaScript', z.date(), 'Date'],
  ])('refuses %s', (_name, property, message) => {
    expect(() => formOf(property)).toThrow(
      expect.objectContaining({
        code: 'ERR_ELICITATION_SCHEMA',
        message: expect.stringContaining(message) as string,
      }) as Error,
    );
  });

  test.each<[string, z.ZodType]>([
    ['that is no object', z.string()],
    ['without properties', z.object({})],
  ])('refuses a schema %s', (_name, schema) => {
    expect(() => elicitationForm(schema as never)).toThrow(
      expect.objectContaining({ code: 'ERR_ELICITATION_SCHEMA' }) as Error,
    );
  });

  test('checks answers with the whole schema', async () => {
    const form = elicitationForm(z.object({ amount: z.number().positive(), code: z.string().regex(/^a/).optional() }));
    await expect(form.parse({ amount: 1 })).resolves.toEqual({ amount: 1 });
    await expect(form.parse({ amount: 0, code: 'b' })).rejects.toMatchObject({
      code: 'ERR_ELICITATION_ANSWER',
      message: expect.stringMatching(/`amount`.*`code`/) as string,
    });
  });
});

describe('a form schema of the protocol', () => {
  test('is sent as it is', () => {
    const schema: FormSchema = {
      type: 'object',
      properties: {
        plain: { type: 'string', enum: ['a'] },
        titled: { type: 'string', oneOf: [{ const: 'a', title: 'First' }] },
        legacy: { type: 'string', enum: ['a'], enumNames: ['First'] },
        several: { type: 'array', items: { anyOf: [{ const: 'a', title: 'First' }] } },
        age: { type: 'integer', minimum: 0, default: 3 },
      },
      required: ['age'],
    };
    expect(elicitationForm(schema).requestedSchema).toEqual(schema);
  });

  test('is refused with keywords that nobody would check', () => {
    const schema = {
      type: 'object',
      properties: { code: { type: 'string', pattern: '^a' }, n: { type: 'number', exclusiveMinimum: 0 } },
    } as FormSchema;
    expect(() => elicitationForm(schema)).toThrow(
      expect.objectContaining({
        code: 'ERR_ELICITATION_SCHEMA',
        message: expect.stringContaining(
          '`code.pattern`, `n.exclusiveMinimum` is not part of the form schema',
        ) as string,
      }) as Error,
    );
  });

  test.each<[string, Record<string, unknown>, Record<string, unknown>, string | undefined]>([
    ['text', { type: 'string' }, { field: 'a' }, undefined],
    ['no text', { type: 'string' }, { field: 1 }, 'must be text'],
    ['short text', { type: 'string', minLength: 2 }, { field: 'a' }, 'must have at least 2 characters'],
    ['long text', { type: 'string', maxLength: 2 }, { field: 'abc' }, 'must have at most 2 characters'],
    ['text of characters that take two places', { type: 'string', maxLength: 2 }, { field: '🍕🍕' }, undefined],
    ['one of them', { type: 'string', minLength: 2 }, { field: '🍕' }, 'must have at least 2 characters'],
    ['no choice', { type: 'string', enum: ['a', 'b'] }, { field: 'c' }, 'must be one of a, b'],
    ['no titled choice', { type: 'string', oneOf: [{ const: 'a', title: 'A' }] }, { field: 'A' }, 'must be one of a'],
    ['a number', { type: 'number' }, { field: 1.5 }, undefined],
    ['no number', { type: 'number' }, { field: '1' }, 'must be a number'],
    ['no whole number', { type: 'integer' }, { field: 1.5 }, 'must be a whole number'],
    ['a low number', { type: 'number', minimum: 1 }, { field: 0 }, 'must be at least 1'],
    ['a high number', { type: 'number', maximum: 1 }, { field: 2 }, 'must be at most 1'],
    ['text of just that length', { type: 'string', minLength: 2, maxLength: 2 }, { field: 'ab' }, undefined],
    ['just that number', { type: 'integer', minimum: 1, maximum: 1 }, { field: 1 }, undefined],
    ['no number of JSON', { type: 'number' }, { field: Infinity }, 'must be a number'],
    ['a boolean', { type: 'boolean' }, { field: false }, undefined],
    ['no boolean', { type: 'boolean' }, { field: 'yes' }, 'must be true or false'],
    ['choices', { type: 'array', items: { type: 'string', enum: ['a', 'b'] } }, { field: ['a', 'b'] }, undefined],
    [
      'just as many choices',
      { type: 'array', minItems: 1, maxItems: 1, items: { type: 'string', enum: ['a'] } },
      { field: ['a'] },
      undefined,
    ],
    ['a choice in place of a list', { type: 'array', items: { enum: ['a'] } }, { field: 'a' }, 'must be a list of a'],
    [
      'other choices',
      { type: 'array', items: { type: 'string', enum: ['a'] } },
      { field: ['c'] },
      'must be a list of a',
    ],
    [
      'too few choices',
      { type: 'array', minItems: 1, items: { type: 'string', enum: ['a'] } },
      { field: [] },
      'must have at least 1 choices',
    ],
    [
      'too many choices',
      { type: 'array', maxItems: 1, items: { anyOf: [{ const: 'a', title: 'A' }] } },
      { field: ['a', 'a'] },
      'must have at most 1 choices',
    ],
    ['nothing', { type: 'string' }, {}, 'is missing'],
  ])('checks answers: %s', async (_name, field, content, problem) => {
    const form = elicitationForm({
      type: 'object',
      properties: { field },
      required: ['field'],
    } as unknown as FormSchema);
    if (problem === undefined) {
      await expect(form.parse(content)).resolves.toBe(content);
    } else {
      await expect(form.parse(content)).rejects.toMatchObject({
        code: 'ERR_ELICITATION_ANSWER',
        message: expect.stringContaining(`\`field\` ${problem}`) as string,
      });
    }
  });

  test('a field of a name that every object has is answered by the user alone', async () => {
    const properties = { constructor: { type: 'string' as const }, toString: { type: 'string' as const } };
    const optional = elicitationForm({ type: 'object', properties });
    await expect(optional.parse({})).resolves.toEqual({});
    await expect(optional.parse({ constructor: 1 })).rejects.toMatchObject({
      message: expect.stringContaining('`constructor` must be text') as string,
    });
    const required = elicitationForm({ type: 'object', properties, required: ['toString'] });
    await expect(required.parse({})).rejects.toMatchObject({
      message: expect.stringContaining('`toString` is missing') as string,
    });
  });

  test('refuses an answer that is no object', async () => {
    await expect(
      elicitationForm({ type: 'object', properties: { a: { type: 'string' } } }).parse([]),
    ).rejects.toMatchObject({ code: 'ERR_ELICITATION_ANSWER' });
  });
});

describe('form', () => {
  test('gives a good schema back', () => {
    const schema = z.object({ amount: z.number() });
    expect(form(schema)).toBe(schema);
  });

  test.each<[string, Parameters<typeof form>[0], string]>([
    [
      'a zod schema that is not flat',
      z.object({ address: z.object({ street: z.string() }) }),
      'property `address` is an object',
    ],
    [
      'a JSON schema with a keyword that forms do not have',
      { type: 'object', properties: { code: { type: 'string', pattern: '^a' } as never } },
      '`code.pattern`',
    ],
    ['a JSON schema without properties', { type: 'object', properties: {} }, 'at least one property'],
  ])('refuses %s where it is written', (_name, schema, message) => {
    expect(() => form(schema)).toThrow(
      expect.objectContaining({
        code: 'ERR_ELICITATION_SCHEMA',
        message: expect.stringContaining(message) as string,
      }) as Error,
    );
  });
});
