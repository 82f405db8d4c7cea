// `chat` at a terminal and in a pipe; and Ctrl-C, which is the same in `talk`.
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { closeRuntimes, deploy } from '../../../client/deployed';
import { removeTemporaryFolders, temporaryFolder } from '../../assembly';
import { runInTerminal, type TerminalRun } from '../../pseudo-terminal';
import { endCommands, run } from '../../run-command';

const SERVER = require.resolve('../../fixtures/catalog-server.mjs');
const PROGRAM = ['--', process.execPath, SERVER];

let terminal: TerminalRun | undefined;

afterEach(() => terminal?.end());
afterEach(endCommands);
afterEach(closeRuntimes);
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

/** Waits until a file has so many lines. */
async function linesIn(file: string, count: number): Promise<void> {
  while (readFileSync(file, 'utf8').split('\n').length - 1 < count) {
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

test('Ctrl-C cancels what a line asks for, and the server is told; the second one ends the chat', async () => {
  const home = temporaryFolder();
  const slow = require.resolve('../../fixtures/slow-server.mjs');
  const waiting = path.join(home, 'waiting');
  writeFileSync(waiting, '');
  terminal = runInTerminal(['chat', '--', process.execPath, slow, waiting], { HOME: home, TMPDIR: home });
  await terminal.until('Tab completes');
  const lines = ['/tools', '/prompts', '/prompt greet', '/resources', '/read note://1'];
  for (const [index, line] of lines.entries()) {
    await terminal.until('> ');
    terminal.type(`${line}\r`);
    await linesIn(waiting, index + 1);
    terminal.type('\x03');
    await terminal.until('cancelled by Ctrl-C');
  }
  await terminal.until('> ');
  terminal.type('cancelled\r');
  await terminal.until(`${lines.length} cancelled`);
  await terminal.until('> ');
  terminal.type('\x03');
  expect(await terminal.finished).toBe(130);
});

test('in `talk`, Ctrl-C cancels the tool that was chosen, and ends the command at the list', async () => {
  const home = temporaryFolder();
  const waiting = path.join(home, 'waiting');
  writeFileSync(waiting, '');
  const slow = require.resolve('../../fixtures/slow-server.mjs');
  const { url } = await deploy({ command: [process.execPath, slow, waiting] }, { auth: 'off' });
  terminal = runInTerminal(['talk', '--url', url], { HOME: home, TMPDIR: home });
  await terminal.until('Which tool?');
  terminal.type('\r');
  await linesIn(waiting, 1);
  await terminal.until('waiting for wait');
  terminal.type('\x03');
  await terminal.until('cancelled by Ctrl-C');
  await terminal.until('Which tool?');
  terminal.type('\x03');
  expect(await terminal.finished).toBe(130);
});
