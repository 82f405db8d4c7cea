import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  LocalRuntime,
  LocalRuntimeError,
  type LocalRuntimeDefinition,
  type LocalRuntimeListener,
  type PlatformSettings,
} from 'stateful-mcp-local';
import { Closing } from '../common/closing';
import type { DevInvocation } from '../command-line/invocation';
import { CommandError, EXIT } from '../common/command-error';
import { ignoredInApp } from '../development/app-sources';
import { Development } from '../development/development';
import { leftOutAdvice } from '../app/left-out-advice';
import { DevLog } from '../logs/dev-log';
import { DevOutput } from './dev-output';
import { programDefinition, runtimeName } from './program-definition';
import type { Shutdown } from '../common/shutdown';
import { readCdkSettings, synthesize, type Assembly } from '../app/synthesize';
import { terminalOf } from '../terminal/terminal';

/** The port of MCP servers on AgentCore Runtime; taken here unless another one is asked for. */
const DEFAULT_PORT = 8000;

/** Made up: they exist in the local runtime alone. */
const CREDENTIALS = { accessKeyId: 'LOCALRUNTIMEUSER', secretAccessKey: 'local-runtime-secret' };

/** Runs servers until Ctrl-C. */
export async function dev(invocation: DevInvocation, shutdown: Shutdown): Promise<never> {
  const {
    app,
    port,
    environment,
    context,
    auth,
    isolation,
    watched,
    definition: { protocol },
  } = invocation;
  const missing = watched.find(given => !existsSync(given));
  if (missing !== undefined) {
    throw new CommandError(`\`--watch\` names ${path.resolve(missing)}, which does not exist`, EXIT.usage);
  }
  const { paint } = terminalOf({ stdin: process.stdin, output: process.stdout, env: process.env, yes: true });
  const output = new DevOutput(invocation.json, paint);
  const closing = new Closing();
  try {
    const synthesizeApp = async (): Promise<Assembly> => {
      const assembly = await synthesize({ folder: process.cwd(), app, context, signal: shutdown.signal });
      closing.register(assembly.dispose);
      return assembly;
    };
    const definition = definitionOf(invocation);
    const assembly = definition ? undefined : await synthesizeApp();
    if (assembly) {
      output.note(`CDK app ${assembly.origin}`, 'dim');
    }
    const runtime = new LocalRuntime({
      ...(definition ? { runtimes: [definition] } : { assembly: assembly?.directory }),
      environment,
      adviceFor: leftOutAdvice,
      auth,
      isolation,
      settings: settingsOf(invocation),
      credentials: [CREDENTIALS],
      log: entry => output.logged(entry),
    });
    // After the runtime, whose last words go into it.
    closing.register(() => output.log?.close());
    closing.register(() => runtime.close());
    output.watch(runtime);
    await shutdown.orEnd(runtime.ready);
    const listener = await listen(runtime, port, line => output.note(line));
    output.log = await DevLog.open(listener.url);
    output.serving(runtime.runtimes, listener, protocol === 'HTTP' ? 'invocations' : 'mcp');
    for (const line of callers(auth)) {
      output.hint(line);
    }
    const development = await developmentOf(invocation, {
      runtime,
      assembly,
      synthesizeApp,
      print: line => output.note(line, 'bold'),
    });
    if (development) {
      closing.register(() => development.close());
      await shutdown.orEnd(development.start());
    }
    output.hint(
      `\n${paint('dim', `${development ? 'A source that changes makes a new version. ' : ''}Ctrl-C ends it.`)}\n`,
    );
    return await shutdown.orEnd(new Promise<never>(() => undefined));
  } finally {
    await closing.close();
  }
}

/** The settings of `--setting`, and those that have a flag of their own. */
function settingsOf({
  settings,
  sessionIds,
  requestsWithoutSession,
  pingIntervalSeconds,
}: DevInvocation): Partial<PlatformSettings> {
  return {
    ...settings,
    ...(sessionIds && { sessionIds }),
    ...(requestsWithoutSession && { requestsWithoutSession }),
    ...(pingIntervalSeconds && { pingIntervalMs: pingIntervalSeconds * 1000 }),
  };
}

interface DevelopmentParts {
  readonly runtime: LocalRuntime;
  readonly assembly: Assembly | undefined;
  readonly synthesizeApp: () => Promise<Assembly>;
  readonly print: (line: string) => void;
}

/** What watches the sources; undefined when there are none to watch. */
async function developmentOf(
  { watch, watched, program }: DevInvocation,
  { runtime, assembly, synthesizeApp, print }: DevelopmentParts,
): Promise<Development | undefined> {
  if (!watch || (!assembly && watched.length === 0)) {
    return undefined;
  }
  const folder = process.cwd();
  const named = watched.map(given => path.resolve(folder, given));
  const versions = await mkdtemp(path.join(tmpdir(), 'stateful-mcp-versions-'));
  const settings = await readCdkSettings(folder);
  return new Development({
    runtime,
    versions,
    print,
    synthesize: program ? undefined : async () => (await synthesizeApp()).directory,
    // Who synthesizes an assembly by another program says by its manifest when it is complete.
    watched: [
      ...named,
      ...(!assembly ? [] : [assembly.existing ? path.join(assembly.directory, 'manifest.json') : folder]),
    ],
    ignored: ignoredInApp(folder, settings?.watch),
  });
}

function callers(auth: DevInvocation['auth']): string[] {
  if (auth === 'off') {
    return [];
  }
  return [
    '',
    `callers of ${auth === 'all' ? 'all URLs' : '/runtimes/…'} sign (SigV4, service bedrock-agentcore); --auth off lets everybody in`,
    `  AWS_ACCESS_KEY_ID=${CREDENTIALS.accessKeyId} AWS_SECRET_ACCESS_KEY=${CREDENTIALS.secretAccessKey}`,
  ];
}

/** A server that is no part of a CDK app. */
function definitionOf({
  program,
  image,
  definition,
}: Pick<DevInvocation, 'program' | 'image' | 'definition'>): LocalRuntimeDefinition | undefined {
  if (image !== undefined) {
    return { name: runtimeName(path.basename(image).replace(/[:@].*/, '')), image, ...definition };
  }
  return program && { ...programDefinition(program), ...definition };
}

async function listen(
  runtime: LocalRuntime,
  port: number | undefined,
  print: (line: string) => void,
): Promise<LocalRuntimeListener> {
  try {
    return await runtime.listen({ port: port ?? DEFAULT_PORT });
  } catch (error) {
    if (!(error instanceof LocalRuntimeError) || error.code !== 'ERR_PORT_IN_USE') {
      throw error;
    }
    if (port !== undefined) {
      throw new CommandError(
        `\`--port\` ${port} is in use by another program: end that one, or choose another port (0: a free one)`,
      );
    }
    print(`port ${DEFAULT_PORT} is in use by another program, taking a free one`);
    return runtime.listen({ port: 0 });
  }
}
