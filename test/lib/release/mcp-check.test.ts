import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Duration, Lazy } from 'aws-cdk-lib';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { McpCheck, McpCheckAnswer, McpCheckReply, McpEra, McpRelease, type McpCheckOptions } from '../../../lib';
import { project, removeProjects } from '../fixtures/projects';
import { checkOf, resourcesOf, verifiedServer } from '../fixtures/releases';
import { errorOf, unbundledStack } from '../fixtures/stacks';

afterEach(removeProjects);

const OPTIONS: McpCheckOptions = {
  eras: [McpEra.LEGACY, McpEra.MODERN],
  sessions: true,
  tools: ['add'],
  prompts: ['summary'],
  resources: ['notes://all'],
  conversations: [
    {
      name: 'adds',
      tool: 'add',
      arguments: { nested: { list: [1, 'two', true] } },
      elicitation: [
        McpCheckAnswer.accept({ amount: 5 }, 'How much'),
        McpCheckAnswer.decline('Really'),
        McpCheckAnswer.cancel(),
      ],
      sampling: [McpCheckReply.text('fine'), McpCheckReply.result({ role: 'assistant', model: 'm' })],
      progress: { atLeast: 1, atMost: 5 },
      result: { isError: false, text: 'added', matches: '^add', structuredContent: { id: 1 } },
      timeout: Duration.seconds(90),
    },
  ],
  latency: { firstCall: Duration.seconds(10), warmCall: Duration.millis(500) },
  parallelFirstCalls: 3,
  allowedChanges: ['tool:old'],
};

/** The same, as the JSON file has it. */
const JSON_FORM = {
  eras: ['legacy', 'modern'],
  sessions: true,
  tools: ['add'],
  prompts: ['summary'],
  resources: ['notes://all'],
  conversations: [
    {
      name: 'adds',
      tool: 'add',
      arguments: { nested: { list: [1, 'two', true] } },
      elicitation: [
        { accept: { amount: 5 }, question: 'How much' },
        { action: 'decline', question: 'Really' },
        { action: 'cancel' },
      ],
      sampling: ['fine', { role: 'assistant', model: 'm' }],
      progress: { atLeast: 1, atMost: 5 },
      result: { isError: false, text: 'added', matches: '^add', structuredContent: { id: 1 } },
      timeoutMs: 90_000,
    },
  ],
  latency: { firstCallMs: 10_000, warmCallMs: 500 },
  parallelFirstCalls: 3,
  allowedChanges: ['tool:old'],
};

function written(check: McpCheck): unknown {
  const stack = unbundledStack();
  verifiedServer(stack, { release: McpRelease.verified({ check }) });
  return JSON.parse(checkOf(resourcesOf(stack), 'Candidate').check as string);
}

function file(content: string): string {
  const directory = project({});
  writeFileSync(path.join(directory, 'check.json'), content);
  return path.join(directory, 'check.json');
}

test('options and a file come to the same', () => {
  expect(written(McpCheck.of(OPTIONS))).toEqual(JSON_FORM);
  for (const mark of ['', '\uFEFF']) {
    expect(written(McpCheck.fromFile(file(mark + JSON.stringify(JSON_FORM))))).toEqual(JSON_FORM);
  }
});

test('what the deployment knows may be in the arguments', () => {
  const stack = unbundledStack();
  const table = Table.fromTableName(stack, 'Table', Lazy.string({ produce: () => 'expenses' }));
  const check = McpCheck.of({ conversations: [{ tool: 'add', arguments: { table: table.tableName } }] });
  verifiedServer(stack, { release: McpRelease.verified({ check }) });
  expect(checkOf(resourcesOf(stack), 'Candidate').check).toContain('"table":"expenses"');
});

test.each<[string, object, string]>([
  ['an empty name', { tools: [''] }, '`tools[0]` is ""'],
  ['an era twice', { eras: [McpEra.LEGACY, McpEra.LEGACY] }, '`eras[1]`'],
  ['an era of no enum', { eras: ['both'] }, '`eras[0]` is "both"; a McpEra is allowed'],
  ['no tool in a conversation', { conversations: [{}] }, '`conversations[0].tool` is undefined; a string is allowed'],
  [
    'an answer as JSON has it',
    { conversations: [{ tool: 'a', elicitation: ['accept'] }] },
    'a McpCheckAnswer is allowed',
  ],
  ['a reply as JSON has it', { conversations: [{ tool: 'a', sampling: ['fine'] }] }, 'a McpCheckReply is allowed'],
  [
    'an expression that is none',
    { conversations: [{ tool: 'a', result: { matches: '(' } }] },
    '`conversations[0].result.matches`',
  ],
  ['too many parallel calls', { parallelFirstCalls: 11 }, '`parallelFirstCalls` is 11'],
  ['no time at all', { latency: { firstCall: Duration.millis(0) } }, '`latency.firstCall` is 0 milliseconds'],
  [
    'a time that is not known',
    { latency: { warmCall: Duration.seconds(Lazy.number({ produce: () => 1 })) } },
    '`latency.warmCall` is an unresolved token',
  ],
  [
    'a time longer than a timer',
    { latency: { warmCall: Duration.days(30) } },
    '`latency.warmCall` is 2592000000 milliseconds; whole ones above 0, at most 2147483647, are allowed',
  ],
  [
    'a time with a part of a millisecond',
    { conversations: [{ tool: 'a', timeout: Duration.millis(0.5) }] },
    '`conversations[0].timeout` is 0.5 milliseconds',
  ],
  [
    'a number that is not known',
    { parallelFirstCalls: Lazy.number({ produce: () => 2 }) },
    '`parallelFirstCalls` is an unresolved token',
  ],
  [
    'an expression that is not known',
    { conversations: [{ tool: 'a', result: { matches: Lazy.string({ produce: () => 'a' }) } }] },
    '`conversations[0].result.matches` is an unresolved token',
  ],
  ['a change without a kind', { allowedChanges: ['add'] }, '`allowedChanges[0]` is "add"'],
  ['an unknown member', { tool: ['add'] }, '`tool`'],
])('%s is refused', (_, options, message) => {
  expect(errorOf(() => McpCheck.of(options as McpCheckOptions))).toContain(message);
});

test.each([
  ['that is not there', () => 'no-such-file.json', 'which cannot be read (ENOENT)'],
  ['that is no JSON', () => file('{'), 'which is no JSON'],
  ['with a mistake', () => file('{ "tools": [1] }'), 'in which `tools[0]` is 1'],
  [
    'with what would be lost',
    () => file('{ "conversations": [{ "tool": "add", "arguments": { "__proto__": 1 } }] }'),
    'in which `check.conversations[0].arguments` has a member under the name `__proto__`',
  ],
])('a file %s is refused', (_, fileOf, message) => {
  expect(errorOf(() => McpCheck.fromFile(fileOf()))).toContain(message);
});
