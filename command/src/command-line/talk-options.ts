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
  serverFlags,
} from './shared-options';
import { addTargetOptions, AUTHENTICATING, targetFlags } from './target-options';

/** Describes `talk`. */
export function addTalk(command: Command, take: (invocation: TalkInvocation) => void): void {
  command
    .argument('[TOOL...]')
    .usage(
      '[TOOL…] [--app APP] [-c KEY=VALUE] [--runtime NAME] [--port N] [--env NAME=VALUE] [--answers FILE] [--sampling MODEL] [--yes] [--json]\n' +
        '       stateful-mcp talk [TOOL…] --url URL|--arn ARN|--target TARGET [AUTH] [--answers FILE] [--sampling MODEL] [--yes] [--json]',
    )
    .description('Start the servers of a CDK app, hold a conversation with one, show what it did, and end.')
    .addHelpText(
      'after',
      `
Calls the tools in the order given, in one session. In a terminal, without a tool, it offers the list. With --url, --arn or
--target it starts nothing, and talks to that server.

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
  addTargetOptions(command);
  addConversationOptions(command);
  addJsonOption(command);
  command.action((tools: readonly string[]) => {
    const { runtime } = command.opts<{ runtime?: string }>();
    const target = targetFlags(command);
    const local = (['app', 'runtime', 'port', 'env', 'context'] as const).find(
      name => command.getOptionValue(name) !== undefined,
    );
    if (target !== undefined && local !== undefined) {
      throw usageError(
        command,
        `\`--${local}\` is for servers that \`talk\` starts, and \`${target.address}\` runs already`,
        'leave out one of them',
      );
    }
    take({
      command: 'talk',
      tools,
      runtime,
      target,
      json: isJson(command),
      ...serverFlags(command),
      ...conversationFlags(command),
    });
  });
}
