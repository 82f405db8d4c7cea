import path from 'node:path';
import { LocalRuntime, LocalRuntimeError, type LocalRuntimeDefinition, type LocalRuntimeListener, type RuntimeDescription } from 'stateful-mcp-local';
import { Closing } from '../closing';
import type { DevInvocation } from '../command-line';
import { CommandError } from '../command-error';
import { SDK_WARNING_SWITCH } from '../sdk-warning';
import { logLine, shortSessionId } from '../server-log';
import type { Shutdown } from '../shutdown';
import { synthesize, type Assembly } from '../synthesize';
import { terminalOf } from '../terminal/terminal';
import { durationText } from '../text-format';

/** The port of MCP servers on AgentCore Runtime; taken here when nobody asks for another one. */
const DEFAULT_PORT = 8000;

/** Runs servers until Ctrl-C. */
export async function dev({ app, image, port, environment, program }: DevInvocation, shutdown: Shutdown): Promise<never> {
  const { paint } = terminalOf({ stdin: process.stdin, output: process.stdout, env: process.env, yes: true });
  const print = (line: string): void => { process.stdout.write(`${line}\n`); };
  const closing = new Closing();
  try {
    let assembly: Assembly | undefined;
    const definition = definitionOf({ program, image });
    if (definition === undefined) {
      assembly = await synthesize({ folder: process.cwd(), app, signal: shutdown.signal });
      closing.add(assembly.dispose);
      print(paint('dim', `CDK app ${assembly.origin}`));
    }
    const runtime = new LocalRuntime({
      ...definition ? { runtimes: [definition] } : { assembly: assembly?.directory },
      environment,
      log: (entry) => { print(logLine(entry)); },
    });
    closing.add(() => runtime.dispose());
    watchSessions(runtime, line => print(paint('dim', line)));
    await shutdown.orEnd(runtime.ready);
    const listener = await listen(runtime, port, print);
    for (const line of overview(runtime.runtimes, listener)) print(line);
    print(`\n${paint('dim', 'Ctrl-C ends it.')}\n`);
    return await shutdown.orEnd(new Promise<never>(() => undefined));
  } finally {
    await closing.close();
  }
}

/** A server that is no part of a CDK app. A program gets the environment of the person who starts it, without what this command adds for itself. */
function definitionOf({ program, image }: Pick<DevInvocation, 'program' | 'image'>): LocalRuntimeDefinition | undefined {
  if (image !== undefined) return { name: runtimeName(path.basename(image).replace(/[:@].*/, '')), image };
  if (program === undefined) return undefined;
  const [command = '', ...args] = program;
  const environment = Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] =>
    entry[1] !== undefined && entry[0] !== SDK_WARNING_SWITCH));
  return { name: runtimeName(path.basename(process.cwd())), command: [command, ...args], cwd: process.cwd(), environment };
}

function runtimeName(text: string): string {
  return text.replace(/\W/g, '_').replace(/^[^a-zA-Z]+/, '').slice(0, 48) || 'server';
}

async function listen(runtime: LocalRuntime, port: number | undefined, print: (line: string) => void): Promise<LocalRuntimeListener> {
  try {
    return await runtime.listen({ port: port ?? DEFAULT_PORT });
  } catch (error) {
    if (!(error instanceof LocalRuntimeError) || error.code !== 'ERR_PORT_IN_USE') throw error;
    if (port !== undefined) throw new CommandError(`\`--port\` ${port} is in use by another program: end that one, or choose another port (0: a free one)`);
    print(`port ${DEFAULT_PORT} is in use by another program, taking a free one`);
    return runtime.listen({ port: 0 });
  }
}

function overview(runtimes: readonly RuntimeDescription[], { url }: LocalRuntimeListener): string[] {
  return runtimes.flatMap(({ name, invocationPath, idleTimeoutSeconds, maxLifetimeSeconds }) => [
    '',
    `${name}  (idle timeout ${durationText(idleTimeoutSeconds * 1000)}, max lifetime ${durationText(maxLifetimeSeconds * 1000)})`,
    `  ${url}${runtimes.length === 1 ? '' : `/${name}`}/mcp`,
    `  ${url}${invocationPath}`,
  ]);
}

function watchSessions(runtime: LocalRuntime, print: (line: string) => void): void {
  runtime.events.on('session-started', ({ sessionId, runtimeName, pid }) =>
    print(`[${runtimeName} ${shortSessionId(sessionId)}] session ${sessionId} started, process ${pid}`));
  runtime.events.on('session-stopped', ({ sessionId, runtimeName, reason, exitCode, signal }) => {
    print(`[${runtimeName} ${shortSessionId(sessionId)}] session ended: ${reason}${signal ? `, ${signal}` : exitCode ? `, exit code ${exitCode}` : ''}`);
  });
}
