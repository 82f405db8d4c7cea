import type { StatefulMcpClient, Tool } from 'stateful-mcp-client';
import type { PreparedAnswers } from '../conversation/answers';
import { Closing } from '../common/closing';
import { EXIT } from '../common/command-error';
import type { TalkInvocation } from '../command-line/invocation';
import { callTool, connectConversation, type ConversationParts } from '../conversation/hold-conversation';
import { callDocument } from './call-document';
import type { CallDocument, TalkDocument } from '../common/json-documents';
import { printJson } from '../common/print-json';
import type { Summary } from '../conversation/summary';
import { openConversation, warnOfUnused } from './open-conversation';
import { openDeployed, openOwn, unknownName } from './open-server';
import type { LogTail } from '../conversation/server-log';
import type { Shutdown } from '../common/shutdown';
import { argumentSchema } from '../conversation/tool-arguments';

/** Calls tools of one server in one session, of a CDK app that is started or deployed, and shows what is left. */
export async function talk(invocation: TalkInvocation, shutdown: Shutdown): Promise<number> {
  const closing = new Closing();
  try {
    const output = invocation.json ? process.stderr : process.stdout;
    const { answers, parts } = await openConversation(invocation, output, shutdown, closing);
    const { conversation } = parts;
    conversation.begin('stateful-mcp talk');
    const opened = invocation.target
      ? await openDeployed(invocation.target, { ...invocation, output })
      : await openOwn(invocation, parts, closing);
    if (opened === undefined) {
      return EXIT.ok;
    }
    conversation.inform('url', String(opened.connection.target));
    const client = await connectConversation(opened, parts, closing);
    conversation.inform('session', client.sessionId ?? '(none: the server keeps no sessions)');
    const calls: CallDocument[] = [];
    const succeeded = await callTools(client, { tools: invocation.tools, answers, log: opened.log, calls }, parts);
    warnOfUnused(answers, conversation);
    const summary = await opened.summary(client.sessionId);
    conversation.summary(summary);
    if (invocation.json) {
      printJson(talkDocument(client, calls, summary));
    }
    conversation.end(succeeded ? 'done' : 'ended, not every call succeeded');
    return succeeded ? EXIT.ok : EXIT.failed;
  } finally {
    await closing.close();
  }
}

interface Calls {
  readonly tools: readonly string[];
  readonly answers: PreparedAnswers;
  readonly log: LogTail;
  /** Gets each call that has a result. */
  readonly calls: CallDocument[];
}

/** Calls the tools given; without any, those that the user chooses until there are no more. */
async function callTools(
  client: StatefulMcpClient,
  { tools, answers, log, calls }: Calls,
  parts: ConversationParts,
): Promise<boolean> {
  const { conversation, shutdown } = parts;
  const offered = await shutdown.orEnd(client.listTools());
  const toolOf = (name: string): Tool =>
    offered.find(tool => tool.name === name) ??
    unknownName(
      'tool',
      name,
      offered.map(tool => tool.name),
    );
  const call = async (tool: Tool, signal = shutdown.signal): Promise<boolean> => {
    const schema = argumentSchema(tool, answers);
    const args = schema ? await conversation.toolArguments(tool, schema) : {};
    if (args === undefined) {
      return true;
    }
    log.take();
    const result = await callTool(client, tool.name, args, parts, signal);
    if (result) {
      conversation.callEnds(tool.name, result);
      calls.push(callDocument(client.url.href, client, { tool: tool.name, args, result }));
    }
    const succeeded = result !== undefined && result.isError !== true;
    if (!succeeded) {
      for (const line of log.take()) {
        conversation.inform('server log', line);
      }
    }
    return succeeded;
  };

  let succeeded = true;
  for (const tool of tools.map(toolOf)) {
    succeeded = (await call(tool)) && succeeded;
  }
  if (tools.length > 0) {
    return succeeded;
  }
  for (;;) {
    const name = await conversation.choose('tool', offered);
    if (name === undefined) {
      return succeeded;
    }
    // First what was chosen is cancelled, then the command ends.
    succeeded = (await shutdown.cancellable(signal => call(toolOf(name), signal))) && succeeded;
  }
}

function talkDocument({ url, sessionId }: StatefulMcpClient, calls: CallDocument[], { tables }: Summary): TalkDocument {
  return {
    server: url.href,
    ...(sessionId !== undefined && { session: sessionId }),
    calls,
    tables: tables.map(({ name, items }) => ({ name, items: [...items] })),
  };
}
