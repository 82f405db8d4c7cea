import {
  LocalRuntime,
  LocalRuntimeError,
  type LocalRuntimeListener,
  type RuntimeDescription,
} from 'stateful-mcp-local';
import type { StatefulMcpClient, Tool } from 'stateful-mcp-client';
import { readAnswers, type PreparedAnswers } from '../conversation/answers';
import { Closing } from '../common/closing';
import { CommandError, EXIT } from '../common/command-error';
import type { TalkInvocation } from '../command-line/invocation';
import type { Conversation } from '../conversation/conversation';
import { leftOutAdvice } from '../app/left-out-advice';
import { callTool, connectConversation, type ConversationParts } from '../conversation/hold-conversation';
import { amongNames } from '../common/among-names';
import { openConversation, warnOfUnused } from './open-conversation';
import { LogTail } from '../conversation/server-log';
import type { Shutdown } from '../common/shutdown';
import { summarize } from '../conversation/summary';
import { synthesize } from '../app/synthesize';
import { argumentSchema } from '../conversation/tool-arguments';
import { samplerFor } from '../sampling/sampler-for';

/** Lines of the server's log that are shown when a call fails. */
const SHOWN_LOG_LINES = 20;

/** Starts the servers of a CDK app, calls tools of one of them in one session, and shows what is left. */
export async function talk(invocation: TalkInvocation, shutdown: Shutdown): Promise<number> {
  const closing = new Closing();
  try {
    const answers = await readAnswers(invocation.answers);
    const sampler = await shutdown.orEnd(samplerFor(invocation.sampling));
    closing.register(() => sampler.dispose());
    const conversation = await openConversation(invocation, answers, process.stdout, shutdown);
    closing.register(() => conversation.dispose());
    const parts = { conversation, sampler, shutdown };

    conversation.begin('stateful-mcp talk');
    const { runtime, log } = await startRuntimes(invocation, parts, closing);
    const target = await chooseRuntime(runtime.runtimes, invocation.runtime, conversation);
    if (target === undefined) {
      return EXIT.ok;
    }
    const listener = await listen(runtime, invocation.port, conversation);
    const url = listener.url + target.invocationPath;
    conversation.inform('url', url);

    const client = await connectConversation(url, parts);
    closing.register(() => client.close());
    conversation.inform('session', client.sessionId ?? '(none: the server keeps no sessions)');
    const succeeded = await callTools(client, { tools: invocation.tools, answers, log }, parts);
    warnOfUnused(answers, conversation);
    conversation.summary(await summarize(runtime, client.sessionId));
    conversation.end(succeeded ? 'done' : 'ended, not every call succeeded');
    return succeeded ? EXIT.ok : EXIT.failed;
  } finally {
    await closing.close();
  }
}

async function startRuntimes(
  { app, environment }: TalkInvocation,
  { conversation, shutdown }: ConversationParts,
  closing: Closing,
): Promise<{ runtime: LocalRuntime; log: LogTail }> {
  const assembly = await conversation.working(
    { label: 'app', doing: 'synthesizing the CDK app' },
    synthesize({ folder: process.cwd(), app, signal: shutdown.signal }),
    ({ origin }) => origin,
  );
  closing.register(assembly.dispose);
  const log = new LogTail(SHOWN_LOG_LINES);
  const runtime = new LocalRuntime({
    assembly: assembly.directory,
    environment,
    adviceFor: leftOutAdvice,
    log: entry => log.add(entry),
  });
  closing.register(() => runtime.close());
  await conversation.working({ label: 'runtimes', doing: 'starting the servers' }, shutdown.orEnd(runtime.ready), () =>
    runtime.runtimes.map(({ name }) => name).join(', '),
  );
  return { runtime, log };
}

async function chooseRuntime(
  runtimes: readonly RuntimeDescription[],
  wanted: string | undefined,
  conversation: Conversation,
): Promise<RuntimeDescription | undefined> {
  const names = runtimes.map(({ name }) => name);
  if (wanted === undefined && runtimes.length === 1) {
    return runtimes[0];
  }
  const name = wanted ?? (await conversation.choose('runtime', runtimes));
  if (name === undefined) {
    return undefined;
  }
  return runtimes.find(runtime => runtime.name === name) ?? unknown('runtime', name, names);
}

async function listen(
  runtime: LocalRuntime,
  port: number | undefined,
  conversation: Conversation,
): Promise<LocalRuntimeListener> {
  try {
    return await runtime.listen({ port });
  } catch (error) {
    if (!(error instanceof LocalRuntimeError) || error.code !== 'ERR_PORT_IN_USE') {
      throw error;
    }
    conversation.warn(`port ${port} is in use by another program, taking a free one`);
    return runtime.listen({ port: 0 });
  }
}

interface Calls {
  readonly tools: readonly string[];
  readonly answers: PreparedAnswers;
  readonly log: LogTail;
}

/** Calls the tools given; without any, those that the user chooses until there are no more. */
async function callTools(
  client: StatefulMcpClient,
  { tools, answers, log }: Calls,
  parts: ConversationParts,
): Promise<boolean> {
  const { conversation, shutdown } = parts;
  const offered = await shutdown.orEnd(client.listTools());
  const toolOf = (name: string): Tool =>
    offered.find(tool => tool.name === name) ??
    unknown(
      'tool',
      name,
      offered.map(tool => tool.name),
    );
  const call = async (tool: Tool): Promise<boolean> => {
    const schema = argumentSchema(tool, answers);
    const args = schema ? await conversation.toolArguments(tool, schema) : {};
    if (args === undefined) {
      return true;
    }
    log.take();
    const result = await callTool(client, tool.name, args, parts);
    if (result) {
      conversation.callEnds(tool.name, result);
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
    succeeded = (await call(toolOf(name))) && succeeded;
  }
}

function unknown(what: 'tool' | 'runtime', name: string, names: readonly string[]): never {
  throw new CommandError(`there is no ${what} ${amongNames(name, names)}`, EXIT.usage);
}
