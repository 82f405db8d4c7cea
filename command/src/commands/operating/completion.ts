import { readFile } from 'node:fs/promises';
import type { Command, Option } from 'commander';
import { describedCommands } from '../../command-line/command-line';
import { HOST_NAMES, SHELLS, type CompletionInvocation } from '../../command-line/invocation';
import { choicesOf } from '../../command-line/option-values';
import { EXIT } from '../../common/command-error';
import type { CompletionDocument } from '../../common/json-documents';
import { printJson } from '../../common/print-json';

/** What has the script of a shell complete the names of files. */
const FILES = ':0';

/** Options whose value is a file. */
const OF_FILES: readonly string[] = ['--answers', '--app', '--check', '--compare-with', '--watch'];

/** Words that commands take, where they are few. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  completion: SHELLS,
  install: HOST_NAMES,
  tools: ['list', 'describe'],
  prompts: ['list', 'describe', 'get'],
  resources: ['list', 'describe', 'get'],
};

/** Prints the script that a shell reads. */
export async function completion({
  shell,
  json,
}: Extract<CompletionInvocation, { command: 'completion' }>): Promise<number> {
  const script = await readFile(new URL(`../../completion/stateful-mcp.${shell}`, import.meta.url), 'utf8');
  if (json) {
    const document: CompletionDocument = { shell, script };
    printJson(document);
  } else {
    process.stdout.write(script);
  }
  return EXIT.ok;
}

/** Answers what the script asks while somebody types: the words so far, the last of them unfinished. */
export async function complete({ words }: Extract<CompletionInvocation, { command: 'complete' }>): Promise<number> {
  if (takesFile(words)) {
    process.stdout.write(`${FILES}\n`);
    return EXIT.ok;
  }
  const { RootCommand } = await import('@bomb.sh/tab');
  const names = words.some(word => word === 'stop' || word.startsWith('--session')) ? await keptNames() : [];
  const root = new RootCommand();
  const program = describedCommands();
  for (const option of program.createHelp().visibleOptions(program)) {
    addOption(root, option, []);
  }
  for (const command of program.createHelp().visibleCommands(program)) {
    const added = root.command(command.name(), command.description());
    for (const option of command.createHelp().visibleOptions(command)) {
      addOption(added, option, option.long === '--session' ? names : choicesOf(option));
    }
    const taken = command.name() === 'help' ? commandNames(program) : WORDS[command.name()];
    const values = command.name() === 'stop' ? names : taken;
    if (values !== undefined) {
      added.argument('word', add => values.forEach(value => add(value, '')));
    }
  }
  root.parse([...words]);
  return EXIT.ok;
}

/** Whether the last word is a file: the value of an option, the directory of `init`, or part of a command after `--`. */
function takesFile(words: readonly string[]): boolean {
  const last = words.at(-1) ?? '';
  const [flag = ''] = last.split('=', 1);
  const isValue = OF_FILES.includes(words.at(-2) ?? '') || (last.includes('=') && OF_FILES.includes(flag));
  return (
    isValue || words.slice(0, -1).includes('--') || (words.length === 2 && words[0] === 'init' && !last.startsWith('-'))
  );
}

function addOption(
  command: Pick<InstanceType<typeof import('@bomb.sh/tab').RootCommand>, 'option'>,
  { long, short, description, required }: Option,
  values: readonly string[],
): void {
  const name = long?.replace(/^--/, '') ?? '';
  const alias = short?.replace(/^-/, '');
  if (required) {
    command.option(name, description, add => values.forEach(value => add(value, '')), alias);
  } else {
    command.option(name, description, alias ?? '');
  }
}

function commandNames(program: Command): string[] {
  return program.commands.map(command => command.name());
}

/** The sessions that this machine keeps; a store that cannot be read has none. */
async function keptNames(): Promise<string[]> {
  const { fileSessionStore } = await import('stateful-mcp-client');
  const kept = await fileSessionStore()
    .list()
    .catch(() => []);
  return [...new Set(kept.map(({ name }) => name))].sort();
}
