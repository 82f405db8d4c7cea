import { Option, type Command } from 'commander';
import type { ChatInvocation } from '../invocation';
import { addOption, anyText, usageError } from '../option-values';
import {
  addConversationOptions,
  addJsonOption,
  addServerOptions,
  addSessionOption,
  ANSWERING,
  conversationFlags,
  isJson,
  refuseBesideProgram,
  refuseServerOptions,
  serverFlags,
} from '../shared-options';
import { addTargetOptions, AUTHENTICATING, targetFlags } from '../target-options';

/** Describes `chat`. */
export function addChat(
  command: Command,
  take: (invocation: Omit<ChatInvocation, 'program'>, words: readonly string[]) => void,
): void {
  command
    .argument('[WORDS...]')
    .usage(
      '[--app APP] [--runtime NAME] [--port N] [--env NAME=VALUE] [OPTIONS]\n' +
        '       stateful-mcp chat --url URL|--arn ARN|--target TARGET [AUTH] [--session NAME] [OPTIONS]\n' +
        '       stateful-mcp chat [--env NAME=VALUE] [OPTIONS] -- COMMAND…\n' +
        '       OPTIONS: [--answers FILE] [--sampling MODEL] [--max-tokens N] [--yes] [--json]',
    )
    .description('Call tools of one server one after the other, line by line, in one session.')
    .addHelpText(
      'after',
      `
A line is \`TOOL\`, \`TOOL NAME=VALUE…\` or \`TOOL {JSON}\`; what a tool requires and was not given is asked for. Tab completes
names of tools and arguments, and the values that an argument may have; the arrow keys go through the lines of before.
\`/help\` shows what else there is. Ctrl-C cancels what is under way, and ends the chat when nothing is; Ctrl-D ends it,
too. Lines may come from a pipe: then nothing is asked, and the exit code says whether all calls succeeded.

The server is one of the CDK app here, one that runs already, or the command after \`--\`, as for \`dev\`.

${AUTHENTICATING}

${ANSWERING}

Exit code: 0, 1 when a call of a line from a pipe failed, 2 when the command line was wrong.`,
    );
  addServerOptions(command, 'Listen on this port of 127.0.0.1. Default: a free one.');
  addOption(command, new Option('--runtime <NAME>', 'Which runtime to talk to, when the app has several.'), anyText);
  addTargetOptions(command);
  addSessionOption(command);
  addConversationOptions(command);
  addJsonOption(command);
  command.action((words: readonly string[]) => {
    const { runtime, session } = command.opts<{ runtime?: string; session?: string }>();
    const target = targetFlags(command);
    refuseServerOptions(command, target);
    if (target === undefined && session !== undefined) {
      throw usageError(
        command,
        '`--session` is for a server that runs already',
        'one that `chat` starts ends with it, and its sessions too',
      );
    }
    if (target?.auth.by === 'bearer' && target.auth.from === 'stdin') {
      throw usageError(command, '`--bearer -` reads standard input, where the lines come from', 'name a variable');
    }
    take(
      {
        command: 'chat',
        runtime,
        target,
        session,
        json: isJson(command),
        ...serverFlags(command),
        ...conversationFlags(command),
      },
      words,
    );
  });
}

/** The invocation with the command after `--`, if both go together. */
export function withChatProgram(
  command: Command,
  invocation: Omit<ChatInvocation, 'program'>,
  { words, program }: { readonly words: readonly string[]; readonly program?: readonly string[] },
): ChatInvocation {
  if (words[0] !== undefined) {
    throw usageError(
      command,
      `\`chat\` takes no argument \`${words[0]}\``,
      'type the names of tools when it runs, or put the command of a server after `--`',
    );
  }
  refuseBesideProgram(command, program, invocation.target);
  return { ...invocation, program };
}
