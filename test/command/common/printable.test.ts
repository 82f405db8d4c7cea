// What a server says must not look like what the command says, nor move the cursor.
import { completionsOf } from '../../../command/src/chat/completion';
import { namesText, promptText, resourceText, toolText } from '../../../command/src/commands/serving/catalog-text';
import { amongNames } from '../../../command/src/common/among-names';
import { printable, printableJson, printableLine } from '../../../command/src/common/printable';
import { PreparedAnswers } from '../../../command/src/conversation/answers';
import { LineConversation } from '../../../command/src/conversation/conversation-lines';
import { logLine } from '../../../command/src/conversation/server-log';

const paint = (_colour: string, text: string): string => text;

/** A text of a server that would clear the screen, turn text around and begin a line of its own. */
const hostile = (name: string): string => `${name}\u001b[2J\u009b31m\u202egpj\u2066\u2028\r\nerror: forged`;

const TURNING = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

test('leaves out what a terminal obeys, and what turns text around', () => {
  expect(printable('a\x1b[2Jb\x07c\rd\te\r\nf\x9bg')).toBe('a[2Jbcd\te\nfg');
  expect(printable('\u202efdp.exe\u2066\u2028x\u2029')).toBe('fdp.exex');
  // Text in a right-to-left script has marks.
  expect(printable('\u05d0\u200f!')).toBe('\u05d0\u200f!');
});

test('has a name on one line', () => {
  expect(printableLine('a\u200f\r\n  b\n\nc\x9b')).toBe('a b c');
});

test('leaves the values of JSON as they are', () => {
  const document = { [hostile('name')]: [hostile('value'), '\u200f', 1] };
  const json = printableJson(JSON.stringify(document));
  expect(json).not.toMatch(TURNING);
  expect(JSON.parse(json)).toEqual(document);
});

const INPUT = {
  type: 'object' as const,
  properties: {
    plain: { type: 'string' },
    [hostile('argument')]: { type: 'string', description: hostile('about'), enum: [hostile('choice')] },
    other: { type: 'object', description: hostile('about') },
  } as Record<string, Record<string, string | string[]>>,
};
const TOOL = {
  name: hostile('tool'),
  title: hostile('Title'),
  inputSchema: INPUT,
  outputSchema: { type: 'object' as const, properties: { [hostile('returned')]: {} } },
  annotations: { [hostile('hint')]: true },
};

test.each<[string, string]>([
  ['names', namesText([{ name: hostile('name'), description: hostile('about') }], 'tools', paint)],
  ['a tool', toolText(TOOL, paint)],
  [
    'a prompt',
    promptText({ name: hostile('p'), arguments: [{ name: hostile('a'), description: hostile('b') }] }, paint),
  ],
  ['a resource', resourceText({ uri: hostile('note://'), name: 'note', mimeType: hostile('text/plain') }, paint)],
  ['a name that does not exist', amongNames(hostile('name'), [hostile('one'), 'other'])],
  ['a line of a log', logLine({ runtimeName: 'r', sessionId: '\u009b\u202eid', pid: 1, stream: 'stderr', line: 'x' })],
])('of a server, %s', (_what, text) => {
  expect(text).not.toMatch(TURNING);
  expect(text).not.toMatch(/^error: forged/m);
});

test('of a server, what a conversation shows of tools', async () => {
  let written = '';
  const write = (text: string): void => {
    written += text;
  };
  const lines = new LineConversation({ write, paint, answers: new PreparedAnswers({}) });
  lines.callBegins(hostile('tool'), { [hostile('argument')]: hostile('value') });
  const chosen = lines.choose('tool', [{ name: hostile('tool'), description: hostile('about') }]);
  written += await chosen.catch((error: Error) => error.message);
  expect(written).not.toMatch(TURNING);
  expect(written).not.toMatch(/^error: forged/m);
});

test('of a server, hostile names are not completed', () => {
  const tools = [TOOL, { name: 'plain', inputSchema: INPUT }];
  expect(completionsOf('', tools, [])).toEqual([['plain '], '']);
  expect(completionsOf('/describe ', tools, [])).toEqual([['plain'], '']);
  expect(completionsOf('plain ', tools, [])).toEqual([['plain='], '']);
});
