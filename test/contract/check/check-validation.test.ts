import { problemWithCheck } from 'stateful-mcp-contract';

test.each([
  {},
  { eras: ['modern'], sessions: false, parallelFirstCalls: 10, latency: { firstCallMs: 1 } },
  {
    tools: ['add'],
    prompts: [],
    resources: ['note://{id}'],
    allowedChanges: ['tool:add', 'prompt:p', 'resource:note://1'],
    conversations: [
      {
        name: 'adds',
        tool: 'add',
        arguments: { amount: 1 },
        elicitation: ['decline', { accept: { amount: 1 }, question: 'How much' }],
        sampling: ['Fine.', { role: 'assistant', model: 'm', content: { type: 'text', text: 'x' } }],
        progress: { atLeast: 0, atMost: 0 },
        result: { isError: false, text: 'x', matches: '^x$', structuredContent: { a: [1] } },
        timeoutMs: 0.5,
      },
    ],
  },
])('takes %j', definition => expect(problemWithCheck(definition)).toBeUndefined());

test.each([
  [[], 'the check is []: write a JSON object'],
  [{ tool: ['x'] }, '`tool` is no member of a check: there are `eras`, `sessions`, `tools`'],
  [{ eras: [] }, '`eras` is []: pass a list of 1 to 2'],
  [{ eras: ['stateless'] }, '`eras[0]` is "stateless": pass "legacy" or "modern"'],
  [{ eras: ['legacy', 'legacy'] }, '`eras[1]` is "legacy": pass each name once'],
  [{ tools: 'add' }, '`tools` is "add": pass a list'],
  [{ tools: [''] }, '`tools[0]` is "": pass a text that is not empty'],
  [{ parallelFirstCalls: 11 }, '`parallelFirstCalls` is 11: pass a whole number from 1 to 10'],
  [{ latency: { warmCallMs: 0 } }, '`latency.warmCallMs` is 0: pass a number of milliseconds above 0'],
  [{ allowedChanges: ['add'] }, '`allowedChanges[0]` is "add": pass `tool:NAME`, `prompt:NAME` or `resource:URI`'],
  [{ conversations: [{}] }, '`conversations[0].tool` is missing: it is required'],
  [
    { conversations: [{ tool: 'a' }, { tool: 'b', elicitation: ['maybe'] }] },
    '`conversations[1].elicitation`: answer 1 is "maybe"',
  ],
  [{ conversations: [{ tool: 'a', sampling: [1] }] }, '`conversations[0].sampling[0]` is 1: pass a text, or a result'],
  [
    { conversations: [{ tool: 'a', progress: { atLeast: 3, atMost: 2 } }] },
    '`conversations[0].progress.atMost` is 2: pass a number that is not below `atLeast`, 3',
  ],
  [
    { conversations: [{ tool: 'a', result: { matches: '(' } }] },
    '`conversations[0].result.matches` is "(": pass a regular expression without slashes',
  ],
  [{ conversations: [{ tool: 'a', result: { status: 1 } }] }, '`conversations[0].result.status` is no member of'],
])('refuses %j, and says where', (definition, problem) =>
  expect(problemWithCheck(definition)).toEqual(expect.stringContaining(problem)),
);
