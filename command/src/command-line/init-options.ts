import path from 'node:path';
import { Option, type Command } from 'commander';
import { CDK_LANGUAGES, SERVER_LANGUAGES, type InitInvocation } from './invocation';
import { addOption, oneOf, usageError } from './option-values';
import { addJsonOption, isJson } from './shared-options';

/** What is made where nobody says or is asked. */
export const DEFAULT_DIRECTORY = 'my-mcp-server';

/** A name that npm, Python's packages, CloudFormation and AgentCore Runtime take, the last two in other letters. */
const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const LONGEST_NAME = 40;

/** Describes `init`. */
export function addInit(command: Command, take: (invocation: InitInvocation) => void): void {
  command
    .argument('[DIR...]')
    .usage('[DIR] [--server LANGUAGE] [--cdk LANGUAGE] [--yes] [--json]')
    .description('Write a server with a tool that asks, its test, and a CDK app, into a new directory.')
    .addHelpText(
      'after',
      `
DIR must be empty or not exist; its last part is the name of the server: lower-case letters, digits and hyphens. In a
terminal you are asked what you do not pass. Without one, also with --yes or --json, DIR is ${DEFAULT_DIRECTORY}, the server
is in TypeScript, and the CDK app in the language of the server. Files for Claude Code, VS Code and Kiro point at the local
runtime, where \`npm run dev\` puts the server. Nothing is installed.

Exit code: 0, 1 when a file could not be written, 2 when the command line was wrong or DIR is not empty.`,
    );
  addOption(
    command,
    new Option('--server <LANGUAGE>', `Language of the server: ${SERVER_LANGUAGES.join(', ')}.`),
    oneOf(SERVER_LANGUAGES),
  );
  addOption(
    command,
    new Option('--cdk <LANGUAGE>', `Language of the CDK app: ${CDK_LANGUAGES.join(', ')}.`),
    oneOf(CDK_LANGUAGES),
  );
  command.option('-y, --yes', 'Take the defaults without asking you, as without a terminal.');
  addJsonOption(command);
  command.action(([directory, ...more]: readonly string[]) => {
    if (more.length > 0) {
      throw usageError(command, `\`init\` takes one directory, got \`${more.join(' ')}\` as well`);
    }
    const problem = directory === undefined ? undefined : problemWithDirectory(directory);
    if (problem !== undefined) {
      throw usageError(command, problem);
    }
    const options = command.opts<Pick<InitInvocation, 'server' | 'cdk'> & { yes?: true }>();
    take({
      command: 'init',
      directory,
      server: options.server,
      cdk: options.cdk,
      yes: options.yes ?? false,
      json: isJson(command),
    });
  });
}

/** What is wrong with the name of a directory; undefined when nothing is. */
export function problemWithDirectory(directory: string): string | undefined {
  const name = path.basename(path.resolve(directory));
  return NAME.test(name) && name.length <= LONGEST_NAME
    ? undefined
    : `the name of the server would be \`${name}\`: it has lower-case letters, digits and single hyphens, begins with a letter, and has at most ${LONGEST_NAME} characters`;
}
