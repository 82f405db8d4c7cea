import type { PreparedAnswers } from '../conversation/answers';
import type { ConversationFlags } from '../command-line/invocation';
import type { Conversation } from '../conversation/conversation';
import { LineConversation } from '../conversation/conversation-lines';
import type { Shutdown } from '../common/shutdown';
import { Keyboard } from '../terminal/keyboard';
import { TerminalConversation } from '../terminal/terminal-conversation';
import { terminalOf } from '../terminal/terminal';

/** The conversation for where the command runs: asked of the user at the terminal, or written down line by line. */
export async function openConversation(
  { yes }: ConversationFlags,
  answers: PreparedAnswers,
  output: NodeJS.WriteStream,
  shutdown: Shutdown,
): Promise<Conversation> {
  const { interactive, paint } = terminalOf({ stdin: process.stdin, output, env: process.env, yes });
  if (interactive) {
    return new TerminalConversation({ keyboard: await Keyboard.open(shutdown, output), paint, answers });
  }
  return new LineConversation({ write: text => output.write(text), paint, answers });
}

/** Says so when the list of answers has more than the server asked. */
export function warnOfUnused({ unused }: PreparedAnswers, conversation: Conversation): void {
  if (unused > 0) {
    conversation.warn(`the server asked less than the answers file answers: ${unused} unused`);
  }
}
