import { Option, type Command } from 'commander';
import type { TalkInvocation } from './invocation';
import { addOption, anyText, usageError } from './option-values';
import {
  addConversationOptions,
  addJsonOption,
  addServerOptions,
  ANSWERING,
  conversationFlags,
  isJson,
  refuseBesideProgram,
  refuseServerOptions,
  serverFlags,
} from './shared-options';
import { addTargetOptions, AUTHENTICATING, targetFlags } from './target-options';

interface TalkOptions {
  readonly runtime?: string;
  readonly release?: boolean;
  readonly badVersion?: boolean;
}

/**
 * Describes `talk`.
 *
 * @param program - the command after `--`
 */
export function addTalk(
  command: Command,
  program: readonly string[] | undefined,
  take: (invocation: TalkInvocation) => void,
): void {
  command
    .argument('[TOOL...]')
    .usage(
      '[TOOL…] [--app APP] [-c KEY=VALUE] [--runtime NAME] [--release] [--bad-version] [--port N] [--env NAME=VALUE] [--answers FILE] [--sampling MODEL] [--yes] [--json]\n' +
        '       stateful-mcp talk [TOOL…] --url URL|--arn ARN|--target TARGET [AUTH] [--answers FILE] [--sampling MODEL] [--yes] [--json]\n' +
        '       stateful-mcp talk [TOOL…] [--port N] [--env NAME=VALUE] [--answers FILE] [--sampling MODEL] [--yes] [--json] -- COMMAND…',
    )
    .description('Start the servers of a CDK app, hold a conversation with one, show what it did, and end.')
    .addHelpText(
      'after',
      `
Calls the tools in the order given, in one session. In a terminal, without a tool, it offers the list. With --url, --arn or
--target it starts nothing, and talks to that server. The command after \`--\` is a server of its own, as for \`dev\`.

${AUTHENTICATING}

${ANSWERING}

Exit code: 0, 1 when a tool call failed, 2 when the command line was wrong.`,
    );
  addServerOptions(command, 'Listen on this port of 127.0.0.1. Default: a free one, also when N is taken.');
  addOption(
    command,
    new Option('--runtime <NAME>', 'Which runtime to talk to, when the app has several: its name, or how that begins.'),
    anyText,
  );
  command.option(
    '--release',
    'Check the server as its deployment does, before it is called: the endpoint of its release.',
  );
  command.option('--bad-version', 'The same, and then a version that does not speak MCP, which is refused.');
  addTargetOptions(command);
  addConversationOptions(command);
  addJsonOption(command);
  command.action((tools: readonly string[]) => {
    const { runtime, release, badVersion = false } = command.opts<TalkOptions>();
    const target = targetFlags(command);
    refuseServerOptions(command, target, ['release', 'badVersion']);
    refuseBesideProgram(command, program, target);
    if (program !== undefined && (release || badVersion)) {
      throw usageError(
        command,
        `\`${release ? '--release' : '--bad-version'}\` is for the server of an app, which has the check of a release`,
        'leave it out, or hold the command after `--` against a check: stateful-mcp check --check FILE -- COMMAND…',
      );
    }
    take({
      command: 'talk',
      tools,
      runtime,
      target,
      program,
      json: isJson(command),
      ...((release || badVersion) && { release: { badVersion } }),
      ...serverFlags(command),
      ...conversationFlags(command),
    });
  });
}
