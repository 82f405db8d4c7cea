import { readAnswers } from '../conversation/answers';
import { Closing } from '../common/closing';
import type { CallInvocation } from '../command-line/invocation';
import { EXIT } from '../common/command-error';
import { callTool, connectConversation, warnOfUnlistedTool } from '../conversation/hold-conversation';
import { openConversation, warnOfUnused } from './open-conversation';
import type { Shutdown } from '../common/shutdown';
import { resultText } from '../conversation/text-format';
import { explainUnsigned } from '../app/unsigned-call';
import { samplerFor } from '../sampling/sampler-for';

/** Calls one tool of a running server. */
export async function call(invocation: CallInvocation, shutdown: Shutdown): Promise<number> {
  const { url, tool, args } = invocation;
  const closing = new Closing();
  try {
    const answers = await readAnswers(invocation.answers);
    const sampler = await shutdown.orEnd(samplerFor(invocation.sampling));
    closing.register(() => sampler.dispose());
    const conversation = await openConversation(invocation, answers, process.stderr, shutdown);
    closing.register(() => conversation.dispose());
    const parts = { conversation, sampler, shutdown };

    const client = await connectConversation(url, parts).catch((error: unknown) => {
      throw explainUnsigned(error, url);
    });
    closing.register(() => client.close());
    const result = await callTool(client, tool, args, parts);
    warnOfUnused(answers, conversation);
    if (result === undefined) {
      return EXIT.failed;
    }
    conversation.callEnds(tool, result.isError ? result : undefined);
    if (result.isError) {
      await warnOfUnlistedTool(client, tool, parts);
      return EXIT.failed;
    }
    process.stdout.write(`${resultText(result)}\n`);
    return EXIT.ok;
  } finally {
    await closing.close();
  }
}
