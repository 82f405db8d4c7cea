import type { Command } from 'commander';
import type { CallInvocation } from './invocation';
import { usageError } from './option-values';
import {
  addConversationOptions,
  addJsonOption,
  addSessionOption,
  ANSWERING,
  conversationFlags,
  isJson,
} from './shared-options';
import { addTargetOptions, AUTHENTICATING, targetFlags } from './target-options';

/** Describes `call`. */
export function addCall(command: Command, take: (invocation: CallInvocation) => void): void {
  command
    .argument('[WORDS...]')
    .usage(
      '--url URL|--arn ARN|--target TARGET TOOL [JSON] [AUTH] [--session NAME] [--answers FILE] [--sampling MODEL] [--yes] [--json]',
    )
    .description('Call one tool of a running server, on this machine or deployed.')
    .addHelpText(
      'after',
      `
JSON is the object of the tool's arguments. The result goes to stdout, everything else to stderr. With --session, the
session stays for the next call, also of another process, until its idle timeout or \`stateful-mcp stop NAME\`.

${AUTHENTICATING}

${ANSWERING}

Exit code: 0, 1 when the tool call failed, 2 when the command line was wrong.`,
    );
  addTargetOptions(command);
  addSessionOption(command);
  addConversationOptions(command);
  addJsonOption(command);
  command.action((words: readonly string[]) => {
    take(invocationOf(command, words));
  });
}

function invocationOf(command: Command, [tool, text = '{}', ...more]: readonly string[]): CallInvocation {
  const target = targetFlags(command);
  if (target === undefined) {
    throw usageError(
      command,
      '`call` needs `--url URL`, `--arn ARN` or `--target stack:STACK/OUTPUT`',
      'for example: stateful-mcp call --url http://127.0.0.1:8000/mcp TOOL',
    );
  }
  if (tool === undefined) {
    throw usageError(command, '`call` needs the name of a tool');
  }
  if (more.length > 0) {
    throw usageError(
      command,
      `\`call\` takes a tool and one JSON object, got \`${more.join(' ')}\` as well`,
      'quote the JSON for the shell',
    );
  }
  return {
    command: 'call',
    target,
    tool,
    args: toolArguments(command, text),
    session: command.opts<{ session?: string }>().session,
    json: isJson(command),
    ...conversationFlags(command),
  };
}

function toolArguments(command: Command, json: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch (error) {
    throw usageError(
      command,
      `the arguments of the tool are not JSON, got \`${json}\` (${(error as Error).message})`,
      'quote the JSON for the shell',
    );
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw usageError(command, `the arguments of the tool must be a JSON object, got \`${json}\``);
  }
  return parsed as Record<string, unknown>;
}
