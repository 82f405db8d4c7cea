import { changeText, contractChanges, type ContractTool, type ServerContract } from 'stateful-mcp-contract';

const AMOUNT = { type: 'object', properties: { amount: { type: 'number', minimum: 1 } }, required: ['amount'] };

function offering(tool: Partial<ContractTool> = {}, more: Partial<ServerContract> = {}): ServerContract {
  return { tools: [{ name: 'add', inputSchema: AMOUNT, ...tool }], prompts: [], resources: [], ...more };
}

/** What of a change from one schema of arguments to another breaks a client. */
function breaking(from: object, to: object): string[] {
  const of = (schema: object): ServerContract =>
    offering({ inputSchema: { type: 'object', properties: { x: schema } } });
  return contractChanges(of(from), of(to)).breaking.map(changeText);
}

test.each<[string, ServerContract, ServerContract, string]>([
  ['a tool that is gone', offering(), { tools: [], prompts: [], resources: [] }, 'tool:add was removed'],
  [
    'an argument that is required now',
    offering(),
    offering({
      inputSchema: { ...AMOUNT, properties: { ...AMOUNT.properties, currency: {} }, required: ['amount', 'currency'] },
    }),
    'tool:add requires the argument `currency`, which was not required',
  ],
  [
    'an argument that is gone',
    offering({ inputSchema: { type: 'object', properties: { note: {} } } }),
    offering({ inputSchema: { type: 'object', properties: {} } }),
    'tool:add has no argument `note` any more',
  ],
  ['a resource that is gone', offering({}, { resources: ['note://1'] }), offering(), 'resource:note://1 was removed'],
  ['a prompt that is gone', offering({}, { prompts: [{ name: 'greet' }] }), offering(), 'prompt:greet was removed'],
  [
    'an argument of a prompt that is required now',
    offering({}, { prompts: [{ name: 'greet', arguments: [{ name: 'who' }] }] }),
    offering({}, { prompts: [{ name: 'greet', arguments: [{ name: 'who', required: true }] }] }),
    'prompt:greet requires the argument `who`, which was not required',
  ],
  [
    'a schema of results that is gone',
    offering({ outputSchema: { type: 'object' } }),
    offering(),
    'tool:add has no schema of its results any more',
  ],
  [
    'a member of results that is no longer promised',
    offering({ outputSchema: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] } }),
    offering({ outputSchema: { type: 'object', properties: { id: { type: 'string' } } } }),
    'tool:add does not promise `id` in its results any more',
  ],
  [
    'a member of results that may be more than it was',
    offering({ outputSchema: { type: 'object', properties: { kind: { enum: ['a'] } } } }),
    offering({ outputSchema: { type: 'object', properties: { kind: { enum: ['a', 'b'] } } } }),
    'tool:add may give `kind` that clients do not expect: `enum` was ["a"], is ["a","b"]',
  ],
])('%s breaks clients, unless it is allowed', (_what, live, next, text) => {
  const { breaking: found } = contractChanges(live, next);
  expect(found.map(changeText)).toEqual([text]);
  const permitted = contractChanges(live, next, [text.split(' ')[0] ?? '']);
  expect(permitted).toMatchObject({ breaking: [], allowed: found });
});

test.each<[object, object]>([
  [{ type: ['string', 'null'] }, { type: 'string' }],
  [{}, { type: 'string' }],
  [{ type: 'number' }, { type: 'integer' }],
  [{ enum: ['a', 'b'] }, { enum: ['a'] }],
  [{ type: 'string' }, { type: 'string', enum: ['a'] }],
  [{ enum: ['a', 'b'] }, { const: 'a' }],
  [{ minimum: 1 }, { minimum: 2 }],
  [{ minimum: 1 }, { exclusiveMinimum: 1 }],
  [{}, { maximum: 2 }],
  [{ maxLength: 3 }, { maxLength: 2 }],
  [{}, { minItems: 1 }],
  [{}, { pattern: '^a' }],
  [{ format: 'date' }, { format: 'date-time' }],
  [{}, { uniqueItems: true }],
  [{ items: { type: ['string', 'number'] } }, { items: { type: 'string' } }],
  [{ type: 'object' }, { type: 'object', additionalProperties: false }],
  [
    { type: 'object', properties: { y: {} } },
    { type: 'object', properties: { y: {} }, required: ['y'] },
  ],
  [{ anyOf: [{ type: 'string' }, { type: 'number' }] }, { anyOf: [{ type: 'string' }] }],
  [{ type: 'string' }, { anyOf: [{ const: 'a' }, { type: 'number' }] }],
  [{}, false],
  [{ allOf: [{}] }, { allOf: [{ minimum: 1 }] }],
  [{ $ref: '#/$defs/wide', $defs: {} }, { type: 'string' }],
])('%j narrowed to %j breaks clients', (from, to) => expect(breaking(from, to)).toHaveLength(1));

test.each<[object, object]>([
  [{ type: 'string' }, { type: ['string', 'null'] }],
  [{ type: 'integer' }, { type: 'number' }],
  [{ enum: ['a'] }, { enum: ['a', 'b'] }],
  [{ const: 'a' }, { type: 'string', enum: ['b', 'a'] }],
  [{ exclusiveMinimum: 1 }, { minimum: 1 }],
  [{ minimum: 2 }, { exclusiveMinimum: 1 }],
  [{ maximum: 2 }, { maximum: 3 }],
  [{ minLength: 1 }, { minLength: 0 }],
  [{ pattern: '^a' }, {}],
  [{ type: 'object' }, { type: 'object', properties: { y: { type: 'string' } } }],
  [{ type: 'string' }, { anyOf: [{ type: 'string' }, { type: 'number' }] }],
  [{ anyOf: [{ type: 'string' }, { type: 'number' }] }, { type: ['string', 'number'] }],
  [
    { description: 'a', default: 1 },
    { description: 'b', default: 2 },
  ],
  [false, {}],
])('%j widened to %j breaks nobody', (from, to) => expect(breaking(from, to)).toEqual([]));

test('references are followed, also where they come back to themselves', () => {
  const tree = (value: object): object => ({
    type: 'object',
    properties: { tree: { $ref: '#/$defs/tree' } },
    $defs: {
      tree: {
        anyOf: [
          value,
          { type: 'array', items: { $ref: '#/$defs/tree' } },
          { type: 'object', properties: { in: { $ref: '#/$defs/tree' } } },
        ],
      },
    },
  });
  const of = (value: object): ServerContract => offering({ inputSchema: tree(value) as ContractTool['inputSchema'] });
  expect(contractChanges(of({ type: 'number' }), of({ type: 'number' })).breaking).toEqual([]);
  expect(contractChanges(of({ type: 'number' }), of({ type: ['number', 'string'] })).breaking).toEqual([]);
  expect(contractChanges(of({ type: 'number' }), of({ type: 'integer' })).breaking).toHaveLength(1);
});

test('words and additions are reported, and break nobody', () => {
  const next = offering(
    {
      description: 'Adds',
      inputSchema: { ...AMOUNT, properties: { amount: { ...AMOUNT.properties.amount, description: 'In euros' } } },
    },
    { resources: ['note://1'], prompts: [{ name: 'greet' }] },
  );
  const { breaking: broken, reported } = contractChanges(offering(), next);
  expect(broken).toEqual([]);
  expect(reported.map(changeText)).toEqual([
    'tool:add has another description',
    'tool:add has other words about its arguments',
    'prompt:greet was added',
    'resource:note://1 was added',
  ]);
});
