// Every command has `--json`, with one shape that is documented, or says why it has none.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describedCommands, parseCommandLine } from '../../../command/src/command-line/command-line';

const PAGE = readFileSync(path.join(__dirname, '../../../docs/reference/cli-json.md'), 'utf8');

/** Commands that a section of the page is about. */
const documented = new Set(
  [...PAGE.matchAll(/^## (.*)$/gm)].flatMap(([, heading = '']) =>
    [...heading.matchAll(/`([a-z]+)/g)].map(([, name = '']) => name),
  ),
);

const names = describedCommands().commands.map(command => command.name());

test.each(names.filter(name => name !== 'proxy'))('`%s` has --json, and its document a section', name => {
  const command = describedCommands().commands.find(candidate => candidate.name() === name);
  expect(command?.createHelp().visibleOptions(command)).toContainEqual(expect.objectContaining({ long: '--json' }));
  expect(command?.usage()).toMatch(/--json|OPTIONS/);
  expect(documented).toContain(name);
});

test('no section is about a command that does not exist', () => {
  expect([...documented].filter(name => !names.includes(name))).toEqual([]);
});

test('`proxy` refuses it, and page and help say why', async () => {
  await expect(parseCommandLine(['proxy', 'http://h/mcp', '--json'])).rejects.toThrow(
    '`proxy` has no `--json`: standard output carries the protocol: leave it out',
  );
  expect(PAGE).toContain('`proxy` has none: its standard output is the protocol.');
  expect(await parseCommandLine(['proxy', '--help'])).toMatchObject({
    text: expect.stringContaining('There is no --json') as string,
  });
});
