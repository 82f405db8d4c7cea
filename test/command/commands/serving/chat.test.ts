// `chat` at a terminal and in a pipe.
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { removeTemporaryFolders, temporaryFolder } from '../../assembly';
import { runInTerminal, type TerminalRun } from '../../pseudo-terminal';
import { endCommands, run } from '../../run-command';

const SERVER = require.resolve('../../fixtures/catalog-server.mjs');
const PROGRAM = ['--', process.execPath, SERVER];

let terminal: TerminalRun | undefined;

afterEach(() => terminal?.end());
afterEach(endCommands);
afterAll(removeTemporaryFolders);

test('lines from a pipe are calls of one session; the exit code says whether all succeeded', async () => {
  const chat = await run(['chat', '--json', ...PROGRAM], { input: 'count\ncount\npaint colour=red coats=2\n' });
  expect(chat.code).toBe(0);
  const calls = chat.stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as { session: string; content: [{ text: string }] });
  expect(calls.map(({ content: [{ text }] }) => text)).toEqual(['1', '2', '2 red']);
  expect(new Set(calls.map(({ session }) => session)).size).toBe(1);

  const failing = await run(['chat', ...PROGRAM], { input: '/tools\n/nothing\nnothing\n/quit\ncount\n' });
  expect(failing.code).toBe(1);
  expect(failing.stdout).toMatch(/^count {2}Counts$/m);
  expect(failing.stdout).toMatch(/^warning +there is no `\/nothing`. There is: \/tools/m);
  expect(failing.stdout).toMatch(/^warning +the server lists no tool `nothing`/m);
  expect(failing.stdout).not.toMatch(/^result/m);
});

test('at a terminal it completes, asks for what is missing, and Ctrl-C ends the call first', async () => {
  const home = temporaryFolder();
  terminal = runInTerminal(['chat', ...PROGRAM], { HOME: home, TMPDIR: home });
  await terminal.until('Tab completes');
  await terminal.until('> ');
  terminal.type('pa');
  await terminal.until('pa');
  terminal.type('\t');
  await terminal.until('int ');
  terminal.type('\r');
  // The form for what it requires, with its first choice.
  await terminal.until('colour');
  terminal.type('\r');
  await terminal.until('1 red');
  await terminal.until('> ');
  terminal.type('paint colour=green coats=9\r');
  await terminal.until('waiting for paint');
  terminal.type('\x03');
  await terminal.until('cancelled by Ctrl-C');
  await terminal.until('> ');
  terminal.type('count\r');
  await terminal.until('◆  1');
  await terminal.until('> ');
  terminal.type('\x03');
  expect(await terminal.finished).toBe(130);
  const history = path.join(home, '.local/state/stateful-mcp/chat-history');
  expect(readFileSync(history, 'utf8')).toBe('count\npaint colour=green coats=9\npaint \n');
  expect(statSync(history).mode & 0o077).toBe(0);
});
