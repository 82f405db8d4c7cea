import type { Clock } from './common/clock';
import { invalidOption, LocalRuntimeError } from './common/errors';
import {
  ANY_OBJECT,
  BOOLEAN,
  checkKind,
  choice,
  FUNCTION,
  instanceOf,
  listOf,
  mapOf,
  NUMBER,
  objectOf,
  optionsOf,
  required,
  SECRET,
  TEXT,
  valueOr,
} from './common/option-kinds';
import type { SessionLog } from './process/process-output';
import type { LocalArtifact } from './control-plane/artifacts';
import type { LeftOutRuntime } from './definitions/left-out-runtime';
import type { AuthScope } from './auth/inbound-auth';
import type { Quotas, RequestLimits } from './platform/limits';
import type { PlatformSettings } from './platform/platform-settings';
import type { SessionResources } from './platform/session-resources';
import type { LocalCredentials } from './auth/local-credentials';
import { COMMAND, DEFINITION, type LocalRuntimeDefinition, checkDefinition } from './definitions/command-definition';

export interface LocalRuntimeOptions {
  /**
   * Directory of a synthesized cloud assembly (`cdk.out`). Every `AWS::BedrockAgentCore::Runtime` with protocol MCP in it
   * is served, with the environment and lifecycle of its template; DynamoDB tables of the templates are created in an
   * embedded server, one for each Stage. A runtime that cannot run here is left out (see `LocalRuntime.leftOut`), and
   * an error only when no other is left.
   *
   * @default - no assembly
   */
  readonly assembly?: string;
  /**
   * Servers that are started by a command.
   *
   * @default - none
   */
  readonly runtimes?: readonly LocalRuntimeDefinition[];
  /**
   * What to do about a runtime of the `assembly` that is left out: said in the log, to whoever calls it, and in the
   * error when no runtime is left. Without a result, nothing is advised.
   *
   * @default - to start it by a definition with its name in `runtimes`
   */
  readonly adviceFor?: (runtime: LeftOutRuntime) => string | undefined;
  /**
   * Environment variables for every runtime. They win over the template's, and are the way to give a value to a
   * variable whose reference exists only on AWS.
   *
   * @default - none
   */
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * Where idle timeout, max lifetime and start limit get their time from.
   *
   * @default systemClock
   */
  readonly clock?: Clock;
  /**
   * Processes of each runtime that are started ahead and wait for a session. With 0 a session starts its own, and
   * `ready` does not try the servers.
   *
   * @default 1
   */
  readonly pooledProcesses?: number;
  /**
   * When the endpoint of a verified release (`McpRelease.verified` of the template) gets a version: as soon as it
   * starts, or by `LocalRuntime.release`, as after the check of a deployment.
   *
   * @default 'at-start'
   */
  readonly releases?: 'at-start' | 'on-request';
  /**
   * What AgentCore does where its documentation leaves that open.
   *
   * @default - the likeliest, see `PlatformSettings`
   */
  readonly settings?: Partial<PlatformSettings>;
  /**
   * Limits of one request.
   *
   * @default - those of the service, see `RequestLimits`
   */
  readonly limits?: Partial<RequestLimits>;
  /**
   * Quotas of the account, or `off`. They are counted by the `clock`.
   *
   * @default - the service's default quotas, see `Quotas`
   */
  readonly quotas?: Partial<Quotas> | 'off';
  /**
   * What one session may use of CPU and memory, as far as this machine can limit it without root; or `off`.
   *
   * @default - 2 vCPU and 8 GB, as the service, see `SessionResources`
   */
  readonly resources?: Partial<SessionResources> | 'off';
  /**
   * What keeps servers from the rest of the machine: nothing, or on Linux bubblewrap (`bwrap`, which works without
   * root). With it a server writes nothing but its own `/tmp`, its own home and its session storage. Of the user's home
   * it reads only what it needs to run: its directory, `node_modules` above it, the installation of its program. It
   * sees no process but its own. Its network is that of the machine. An image is isolated by its container anyway.
   *
   * @default 'none'
   */
  readonly isolation?: 'none' | 'bubblewrap';
  /**
   * Which URLs require authentication: by a signature of one of the `credentials` (SigV4), or for a runtime with a
   * `customJWTAuthorizer` by its token.
   *
   * @default 'platform-urls' - with `credentials`; without them 'off'
   */
  readonly auth?: AuthScope;
  /**
   * AWS credentials that callers may sign with. Make some up: they exist here alone.
   *
   * @default - none, nobody can sign
   */
  readonly credentials?: readonly LocalCredentials[];
  /**
   * What the control plane runs for the artifacts of runtimes that it creates. Keys are `s3://{bucket}/{prefix}` or a
   * container URI; values are the directory with the code and, for a container, the command. Without an entry a bucket
   * named `local` is this machine, and its prefix the path of a directory.
   *
   * @default - none
   */
  readonly artifacts?: Readonly<Record<string, LocalArtifact>>;
  /**
   * Called with each line that a server writes, with the id of its session.
   *
   * @default - the lines are dropped
   */
  readonly log?: SessionLog;
}

