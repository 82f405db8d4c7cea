import { Closing } from '../common/closing';
import type { CallInvocation } from '../command-line/invocation';
import { EXIT } from '../common/command-error';
import { callTool, connectConversation, warnOfUnlistedTool } from '../conversation/hold-conversation';
import { openConversation, warnOfUnused } from './open-conversation';
import type { Shutdown } from '../common/shutdown';
import { printJson } from '../common/print-json';
import { printable } from '../common/printable';
import { resultText } from '../conversation/text-format';
import { callDocument } from './call-document';
import { runningServer } from '../connection/running-server';
import { terminalOf } from '../terminal/terminal';

/** Calls one tool of a running server. */
export async function call(invocation: CallInvocation, shutdown: Shutdown): Promise<number> {
  const { target, tool, args } = invocation;
  const closing = new Closing();
  try {
    const { answers, parts } = await openConversation(invocation, process.stderr, shutdown, closing);
    const { interactive } = terminalOf({
      stdin: process.stdin,
      output: process.stderr,
      env: process.env,
      yes: invocation.yes,
    });
    const client = await connectConversation(
      await runningServer(target, invocation.session, { interactive }),
      parts,
      closing,
    );
    const result = await callTool(client, tool, args, parts);
    warnOfUnused(answers, parts.conversation);
    if (result === undefined) {
      return EXIT.failed;
    }
    parts.conversation.callEnds(tool, result.isError ? result : undefined);
    if (invocation.json) {
      printJson(callDocument(client.url.href, client, { tool, args, result }));
    }
    if (result.isError) {
      await warnOfUnlistedTool(client, tool, parts);
      return EXIT.failed;
    }
    if (!invocation.json) {
      process.stdout.write(`${printable(resultText(result))}\n`);
    }
    return EXIT.ok;
  } finally {
    await closing.close();
  }
}
