import { readAnswers } from '../conversation/answers';
import { Closing } from '../common/closing';
import type { CallInvocation } from '../command-line/invocation';
import { EXIT } from '../common/command-error';
import { callTool, connectConversation, warnOfUnlistedTool } from '../conversation/hold-conversation';
import { openConversation, warnOfUnused } from './open-conversation';
import type { Shutdown } from '../common/shutdown';
import { printJson } from '../common/print-json';
import { resultText } from '../conversation/text-format';
import { callDocument } from './call-document';
import { keptSession } from '../connection/kept-session';
import { budgetOf } from '../sampling/token-budget';
import { connectionTo } from '../connection/connection';
import { explainedError } from '../connection/explained-error';
import { samplerFor } from '../sampling/sampler-for';
import { terminalOf } from '../terminal/terminal';

/** Calls one tool of a running server. */
export async function call(invocation: CallInvocation, shutdown: Shutdown): Promise<number> {
  const { target, tool, args } = invocation;
  const closing = new Closing();
  try {
    const answers = await readAnswers(invocation.answers);
    const sampler = await shutdown.orEnd(samplerFor(invocation.sampling));
    closing.register(() => sampler.dispose());
    const conversation = await openConversation(invocation, answers, process.stderr, shutdown);
    closing.register(() => conversation.dispose());
    const parts = { conversation, sampler, budget: budgetOf(invocation.maxTokens), shutdown };

    const { interactive } = terminalOf({
      stdin: process.stdin,
      output: process.stderr,
      env: process.env,
      yes: invocation.yes,
    });
    const connection = { ...(await connectionTo(target, { interactive })), ...(await keptSession(invocation.session)) };
    const client = await connectConversation(connection, parts).catch((error: unknown) => {
      throw explainedError(error, target);
    });
    closing.register(() => client.close());
    const result = await callTool(client, tool, args, parts);
    warnOfUnused(answers, conversation);
    if (result === undefined) {
      return EXIT.failed;
    }
    conversation.callEnds(tool, result.isError ? result : undefined);
    if (invocation.json) {
      printJson(callDocument(client.url.href, client, { tool, args, result }));
    }
    if (result.isError) {
      await warnOfUnlistedTool(client, tool, parts);
      return EXIT.failed;
    }
    if (!invocation.json) {
      process.stdout.write(`${resultText(result)}\n`);
    }
    return EXIT.ok;
  } finally {
    await closing.close();
  }
}