/** The kind of every option: whoever writes JavaScript has no compiler that says it. */
const OPTIONS = optionsOf<LocalRuntimeOptions>({
  assembly: TEXT,
  runtimes: listOf(DEFINITION, 'a list of definitions'),
  adviceFor: FUNCTION,
  environment: mapOf(SECRET, 'an object of texts'),
  clock: instanceOf<Clock>({ now: required(FUNCTION), setTimeout: required(FUNCTION) }, 'a `Clock`'),
  pooledProcesses: NUMBER,
  releases: choice('at-start', 'on-request'),
  settings: ANY_OBJECT,
  limits: objectOf<RequestLimits>(
    { payloadBytes: NUMBER, chunkBytes: NUMBER, requestMs: NUMBER, streamMs: NUMBER },
    'an object',
  ),
  quotas: valueOr(
    'off',
    objectOf<Quotas>({ requestsPerSecond: NUMBER, newSessionsPerSecond: NUMBER, activeSessions: NUMBER }, 'an object'),
  ),
  resources: valueOr('off', ANY_OBJECT),
  isolation: choice('none', 'bubblewrap'),
  auth: choice('off', 'platform-urls', 'all'),
  credentials: listOf(
    // Those of the AWS SDK have more members.
    instanceOf<LocalCredentials>(
      { accessKeyId: required(TEXT), secretAccessKey: required(SECRET), sessionToken: SECRET, mayNameUser: BOOLEAN },
      'credentials',
    ),
    'a list of credentials',
  ),
  artifacts: mapOf(
    objectOf<LocalArtifact>({ directory: TEXT, folder: TEXT, command: COMMAND }, 'an object with a `directory`'),
    'an object of artifacts',
  ),
  log: FUNCTION,
});

/** Refuses options whose value can never work. */
export function checkOptions(options: LocalRuntimeOptions): void {
  checkKind('options', options, OPTIONS);
  checkArtifacts(options.artifacts);
  const { assembly, runtimes = [], pooledProcesses = 1 } = options;
  if (assembly === undefined && runtimes.length === 0 && options.artifacts === undefined) {
    throw new LocalRuntimeError(
      'ERR_NO_RUNTIME',
      'nothing to run: give `assembly` (the directory that `cdk synth` writes), `runtimes`, or `artifacts` for the control plane',
    );
  }
  if (!Number.isInteger(pooledProcesses) || pooledProcesses < 0) {
    throw invalidOption('pooledProcesses', pooledProcesses, 'a whole number, 0 or more');
  }
  runtimes.forEach(checkDefinition);
  const repeated = runtimes.find(({ name }, index) => runtimes.findIndex(other => other.name === name) !== index);
  if (repeated) {
    throw invalidOption('runtimes', repeated.name, 'one definition for each `name`');
  }
}

function checkArtifacts(artifacts: LocalRuntimeOptions['artifacts'] = {}): void {
  for (const [uri, artifact] of Object.entries(artifacts)) {
    if ((artifact.directory ?? artifact.folder) === undefined) {
      throw invalidOption(`artifacts.${uri}`, artifact, 'an object with a `directory`');
    }
  }
}
