import path from 'node:path';
import {
  LocalRuntime,
  type LocalRuntimeDefinition,
  type LocalRuntimeOptions,
  type SessionLogEntry,
} from 'stateful-mcp-local';

/** Keys that the local runtime takes. */
export const KEYS = { accessKeyId: 'AKIDLOCAL', secretAccessKey: 'local-secret' };

/** A server behind the data plane of AgentCore, as a deployment leaves it. */
export interface Deployed {
  readonly runtime: LocalRuntime;
  /** Where the data plane listens. */
  readonly origin: string;
  readonly arn: string;
  /** The invocation URL. */
  readonly url: string;
  readonly log: SessionLogEntry[];
}

const running: LocalRuntime[] = [];

/** Ends every runtime of the test. */
export async function closeRuntimes(): Promise<void> {
  await Promise.all(running.splice(0).map(runtime => runtime.close()));
}

/** Starts fixtures/deployed-server.mjs; who calls it has to sign with `KEYS`, unless the options say otherwise. */
export async function deploy(
  definition: Partial<LocalRuntimeDefinition> = {},
  options: Partial<LocalRuntimeOptions> = {},
): Promise<Deployed> {
  const log: SessionLogEntry[] = [];
  const command: [string, string] = [process.execPath, path.join(__dirname, 'fixtures/deployed-server.mjs')];
  const runtime = new LocalRuntime({
    runtimes: [{ name: 'expenses', command, ...definition }],
    credentials: [KEYS],
    log: entry => log.push(entry),
    ...options,
  });
  running.push(runtime);
  await runtime.ready;
  const { url: origin } = await runtime.listen();
  const { arn = '', invocationPath = '' } = runtime.runtimes[0] ?? {};
  return { runtime, origin, arn, url: `${origin}${invocationPath}`, log };
}

/** What a tool of the server says. */
export function said({ content }: { content: unknown[] }): unknown {
  return JSON.parse((content[0] as { text: string }).text);
}
