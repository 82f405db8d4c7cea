import { barOf } from '../../../command/src/terminal/activity';
import { terminalOf } from '../../../command/src/terminal/terminal';

const tty = { isTTY: true };
const pipe = {};

test.each([
  ['a terminal', tty, tty, {}, false, true],
  ['--yes', tty, tty, {}, true, false],
  ['no input', pipe, tty, {}, false, false],
  ['no output', tty, pipe, {}, false, false],
  ['a terminal without a cursor', tty, tty, { TERM: 'dumb' }, false, false],
  ['a terminal without colours', tty, tty, { NO_COLOR: '1' }, false, true],
])('asks with %s: %#', (_name, stdin, output, env, yes, interactive) => {
  expect(terminalOf({ stdin, output, env, yes }).interactive).toBe(interactive);
});

test.each([
  [tty, {}, true],
  [tty, { TERM: 'xterm' }, true],
  [tty, { NO_COLOR: '1' }, false],
  [tty, { NO_COLOR: '' }, true],
  [tty, { TERM: 'dumb' }, false],
  [pipe, {}, false],
  [pipe, { FORCE_COLOR: '1' }, true],
  [tty, { FORCE_COLOR: '0' }, false],
])('colours for %j with %j: %s', (output, env, coloured) => {
  const { paint } = terminalOf({ stdin: tty, output, env, yes: false });
  expect(paint('green', 'text')).toBe(coloured ? '\x1b[32mtext\x1b[39m' : 'text');
});

test('draws a bar for a known total', () => {
  const plain = (_colour: string, text: string): string => text;
  expect(barOf({ progress: 1, total: 4 }, plain)).toBe('━━━━━━──────────────────  25%');
  expect(barOf({ progress: 9, total: 4 }, plain)).toBe('━━━━━━━━━━━━━━━━━━━━━━━━ 100%');
  expect(barOf({ progress: -1, total: 4 }, plain)).toBe('────────────────────────   0%');
  expect(barOf({ progress: 9 }, plain)).toBe('');
});
