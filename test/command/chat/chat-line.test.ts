import type { Tool } from 'stateful-mcp-client';
import { chatLine } from '../../../command/src/chat/chat-line';
import { completionsOf } from '../../../command/src/chat/completion';

const TOOLS: Tool[] = [
  { name: 'count', inputSchema: { type: 'object' } },
  {
    name: 'paint',
    inputSchema: {
      type: 'object',
      properties: {
        colour: { type: 'string', enum: ['red', 'light green'] },
        coats: { type: 'integer', maximum: 9 },
        quick: { type: 'boolean' },
        extras: { type: 'array', items: { type: 'string', enum: ['a', 'b'] } },
        where: { type: 'object' },
        note: { type: 'string' },
      },
    },
  },
];
const call = (args: object, tool = 'paint'): object => ({ kind: 'call', tool, args });

test.each<[string, object]>([
  ['', { kind: 'nothing' }],
  [' /read  note://1 ', { kind: 'command', name: 'read', rest: 'note://1' }],
  ['count', call({}, 'count')],
  ['paint {"coats":1}', call({ coats: 1 })],
  ['paint coats=2 quick=true note=7', call({ coats: 2, quick: true, note: '7' })],
  [`paint colour="light green" note='a "b"'`, call({ colour: 'light green', note: 'a "b"' })],
  ['paint extras=a,b where={"x":[1]}', call({ extras: ['a', 'b'], where: { x: [1] } })],
  ['unlisted x=1 y=z', call({ x: 1, y: 'z' }, 'unlisted')],
])('understands %j', (line, understood) => {
  expect(chatLine(line, TOOLS)).toEqual(understood);
});

test.each([
  ['paint coats', '`coats` is no argument: write NAME=VALUE'],
  ['paint coats=10', '`coats` is `10`, but it must be at most 9'],
  ['paint coats=x', '`coats` is `x`, but it must be a number'],
  ['paint quick=maybe', 'must be true or false'],
  ['paint colour=blue', 'must be one of "red", "light green"'],
  ['paint {"coats"', 'the arguments are not JSON'],
])('says what is wrong with %j', (line, message) => {
  expect(chatLine(line, TOOLS)).toEqual({ kind: 'problem', message: expect.stringContaining(message) as string });
});

test.each<[string, string[]]>([
  ['', ['count ', 'paint ']],
  ['pa', ['paint ']],
  ['/to', ['/tools ']],
  ['/describe c', ['count']],
  ['paint co', ['colour=', 'coats=']],
  ['paint coats=1 co', ['colour=']],
  ['paint colour=', ['colour=red', 'colour="light green"']],
  ['paint quick=t', ['quick=true']],
  ['paint extras=a,', ['extras=a,a', 'extras=a,b']],
  ['paint note=', []],
  ['paint {"c', []],
  ['unlisted x', []],
])('completes %j', (line, candidates) => {
  expect(completionsOf(line, TOOLS, ['tools', 'describe'])[0]).toEqual(candidates);
});
