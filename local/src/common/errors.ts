import { inspect } from 'node:util';

/** Every code that an error of this package can have: what happened, and what to do. The set is closed. */
export const LOCAL_RUNTIME_ERRORS = {
  ERR_INVALID_OPTION:
    'an option of the constructor, of a runtime definition or of `listen` has a value that is not allowed: the message names the allowed ones',
  ERR_ASSEMBLY_NOT_FOUND:
    'the `assembly` directory does not exist or holds no `manifest.json`: run `cdk synth`, or pass its output directory',
  ERR_ASSEMBLY_INVALID:
    'a file of the cloud assembly cannot be read or is not what its manifest says: synthesize again',
  ERR_NO_RUNTIME: 'there is nothing to run: the assembly has no runtime with protocol MCP, and no definition was given',
  ERR_UNSUPPORTED_ARTIFACT:
    'no runtime of the assembly can run as a process here: give a definition with its name and a command, or run its image',
  ERR_ENTRY_NOT_FOUND: 'the entry point of a runtime is not in its asset: synthesize again, or correct `entryPoint`',
  ERR_UNRESOLVED_REFERENCE:
    'an environment variable or a property refers to something that only exists on AWS: give it a value by `environment`',
  ERR_NO_CONTAINER_ENGINE: 'an `image` is to be run, and neither Podman nor Docker is installed here: install one',
  ERR_ISOLATION_UNAVAILABLE:
    'servers are to be isolated by bubblewrap, which is not installed here or cannot make namespaces: install it, or leave `isolation` out',
  ERR_COMMAND_NOT_FOUND: "the program of a runtime's command is not installed here: install it, or correct `command`",
  ERR_SERVER_EXITED: 'a server ended before it listened on its port: its last output is in `startFailure`',
  ERR_START_LIMIT:
    'a server did not listen on its port within the start limit: have it listen on `HOST` and `PORT`, or start faster',
  ERR_WARMUP_FAILED:
    'a server did not answer the warm-up hook of its runtime with a 2xx within 120 s: the message has its answer',
  ERR_TABLE_FAILED:
    'a DynamoDB table of the template could not be created in the embedded server, or that server is not installed: the message says why',
  ERR_UNKNOWN_RUNTIME: 'no runtime has the name given to `publish`: the message lists those that there are',
  ERR_NO_RELEASE:
    'a runtime that is to be released has no verified release in its template: deploy it with `McpRelease.verified()`, or do not ask for it',
  ERR_RUNTIME_CHANGING:
    'a runtime is to be published or reloaded while the control plane changes it: try again when it is ready',
  ERR_UNKNOWN_TABLE: 'no table, or more than one, has the name given to `scanTable`: the message lists the tables',
  ERR_UNKNOWN_SESSION: 'no live session has the id given to one of `LocalRuntime.faults`: take one from `sessions`',
  ERR_PORT_IN_USE: 'another program listens on the port given to `listen`: end it, or pass another port or 0',
  ERR_LISTEN_FAILED: 'the operating system refused the address or port given to `listen`: pass another one',
  ERR_CLOSED: 'the local runtime was closed: make a new one',
} as const;

/** One of the codes of `LOCAL_RUNTIME_ERRORS`. */
export type LocalRuntimeErrorCode = keyof typeof LOCAL_RUNTIME_ERRORS;

/** What is known about a server that failed to start. */
export interface StartFailure {
  /** Name of the runtime whose server it is. */
  readonly runtimeName: string;
  /** Exit code, or null when it was ended by a signal or had not ended. */
  readonly exitCode: number | null;
  /** Signal that ended it, or null. */
  readonly signal: NodeJS.Signals | null;
  /** Its last lines on stdout and stderr, oldest first, at most 50. */
  readonly output: readonly string[];
  /** The message AgentCore gives its caller in the same case. */
  readonly platformMessage: string;
}

export interface LocalRuntimeErrorOptions extends ErrorOptions {
  readonly startFailure?: StartFailure;
}

/** The one kind of error that this package throws on purpose. */
export class LocalRuntimeError extends Error {
  public override readonly name = 'LocalRuntimeError';
  /** Present with `ERR_SERVER_EXITED`, `ERR_START_LIMIT`, `ERR_WARMUP_FAILED` and `ERR_COMMAND_NOT_FOUND`. */
  public readonly startFailure: StartFailure | undefined;

  public constructor(
    public readonly code: LocalRuntimeErrorCode,
    message: string,
    options: LocalRuntimeErrorOptions = {},
  ) {
    super(message, options);
    this.startFailure = options.startFailure;
  }
}

/** An `ERR_INVALID_OPTION` for a value outside what is allowed. */
export function invalidOption(
  option: string,
  value: unknown,
  allowed: string,
  runtimeName?: string,
): LocalRuntimeError {
  const where = runtimeName === undefined ? '' : `runtime \`${runtimeName}\`: `;
  return new LocalRuntimeError('ERR_INVALID_OPTION', `${where}\`${option}\` must be ${allowed}, got ${shown(value)}`);
}

/** A value as JSON, where it has a short one; of an object only what it is, since it may hold secrets. */
export function shown(value: unknown): string {
  if (typeof value === 'number') {
    // JSON has no word for NaN and Infinity.
    return String(value);
  }
  if (value === null || typeof value === 'string' || typeof value === 'boolean') {
    return JSON.stringify(value);
  }
  return Array.isArray(value) ? inspect(value, { depth: 1, breakLength: Infinity }) : nameOfKind(value);
}

/** What kind of value it is. */
export function nameOfKind(value: unknown): string {
  if (value === undefined || value === null) {
    return String(value);
  }
  if (Array.isArray(value)) {
    return 'a list';
  }
  return typeof value === 'object' ? 'an object' : `a ${typeof value === 'string' ? 'text' : typeof value}`;
}
