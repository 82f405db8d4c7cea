import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { CommandError, EXIT } from '../common/command-error';
import { parsedJson } from '../common/json-file';

export interface SynthesizeOptions {
  /** Folder of `cdk.json`; commands run in it. */
  readonly folder: string;
  /** A command, or a folder that was synthesized before. Default: `app` of `cdk.json`. */
  readonly app?: string;
  /** Context values before all others. Default: none. */
  readonly context?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** A cloud assembly to read. */
export interface Assembly {
  readonly directory: string;
  /** For people: where it comes from. */
  readonly origin: string;
  /** Whether it was there before. */
  readonly existing: boolean;
  /** Removes it, if it was made for this run. */
  readonly dispose: () => Promise<void>;
}

/**
 * Synthesizes a CDK app as the CDK CLI does. Runs its command by the shell, with the context of `cdk.json`,
 * `cdk.context.json` and `~/.cdk.json`, into a folder that no other run shares.
 */
export async function synthesize({ folder, app, context = {}, signal }: SynthesizeOptions): Promise<Assembly> {
  const settings = await readCdkSettings(folder);
  const command = app ?? settings?.app;
  if (command === undefined) {
    throw new CommandError(
      settings
        ? `${path.join(folder, 'cdk.json')} has no \`app\`: add the command that runs the CDK app, or pass it by --app`
        : `there is no cdk.json in ${folder}: change to the folder of the CDK app, or pass --app with its command or its cdk.out folder`,
    );
  }
  const ready = await existingAssembly(path.resolve(folder, command));
  if (ready) {
    if (Object.keys(context).length > 0) {
      throw new CommandError(
        `\`--context\` is for an app that is synthesized, and ${ready.directory} is already: leave out one of them`,
        EXIT.usage,
      );
    }
    return ready;
  }

  const directory = await mkdtemp(path.join(tmpdir(), 'stateful-mcp-'));
  const assembly: Assembly = {
    directory,
    origin: 'synthesized',
    existing: false,
    dispose: () => rm(directory, { recursive: true, force: true }),
  };
  try {
    const environment = await cdkEnvironment(
      folder,
      { ...settings, context: { ...settings?.context, ...context } },
      directory,
    );
    if (settings?.build !== undefined && app === undefined) {
      await run(settings.build, { folder, environment, signal });
    }
    await run(command, { folder, environment, signal });
    if (!(await isFile(path.join(directory, 'manifest.json')))) {
      throw new CommandError(
        `\`${command}\` ended without writing a cloud assembly: an app has to call \`app.synth()\`, or end by itself`,
      );
    }
  } catch (error) {
    await assembly.dispose();
    throw error;
  }
  return assembly;
}

export interface CdkSettings {
  readonly app?: string;
  readonly build?: string;
  readonly watch?: WatchSettings;
  readonly context?: Readonly<Record<string, unknown>>;
}

/** cdk.json of a folder; undefined when there is none. */
export async function readCdkSettings(folder: string): Promise<CdkSettings | undefined> {
  return (await readJson(path.join(folder, 'cdk.json'))) as CdkSettings | undefined;
}

async function existingAssembly(directory: string): Promise<Assembly | undefined> {
  if (!(await stat(directory).catch(() => undefined))?.isDirectory()) {
    return undefined;
  }
  if (await isFile(path.join(directory, 'manifest.json'))) {
    return { directory, origin: `read from ${directory}`, existing: true, dispose: () => Promise.resolve() };
  }
  throw new CommandError(
    `--app names the folder ${directory}, which is no cloud assembly (it has no manifest.json): run \`cdk synth\`, or pass the command of the app`,
  );
}

async function isFile(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined))?.isFile() ?? false;
}

/** Linux refuses environment variables of more than 128 KiB; the CDK reads what does not fit from a file. */
const LARGEST_VARIABLE = 100_000;

async function cdkEnvironment(folder: string, settings: CdkSettings, directory: string): Promise<NodeJS.ProcessEnv> {
  const user = (await readJson(path.join(homedir(), '.cdk.json'))) as CdkSettings | undefined;
  const looked = (await readJson(path.join(folder, 'cdk.context.json'))) as Record<string, unknown> | undefined;
  const context = JSON.stringify({
    'aws:cdk:enable-path-metadata': true,
    'aws:cdk:enable-asset-metadata': true,
    ...user?.context,
    ...looked,
    ...settings.context,
  });
  const region = process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION;
  const environment: NodeJS.ProcessEnv = {
    ...process.env,
    ...(process.env.CDK_DEFAULT_REGION === undefined && region !== undefined && { CDK_DEFAULT_REGION: region }),
    CDK_OUTDIR: directory,
    CDK_CONTEXT_JSON: context,
  };
  if (context.length <= LARGEST_VARIABLE) {
    return environment;
  }
  const file = path.join(directory, 'context-overflow.json');
  await writeFile(file, context);
  return { ...environment, CDK_CONTEXT_JSON: '{}', CONTEXT_OVERFLOW_LOCATION: file };
}

async function readJson(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    return undefined;
  }
  try {
    return parsedJson(text);
  } catch (cause) {
    throw new CommandError(`${file} is not JSON: ${(cause as Error).message}`, undefined, { cause });
  }
}

const GRACE_MS = 2_000;

/**
 * Runs a command line of `cdk.json` by the shell, as the CDK CLI does, in a process group of its own so that all of it
 * can be ended.
 */
async function run(
  command: string,
  { folder, environment, signal }: { folder: string; environment: NodeJS.ProcessEnv; signal: AbortSignal },
): Promise<void> {
  signal.throwIfAborted();
  const child = spawn(command, {
    cwd: folder,
    env: environment,
    shell: true,
    detached: process.platform !== 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => output.push(text));
  }
  const end = (by: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined && process.platform !== 'win32') {
        process.kill(-child.pid, by);
      } else {
        child.kill(by);
      }
    } catch {
      // It ended by itself meanwhile.
    }
  };
  let force: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    end('SIGTERM');
    force = setTimeout(() => end('SIGKILL'), GRACE_MS);
  };
  const onExit = (): void => end('SIGKILL');
  signal.addEventListener('abort', onAbort, { once: true });
  process.once('exit', onExit);
  try {
    const [code, by] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.once('error', reject).once('close', (...exit) => resolve(exit));
    });
    signal.throwIfAborted();
    if (code === 0) {
      return;
    }
    throw new CommandError(
      `the CDK app failed (${by ?? `exit code ${code}`}): ${command}\n\n${output.join('').trimEnd() || '(it printed nothing)'}`,
    );
  } finally {
    clearTimeout(force);
    signal.removeEventListener('abort', onAbort);
    process.off('exit', onExit);
  }
}

/** `watch` of cdk.json, as `cdk watch` reads it. */
export interface WatchSettings {
  readonly include?: string | readonly string[];
  readonly exclude?: string | readonly string[];
}
