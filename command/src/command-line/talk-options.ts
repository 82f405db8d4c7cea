import { Option, type Command } from 'commander';
import type { TalkInvocation } from './invocation';
import { addOption, anyText } from './option-values';
import { addConversationOptions, addServerOptions, ANSWERING, conversationFlags, serverFlags } from './shared-options';

/** Describes `talk`. */
export function addTalk(command: Command, take: (invocation: TalkInvocation) => void): void {
  command
    .argument('[TOOL...]')
    .usage(
      '[TOOL…] [--app APP] [--runtime NAME] [--port N] [--env NAME=VALUE] [--answers FILE] [--sampling MODEL] [--yes]',
    )
    .description('Start the servers of a CDK app, hold a conversation with one, show what it did, and end.')
    .addHelpText(
      'after',
      `
Calls the tools in the order given, in one session. In a terminal, without a tool, it offers the list.

${ANSWERING}

Exit code: 0, 1 when a tool call failed, 2 when the command line was wrong.`,
    );
  addServerOptions(command, 'Listen on this port of 127.0.0.1. Default: a free one, also when N is taken.');
  addOption(command, new Option('--runtime <NAME>', 'Which runtime to talk to, when the app has several.'), anyText);
  addConversationOptions(command);
  command.action((tools: readonly string[]) => {
    const { runtime } = command.opts<{ runtime?: string }>();
    take({ command: 'talk', tools, runtime, ...serverFlags(command), ...conversationFlags(command) });
  });
}
