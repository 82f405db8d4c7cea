import {
  LocalRuntime,
  LocalRuntimeError,
  type LocalRuntimeListener,
  type RuntimeDescription,
  type SessionLogEntry,
} from 'stateful-mcp-local';
import { leftOutAdvice } from '../app/left-out-advice';
import { synthesize } from '../app/synthesize';
import type { ReleaseRehearsal, ServerFlags, TargetFlags } from '../command-line/invocation';
import { amongNames } from '../common/among-names';
import type { Closing } from '../common/closing';
import { CommandError, EXIT } from '../common/command-error';
import { explainedVersion } from '../connection/explained-error';
import { runningServer, type ReachableServer } from '../connection/running-server';
import type { Conversation } from '../conversation/conversation';
import type { ConversationParts } from '../conversation/hold-conversation';
import { LogTail } from '../conversation/server-log';
import { summarize, type Summary } from '../conversation/summary';
import { terminalOf } from '../terminal/terminal';
import { programDefinition } from './program-definition';
import { rehearseRelease } from './rehearsed-release';

/** Lines of the server's log that are shown when a call fails. */
const SHOWN_LOG_LINES = 20;

/** A server to talk to, and what is known of it besides. */
export interface OpenedServer extends ReachableServer {
  readonly log: LogTail;
  /** What its template checks before users get a version, in JSON. */
  readonly releaseCheck?: string;
  readonly summary: (sessionId: string | undefined) => Promise<Summary>;
}

/**
 * A server that runs already. Its log and its tables are not within reach.
 *
 * @param options - `output` is where the conversation is shown: who sees it may sign in
 */
export async function openDeployed(
  target: TargetFlags,
  { yes, session, output }: { readonly yes: boolean; readonly session?: string; readonly output: NodeJS.WriteStream },
): Promise<OpenedServer> {
  const { interactive } = terminalOf({ stdin: process.stdin, output, env: process.env, yes });
  return {
    ...(await runningServer(target, session, { interactive })),
    log: new LogTail(SHOWN_LOG_LINES),
    summary: sessionId => Promise.resolve({ session: [['session', sessionId ?? '(none)']], tables: [] }),
  };
}

/** What is started here: servers of the app, or the command of one. */
export interface OwnServer extends ServerFlags {
  /** Which runtime of the app. */
  readonly runtime?: string;
  readonly program?: readonly string[];
  readonly release?: ReleaseRehearsal;
}

/** A server that is started here; `undefined` when the user wants none of those that the app has. */
export async function openOwn(
  invocation: OwnServer,
  parts: ConversationParts,
  closing: Closing,
): Promise<OpenedServer | undefined> {
  const { conversation } = parts;
  const { runtime, log } = await startRuntimes(invocation, parts, closing);
  const chosen = await chooseRuntime(runtime.runtimes, invocation.runtime, conversation);
  if (chosen === undefined) {
    return undefined;
  }
  const { url } = await listen(runtime, invocation.port, conversation);
  const endpoint =
    invocation.release === undefined
      ? chosen.invocationPath
      : await rehearseRelease({ runtime, chosen, url }, invocation.release, parts, closing);
  return {
    connection: { target: url + endpoint },
    log,
    ...(chosen.release && { releaseCheck: chosen.release.check }),
    explain: explainedVersion,
    summary: sessionId => summarize(runtime, sessionId),
  };
}

async function startRuntimes(
  { app, program, environment, context, release }: OwnServer,
  { conversation, shutdown }: ConversationParts,
  closing: Closing,
): Promise<{ runtime: LocalRuntime; log: LogTail }> {
  const log = new LogTail(SHOWN_LOG_LINES);
  const options = {
    environment,
    adviceFor: leftOutAdvice,
    log: (entry: SessionLogEntry) => log.add(entry),
    ...(release && ({ releases: 'on-request' } as const)),
  };
  let runtime: LocalRuntime;
  if (program === undefined) {
    const assembly = await conversation.working(
      { label: 'app', doing: 'synthesizing the CDK app' },
      synthesize({ folder: process.cwd(), app, context, signal: shutdown.signal }),
      ({ origin }) => origin,
    );
    closing.register(assembly.dispose);
    runtime = new LocalRuntime({ ...options, assembly: assembly.directory });
  } else {
    runtime = new LocalRuntime({ ...options, runtimes: [programDefinition(program)] });
  }
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
    unknownName('runtime', name, names)
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

/** A name that the user gave and nothing has. */
export function unknownName(what: 'tool' | 'runtime', name: string, names: readonly string[]): never {
  throw new CommandError(`there is no ${what} ${amongNames(name, names)}`, EXIT.usage);
}
