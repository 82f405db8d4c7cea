import { Option, type Command } from 'commander';
import type { ConversationFlags, ServerFlags, TargetFlags } from './invocation';
import {
  addOption,
  addRepeatedOption,
  anyText,
  contextValue,
  environmentVariable,
  port,
  sampling,
  usageError,
  wholeNumber,
} from './option-values';

/** How a question is answered, for the help of `talk` and `call`. */
export const ANSWERING = `In a terminal, you are asked the questions of the server one field at a time. Press Esc to decline a question, cancel it,
or go back to it. Ctrl-C cancels what was chosen from the list of \`talk\` or typed in \`chat\`; else it ends the command:
the servers are stopped, nothing is left behind, and the exit code is 130. A second Ctrl-C does not wait. Without a
terminal (also with CI pipes, TERM=dumb or --yes) each field gets the value of --answers, else its default, else its first
choice, else a valid value made from its schema.

The file of --answers has values by field name, or a list of answers: values, "decline" or "cancel", each for the next
question or for the one whose text it names.`;

/** What says which CDK app there is, and which of its servers is meant. */
const APP_OPTIONS = ['app', 'runtime', 'context'] as const;

/** Options of the commands that start servers. */
export function addServerOptions(command: Command, portText: string): void {
  const app = 'The CDK app: a command, or a directory that it was synthesized into. Default: `app` of ./cdk.json.';
  const variables =
    'Environment variable for the servers. It overrides the template, and sets what exists only on AWS. May be repeated.';
  addOption(command, new Option('--app <APP>', app), anyText);
  const context = 'Context value for the app, as `cdk -c` gives it. May be repeated.';
  addRepeatedOption(command, new Option('-c, --context <KEY=VALUE>', context), contextValue);
  addOption(command, new Option('--port <N>', portText), port);
  addRepeatedOption(command, new Option('-e, --env <NAME=VALUE>', variables), environmentVariable);
}

export function serverFlags(command: Command): ServerFlags {
  const {
    app,
    port: number,
    env = [],
    context = [],
  } = command.opts<{
    app?: string;
    port?: number;
    env?: readonly (readonly [string, string])[];
    context?: readonly (readonly [string, string])[];
  }>();
  return { app, port: number, environment: Object.fromEntries(env), context: Object.fromEntries(context) };
}

/**
 * Refuses options of servers that a command starts, beside a server that runs already.
 *
 * @param more - options for those servers that the command has besides
 */
export function refuseServerOptions(
  command: Command,
  target: TargetFlags | undefined,
  more: readonly string[] = [],
): void {
  const own = [...APP_OPTIONS, 'port', 'env', ...more].find(name => command.getOptionValue(name) !== undefined);
  if (target !== undefined && own !== undefined) {
    const { long } = command.options.find(option => option.attributeName() === own) ?? {};
    throw usageError(
      command,
      `\`${long}\` is for a server that \`${command.name()}\` starts, and \`${target.address}\` runs already`,
      'leave out one of them',
    );
  }
}

/** Refuses what does not go with the command of a server, which is no part of a CDK app. */
export function refuseBesideProgram(
  command: Command,
  program: readonly string[] | undefined,
  target: TargetFlags | undefined,
): void {
  if (program === undefined) {
    return;
  }
  const name = command.name();
  if (program.length === 0) {
    throw usageError(
      command,
      'there is no command after `--`',
      `for example: stateful-mcp ${name} … -- python server.py`,
    );
  }
  if (target !== undefined) {
    throw usageError(
      command,
      `a command after \`--\` is for a server that \`${name}\` starts, and \`${target.address}\` runs already`,
      'leave out one of them',
    );
  }
  const ofApp = APP_OPTIONS.find(option => command.getOptionValue(option) !== undefined);
  if (ofApp !== undefined) {
    throw usageError(command, `\`--${ofApp}\` and a command after \`--\` exclude each other`, 'leave out one of them');
  }
}

/** Options of the commands that hold a conversation. */
export function addConversationOptions(command: Command): void {
  const answers = 'JSON file of answers: they are filled in for you in a terminal, and given without one.';
  const models =
    'What answers sampling requests: `scripted` (default, no model, says so), `editor` (you, in EDITOR) or `bedrock:MODEL_ID` (Converse API, your AWS credentials).';
  command.option('-y, --yes', 'Answer without asking you, as without a terminal.');
  addOption(command, new Option('--answers <FILE>', answers), anyText);
  addOption(command, new Option('--sampling <MODEL>', models), sampling);
  const budget = 'Most tokens that answers to sampling requests may have together. Default: as the server asks.';
  addOption(command, new Option('--max-tokens <N>', budget), wholeNumber);
}

export function conversationFlags(command: Command): ConversationFlags {
  const options = command.opts<Partial<ConversationFlags>>();
  return {
    yes: options.yes ?? false,
    answers: options.answers,
    sampling: options.sampling ?? { by: 'scripted' },
    maxTokens: options.maxTokens,
  };
}

/** The option of the commands that can go on with a session of an earlier one. */
export function addSessionOption(command: Command): void {
  const text = 'Go on with the session that has this name, and keep it. Default: one for this command alone.';
  addOption(command, new Option('--session <NAME>', text), anyText);
}

/** The option that every command has whose result a program may read. */
export function addJsonOption(command: Command): void {
  command.option('--json', 'Print JSON to stdout: see docs/reference/cli-json.md.');
}

export function isJson(command: Command): boolean {
  return command.opts<{ json?: boolean }>().json ?? false;
}
