import type { Tool } from 'stateful-mcp-client';
import { chatLine } from '../../chat/chat-line';
import { completionsOf } from '../../chat/completion';
import { LineHistory } from '../../chat/line-history';
import { pipedLines, typedLines, type LineSource } from '../../chat/line-source';
import type { ChatInvocation } from '../../command-line/invocation';
import { Closing } from '../../common/closing';
import { EXIT } from '../../common/command-error';
import { printJson } from '../../common/print-json';
import type { Shutdown } from '../../common/shutdown';
import type { PreparedAnswers } from '../../conversation/answers';
import { callTool, connectConversation, type ConversationParts } from '../../conversation/hold-conversation';
import type { LogTail } from '../../conversation/server-log';
import { argumentSchema } from '../../conversation/tool-arguments';
import { terminalOf } from '../../terminal/terminal';
import { callDocument } from '../call-document';
import { openConversation, warnOfUnused } from '../open-conversation';
import { openDeployed, openOwn } from '../open-server';
import { CHAT_COMMANDS, chatCommand, type ChatSession } from './chat-commands';

/** Calls tools of one server, line by line, in one session. */
export async function chat(invocation: ChatInvocation, shutdown: Shutdown): Promise<number> {
  const closing = new Closing();
  try {
    const output = invocation.json ? process.stderr : process.stdout;
    const { answers, parts } = await openConversation(invocation, output, shutdown, closing);
    const { conversation } = parts;
    conversation.begin('stateful-mcp chat');
    const opened = invocation.target
      ? await openDeployed(invocation.target, { ...invocation, output })
      : await openOwn(invocation, parts, closing);
    if (opened === undefined) {
      return EXIT.ok;
    }
    conversation.inform('url', String(opened.connection.target));
    const client = await connectConversation(opened, parts, closing);
    conversation.inform('session', client.sessionId ?? '(none: the server keeps no sessions)');

    const { paint, interactive } = terminalOf({ stdin: process.stdin, output, env: process.env, yes: invocation.yes });
    const session: ChatSession = {
      client,
      parts,
      answers,
      output,
      paint,
      tools: await shutdown.orEnd(client.listTools()),
    };
    const lines = interactive ? await typed(session) : pipedLines(shutdown);
    closing.register(() => lines.close());
    if (interactive) {
      output.write(`${paint('dim', `${session.tools.length} tools. Tab completes, /help helps, Ctrl-D ends.`)}\n`);
    }
    const succeeded = await holdChat(lines, session, { json: invocation.json, log: opened.log });
    warnOfUnused(answers, conversation);
    conversation.end(succeeded || interactive ? 'done' : 'ended, not every call succeeded');
    return succeeded || interactive ? EXIT.ok : EXIT.failed;
  } finally {
    await closing.close();
  }
}

async function typed(session: ChatSession): Promise<LineSource> {
  const { paint, output, parts } = session;
  return typedLines({
    prompt: `${paint('cyan', '>')} `,
    output,
    history: await LineHistory.open(),
    complete: line => completionsOf(line, session.tools, CHAT_COMMANDS),
    shutdown: parts.shutdown,
  });
}

/** @returns whether every line did what it should */
async function holdChat(
  lines: LineSource,
  session: ChatSession,
  { json, log }: { readonly json: boolean; readonly log: LogTail },
): Promise<boolean> {
  const { client, parts } = session;
  let succeeded = true;
  for (;;) {
    const text = await lines.next();
    const line = text === undefined ? undefined : chatLine(text, session.tools);
    if (line === undefined) {
      return succeeded;
    }
    switch (line.kind) {
      case 'nothing':
        break;
      case 'problem':
        parts.conversation.warn(line.message);
        succeeded = false;
        break;
      case 'command': {
        const came = await chatCommand(line.name, line.rest, session);
        if (came === 'end') {
          return succeeded;
        }
        succeeded = came === 'done' && succeeded;
        break;
      }
      case 'call': {
        log.take();
        const call = await callOnce(line.tool, line.args, session);
        if (call === 'failed') {
          log.take().forEach(entry => parts.conversation.inform('server log', entry));
        } else if (call !== 'left' && json) {
          printJson(callDocument(client.url.href, client, { tool: line.tool, ...call }));
        }
        succeeded = call !== 'failed' && (call === 'left' || call.result.isError !== true) && succeeded;
      }
    }
  }
}

/** Calls a tool; Ctrl-C leaves its form or cancels it, and the chat goes on. */
function callOnce(
  name: string,
  given: Record<string, unknown>,
  { client, parts, answers, tools }: ChatSession,
): Promise<
  'failed' | 'left' | { args: Record<string, unknown>; result: NonNullable<Awaited<ReturnType<typeof callTool>>> }
> {
  return parts.shutdown.cancellable(async signal => {
    const tool = tools.find(candidate => candidate.name === name);
    const asked = tool && (await missingArguments(tool, given, answers, parts));
    if (tool && asked === undefined) {
      return 'left';
    }
    const args = { ...given, ...asked };
    const result = await callTool(client, name, args, parts, signal);
    if (result === undefined) {
      return 'failed';
    }
    parts.conversation.callEnds(name, result);
    return { args, result };
  });
}

/** What a tool requires and the line did not say; `undefined` when the user leaves the tool alone. */
async function missingArguments(
  tool: Tool,
  given: Record<string, unknown>,
  answers: PreparedAnswers,
  { conversation }: ConversationParts,
): Promise<Record<string, unknown> | undefined> {
  const { properties = {}, required = [] } = tool.inputSchema;
  const isOpen = (name: string): boolean => !Object.hasOwn(given, name);
  const schema = argumentSchema(
    {
      ...tool,
      inputSchema: {
        ...tool.inputSchema,
        properties: Object.fromEntries(Object.entries(properties).filter(([name]) => isOpen(name))),
        required: required.filter(isOpen),
      },
    },
    answers,
  );
  return schema ? conversation.toolArguments(tool, schema) : {};
}
