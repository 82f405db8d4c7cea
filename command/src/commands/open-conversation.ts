import { readAnswers, type PreparedAnswers } from '../conversation/answers';
import type { ConversationFlags } from '../command-line/invocation';
import type { Closing } from '../common/closing';
import type { Conversation } from '../conversation/conversation';
import { LineConversation } from '../conversation/conversation-lines';
import type { ConversationParts } from '../conversation/hold-conversation';
import type { Shutdown } from '../common/shutdown';
import { samplerFor } from '../sampling/sampler-for';
import { budgetOf } from '../sampling/token-budget';
import { Keyboard } from '../terminal/keyboard';
import { TerminalConversation } from '../terminal/terminal-conversation';
import { terminalOf } from '../terminal/terminal';

/** The parts of a conversation as its flags want them. Rejects before any server is reached when one cannot work. */
export async function openConversation(
  flags: ConversationFlags,
  output: NodeJS.WriteStream,
  shutdown: Shutdown,
  closing: Closing,
): Promise<{ readonly answers: PreparedAnswers; readonly parts: ConversationParts }> {
  const answers = await readAnswers(flags.answers);
  const sampler = await shutdown.orEnd(samplerFor(flags.sampling));
  closing.register(() => sampler.dispose());
  const conversation = await conversationAt(output, flags, answers, shutdown);
  closing.register(() => conversation.dispose());
  return { answers, parts: { conversation, sampler, budget: budgetOf(flags.maxTokens), shutdown } };
}

/** Asked of the user at the terminal, or written down line by line. */
async function conversationAt(
  output: NodeJS.WriteStream,
  { yes }: ConversationFlags,
  answers: PreparedAnswers,
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
