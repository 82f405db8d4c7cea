import { readFile } from 'node:fs/promises';
import {
  checkServer,
  connect,
  listContract,
  problemWithCheck,
  type CheckDefinition,
  type CheckReport,
  type CheckVerdict,
  type ServerContract,
} from 'stateful-mcp-client';
import { leftOutAdvice } from '../app/left-out-advice';
import { programDefinition } from '../app/program-definition';
import { synthesize } from '../app/synthesize';
import type { CheckInvocation } from '../command-line/invocation';
import { amongNames } from '../common/among-names';
import { Closing } from '../common/closing';
import { CommandError, EXIT } from '../common/command-error';
import type { Shutdown } from '../common/shutdown';
import { connectionTo, type Connection } from '../connection/connection';
import { explainedError } from '../connection/explained-error';
import { reportLines } from '../conversation/report-lines';
import { LogTail } from '../conversation/server-log';
import { printable } from '../conversation/text-format';
import { terminalOf } from '../terminal/terminal';

/** Lines of the server's log that are shown when a check fails. */
const SHOWN_LOG_LINES = 20;

const EXIT_CODES: Readonly<Record<CheckVerdict, number>> = {
  pass: EXIT.ok,
  fail: EXIT.failed,
  inconclusive: EXIT.inconclusive,
};

/** Checks a server that runs already, or one that is started for it. */
export async function check(invocation: CheckInvocation, shutdown: Shutdown): Promise<number> {
  const closing = new Closing();
  const output = invocation.json ? process.stderr : process.stdout;
  const { interactive, paint } = terminalOf({ stdin: process.stdin, output, env: process.env, yes: false });
  try {
    const definition = await readCheck(invocation.check);
    const log = new LogTail(SHOWN_LOG_LINES);
    const { target } = invocation;
    const connection =
      target === undefined
        ? await start(invocation, { closing, shutdown, log })
        : await connectionTo(target, { interactive });
    const live = await comparedContract(invocation, connection, shutdown);
    output.write(`${paint('dim', 'server')}  ${printable(String(connection.target))}\n\n`);
    const report = await reported(invocation, shutdown, {
      ...connection,
      definition,
      ...(live && { live }),
      requiresToken: invocation.requiresToken,
      signal: shutdown.signal,
      ...(invocation.transcript && { onTranscript: line => process.stderr.write(`${printable(line)}\n`) }),
    });
    shutdown.signal.throwIfAborted();
    if (invocation.json) {
      process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
    } else {
      const logged = report.verdict === 'pass' ? [] : log.take();
      output.write(`${reportLines(report, { paint, log: logged }).join('\n')}\n`);
    }
    return EXIT_CODES[report.verdict];
  } finally {
    await closing.close();
  }
}

async function reported(
  { target }: CheckInvocation,
  shutdown: Shutdown,
  options: Parameters<typeof checkServer>[0],
): Promise<CheckReport> {
  try {
    // It ends its sessions when it is told to end, so it is waited for.
    return await checkServer(options);
  } catch (error) {
    shutdown.signal.throwIfAborted();
    throw target === undefined ? error : explainedError(error, target);
  }
}

async function readCheck(file: string): Promise<CheckDefinition> {
  const definition = await readJson(file, '--check');
  const problem = problemWithCheck(definition);
  if (problem !== undefined) {
    throw new CommandError(`\`--check\` ${file}: ${problem}`, EXIT.usage);
  }
  return definition as CheckDefinition;
}

/** What clients know: what another server offers, or what a report says that one offered. */
async function comparedContract(
  { compareWith }: CheckInvocation,
  { auth }: Connection,
  shutdown: Shutdown,
): Promise<ServerContract | undefined> {
  if (compareWith === undefined) {
    return undefined;
  }
  if (/^(https?:|arn:|stack:)/.test(compareWith)) {
    const client = await shutdown.orEnd(connect({ target: compareWith, ...(auth && { auth }) }));
    try {
      return await shutdown.orEnd(listContract(client));
    } finally {
      await client.close();
    }
  }
  const report = (await readJson(compareWith, '--compare-with')) as { contract?: Partial<ServerContract> } | null;
  const { tools, prompts = [], resources = [] } = report?.contract ?? {};
  if (!Array.isArray(tools)) {
    throw new CommandError(
      `\`--compare-with\` ${compareWith} has no \`contract\`: pass a report of \`check --json\`, a URL, an ARN or stack:STACK/OUTPUT`,
      EXIT.usage,
    );
  }
  return { tools: tools as ServerContract['tools'], prompts, resources };
}

async function readJson(file: string, flag: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as unknown;
  } catch (cause) {
    throw new CommandError(`\`${flag}\` ${file} cannot be read: ${(cause as Error).message}`, EXIT.usage, { cause });
  }
}

interface StartParts {
  readonly closing: Closing;
  readonly shutdown: Shutdown;
  readonly log: LogTail;
}

/** Starts the servers of the app, or a program, and leads to one of them as AgentCore would. */
async function start(
  { app, environment, port, program, runtime: wanted }: CheckInvocation,
  { closing, shutdown, log }: StartParts,
): Promise<Connection> {
  const definition = programDefinition({ program });
  const assembly = definition ? undefined : await synthesize({ folder: process.cwd(), app, signal: shutdown.signal });
  if (assembly) {
    closing.register(assembly.dispose);
  }
  const { LocalRuntime } = await import('stateful-mcp-local');
  const runtime = new LocalRuntime({
    ...(definition ? { runtimes: [definition] } : { assembly: assembly?.directory }),
    environment,
    adviceFor: leftOutAdvice,
    log: entry => log.add(entry),
  });
  closing.register(() => runtime.close());
  await shutdown.orEnd(runtime.ready);
  const names = runtime.runtimes.map(({ name }) => name);
  const [only] = wanted === undefined && names.length > 1 ? [] : runtime.runtimes;
  const chosen = wanted === undefined ? only : runtime.runtimes.find(({ name }) => name === wanted);
  if (chosen === undefined) {
    throw new CommandError(
      wanted === undefined
        ? `the app has several runtimes: name one by \`--runtime\`. There is: ${names.join(', ')}`
        : `there is no runtime ${amongNames(wanted, names)}`,
      EXIT.usage,
    );
  }
  const { url } = await runtime.listen({ port });
  return { target: `${url}${chosen.invocationPath}`, auth: 'none' };
}
