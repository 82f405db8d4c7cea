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
import type { TalkInvocation, TargetFlags } from '../command-line/invocation';
import { connectionTo, type Connection } from '../connection/connection';
import { explainedError } from '../connection/explained-error';
import type { Conversation } from '../conversation/conversation';
import { leftOutAdvice } from '../app/left-out-advice';
import { callTool, connectConversation, type ConversationParts } from '../conversation/hold-conversation';
import { amongNames } from '../common/among-names';
import { openConversation, warnOfUnused } from './open-conversation';
import { LogTail } from '../conversation/server-log';
import type { Shutdown } from '../common/shutdown';
import { summarize, type Summary } from '../conversation/summary';
import { synthesize } from '../app/synthesize';
import { argumentSchema } from '../conversation/tool-arguments';
import { samplerFor } from '../sampling/sampler-for';
import { terminalOf } from '../terminal/terminal';

/** Lines of the server's log that are shown when a call fails. */
const SHOWN_LOG_LINES = 20;

/** Calls tools of one server in one session, of a CDK app that is started or deployed, and shows what is left. */
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
    const opened = invocation.target
      ? await openDeployed(invocation.target, invocation.yes)
      : await openOwn(invocation, parts, closing);
    if (opened === undefined) {
      return EXIT.ok;
    }
    const { connection, log, explain } = opened;
    conversation.inform('url', String(connection.target));

    const client = await connectConversation(connection, parts).catch((error: unknown) => {
      throw explain(error);
    });
    closing.register(() => client.close());
    conversation.inform('session', client.sessionId ?? '(none: the server keeps no sessions)');
    const succeeded = await callTools(client, { tools: invocation.tools, answers, log }, parts);
    warnOfUnused(answers, conversation);
    conversation.summary(await opened.summary(client.sessionId));
    conversation.end(succeeded ? 'done' : 'ended, not every call succeeded');
    return succeeded ? EXIT.ok : EXIT.failed;
  } finally {
    await closing.close();
  }
}

/** A server to talk to, and what is known of it besides. */
interface OpenedServer {
  readonly connection: Connection;
  readonly log: LogTail;
  readonly explain: (error: unknown) => unknown;
  readonly summary: (sessionId: string | undefined) => Promise<Summary>;
}

/** A server that runs already. Its log and its tables are not within reach. */
async function openDeployed(target: TargetFlags, yes: boolean): Promise<OpenedServer> {
  const { interactive } = terminalOf({ stdin: process.stdin, output: process.stdout, env: process.env, yes });
  return {
    connection: await connectionTo(target, { interactive }),
    log: new LogTail(SHOWN_LOG_LINES),
    explain: error => explainedError(error, target),
    summary: sessionId => Promise.resolve({ session: [['session', sessionId ?? '(none)']], tables: [] }),
  };
}

/** A server of the app, started here; `undefined` when the user wants none of them. */
async function openOwn(
  invocation: TalkInvocation,
  parts: ConversationParts,
  closing: Closing,
): Promise<OpenedServer | undefined> {
  const { conversation } = parts;
  const { runtime, log } = await startRuntimes(invocation, parts, closing);
  const chosen = await chooseRuntime(runtime.runtimes, invocation.runtime, conversation);
  if (chosen === undefined) {
    return undefined;
  }
  const listener = await listen(runtime, invocation.port, conversation);
  return {
    connection: { target: listener.url + chosen.invocationPath },
    log,
    explain: error => error,
    summary: sessionId => summarize(runtime, sessionId),
  };
}

async function startRuntimes(
  { app, environment, context }: TalkInvocation,
  { conversation, shutdown }: ConversationParts,
  closing: Closing,
): Promise<{ runtime: LocalRuntime; log: LogTail }> {
  const assembly = await conversation.working(
    { label: 'app', doing: 'synthesizing the CDK app' },
    synthesize({ folder: process.cwd(), app, context, signal: shutdown.signal }),
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
  // Names that the construct makes end with a hash.
  const begun = runtimes.filter(runtime => runtime.name.startsWith(name));
  return (
    runtimes.find(runtime => runtime.name === name) ??
    (begun.length === 1 ? begun[0] : undefined) ??
    unknown('runtime', name, names)
  );
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
