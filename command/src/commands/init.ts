import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DEFAULT_DIRECTORY, problemWithDirectory } from '../command-line/init-options';
import { CDK_LANGUAGES, SERVER_LANGUAGES, type CdkLanguage, type InitInvocation } from '../command-line/invocation';
import { CommandError, EXIT } from '../common/command-error';
import type { InitDocument } from '../common/json-documents';
import { printJson } from '../common/print-json';
import type { Shutdown } from '../common/shutdown';
import { firstCommands } from '../starter/readme';
import { starterFiles } from '../starter/starter-files';
import { ESCAPED, Keyboard } from '../terminal/keyboard';
import { terminalOf } from '../terminal/terminal';

const TITLES: Readonly<Record<CdkLanguage, string>> = { typescript: 'TypeScript', python: 'Python', none: 'none' };

/** What was there before somebody began: a repository without a commit. */
const HARMLESS = ['.git'];

/** How many names of a directory that is not empty are told. */
const TOLD = 3;

/** Writes a first server, its test and its app. */
export async function init(invocation: InitInvocation, shutdown: Shutdown): Promise<number> {
  const { interactive, paint } = terminalOf({
    stdin: process.stdin,
    output: process.stdout,
    env: process.env,
    yes: invocation.yes || invocation.json,
  });
  const keyboard = interactive ? await Keyboard.open(shutdown, process.stdout) : undefined;
  const directory = invocation.directory ?? (await askDirectory(keyboard));
  const target = path.resolve(directory);
  // Before the other questions: nobody answers them for nothing.
  await requireEmpty(target);
  const server =
    invocation.server ?? (await choose(keyboard, 'Language of the server?', SERVER_LANGUAGES)) ?? 'typescript';
  const languages = [server, ...CDK_LANGUAGES.filter(language => language !== server)];
  const cdk = invocation.cdk ?? (await choose(keyboard, 'Language of the CDK app?', languages)) ?? server;

  const files = await starterFiles({ name: path.basename(target), server, cdk });
  for (const [file, text] of Object.entries(files)) {
    const absolute = path.join(target, file);
    await mkdir(path.dirname(absolute), { recursive: true });
    await writeFile(absolute, text, { flag: 'wx' });
  }
  const steps = firstCommands({ server, cdk });
  if (invocation.json) {
    const document: InitDocument = {
      directory: target,
      name: path.basename(target),
      server,
      cdk,
      files: Object.keys(files),
      next: [...steps],
    };
    printJson(document);
    return EXIT.ok;
  }
  const move = target === process.cwd() ? [] : [`cd ${path.relative(process.cwd(), target)}`];
  process.stdout.write(
    [
      `${paint('green', 'created')} ${directory}: server in ${TITLES[server]}, CDK app: ${TITLES[cdk]}`,
      ...Object.keys(files).map(file => paint('dim', `  ${file}`)),
      '',
      'next:',
      ...[...move, ...steps].map(step => `  ${step}`),
      '',
    ].join('\n'),
  );
  return EXIT.ok;
}

async function askDirectory(keyboard: Keyboard | undefined): Promise<string> {
  if (keyboard === undefined) {
    return DEFAULT_DIRECTORY;
  }
  const typed = await keyboard.askText(options =>
    keyboard.clack.text({
      message: 'Directory, and name of the server?',
      initialValue: DEFAULT_DIRECTORY,
      validate: input => problemWithDirectory(input ?? ''),
      ...options,
    }),
  );
  return typed === ESCAPED ? DEFAULT_DIRECTORY : typed;
}

/** Undefined where nobody is asked. */
async function choose<Language extends CdkLanguage>(
  keyboard: Keyboard | undefined,
  message: string,
  languages: readonly Language[],
): Promise<Language | undefined> {
  const options = languages.map(value => ({ value: String(value), label: TITLES[value] }));
  const chosen = await keyboard?.ask(shown => keyboard.clack.select<string>({ message, options, ...shown }));
  return chosen === ESCAPED ? undefined : languages.find(language => language === chosen);
}

async function requireEmpty(target: string): Promise<void> {
  const names = await readdir(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') {
      return [];
    }
    throw new CommandError(
      error.code === 'ENOTDIR' ? `${target} is a file: pass a new directory` : `${target}: ${error.message}`,
      EXIT.usage,
      { cause: error },
    );
  });
  const there = names.filter(name => !HARMLESS.includes(name));
  if (there.length > 0) {
    const more = there.length > TOLD ? `, and ${there.length - TOLD} more` : '';
    throw new CommandError(
      `${target} is not empty: it has ${there.slice(0, TOLD).join(', ')}${more}. Pass an empty directory, or a new one`,
      EXIT.usage,
    );
  }
}
