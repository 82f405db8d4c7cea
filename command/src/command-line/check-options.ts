import { Option, type Command } from 'commander';
import type { CheckInvocation } from './invocation';
import { addOption, anyText, usageError } from './option-values';
import {
  addJsonOption,
  addServerOptions,
  isJson,
  refuseBesideProgram,
  refuseServerOptions,
  serverFlags,
} from './shared-options';
import { addTargetOptions, AUTHENTICATING, targetFlags } from './target-options';

/** Describes `check`. */
export function addCheck(
  command: Command,
  program: readonly string[] | undefined,
  take: (invocation: CheckInvocation) => void,
): void {
  command
    .argument('[WORDS...]')
    .usage(
      '[--check FILE] [--app APP] [--runtime NAME] [--env NAME=VALUE] [--compare-with SERVER] [--json]\n' +
        '       stateful-mcp check --check FILE [--env NAME=VALUE] [--compare-with SERVER] [--json] -- COMMAND…\n' +
        '       stateful-mcp check --check FILE --url URL|--arn ARN|--target TARGET [AUTH] [--compare-with SERVER] [--json]',
    )
    .description('Check whether a server does what a release has to do, on this machine or deployed.')
    .addHelpText(
      'after',
      `
FILE is the check of a release, as JSON: tools, prompts and resources that have to be listed, and conversations with
answers, progress and results. The guide "check" has its whole form. Without FILE, the server of an app is held against
the check of its release (\`McpRelease.verified\`).

Without a server, that of the CDK app is started, or the command after \`--\`; --url, --arn and --target name one that
runs already. The sessions of a check are ended.

${AUTHENTICATING}

--compare-with names the server that clients know already: a URL, an ARN, stack:STACK/OUTPUT, or a file with the report of
an earlier --json. What would break its clients fails the check, unless \`allowedChanges\` has it.

Exit code: 0 when it passed, 1 when it failed, 2 when the command line was wrong, 3 when nobody can tell: throttled, or
something else than the server was down.`,
    );
  addOption(
    command,
    new Option('--check <FILE>', 'The check of a release, as JSON. Default: that of the app.'),
    anyText,
  );
  addServerOptions(command, 'Listen on this port of 127.0.0.1. Default: a free one.');
  addOption(command, new Option('--runtime <NAME>', 'Which runtime to check, when the app has several.'), anyText);
  addTargetOptions(command);
  const server = 'The server, or the earlier report, that clients must not notice a change from.';
  addOption(command, new Option('--compare-with <SERVER>', server), anyText);
  command.option('--requires-token', 'Check that callers without a token, or with a wrong one, are refused.');
  command.option('--transcript', 'Show what is sent and what comes, without arguments and contents, on stderr.');
  addJsonOption(command);
  command.action((words: readonly string[]) => {
    take(invocationOf(command, words, program));
  });
}

function invocationOf(
  command: Command,
  [word]: readonly string[],
  program: readonly string[] | undefined,
): CheckInvocation {
  const options = command.opts<{
    check?: string;
    runtime?: string;
    compareWith?: string;
    requiresToken?: boolean;
    transcript?: boolean;
  }>();
  if (word !== undefined) {
    throw usageError(command, `\`check\` takes no argument \`${word}\``, 'put the command of a server after `--`');
  }
  const target = targetFlags(command);
  if (options.check === undefined && (target ?? program) !== undefined) {
    throw usageError(
      command,
      '`check` needs `--check FILE` for a server that is not of an app',
      'for example: stateful-mcp check --check check.json',
    );
  }
  refuseServerOptions(command, target);
  refuseBesideProgram(command, program, target);
  return {
    command: 'check',
    check: options.check,
    runtime: options.runtime,
    target,
    compareWith: options.compareWith,
    requiresToken: options.requiresToken ?? false,
    transcript: options.transcript ?? false,
    json: isJson(command),
    program,
    ...serverFlags(command),
  };
}
