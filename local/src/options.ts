import { statSync } from 'node:fs';
import { definitionCode } from './artifact-code';
import type { Clock } from './clock';
import { invalidOption, LocalRuntimeError } from './errors';
import type { SessionLog } from './process-output';
import type { LocalArtifact } from './control-plane/artifacts';
import { checkAllowlist } from './header-policy';
import type { LeftOutRuntime } from './left-out-runtime';
import type { AuthScope, LocalCredentials } from './inbound-auth';
import type { JwtAuthorizer } from './jwt-authorizer';
import type { Quotas, RequestLimits } from './limits';
import type { PlatformSettings } from './platform-settings';
import type { SessionResources } from './session-resources';
import {
  lifecycleOf, localRegion, PLAIN, runtimeArn, runtimeId, UNKNOWN_ACCOUNT,
  startLimitOf, type RuntimeDefinition, type RuntimeFeatures, type RuntimeProtocol,
} from './runtime-definition';

/** A server of any language, started by a command or from an image: one of the two has to be given. */
export interface LocalRuntimeDefinition {
  /**
   * Name of the runtime: a letter, then letters, digits and `_`, at most 48 in all.
   *
   * With the name of a runtime of the `assembly`, the definition takes the place of its artifact: command and folder come from here, the rest from the
   * template unless it is given here too.
   */
  readonly name: string;
  /** Program and arguments, not interpreted by a shell. The server has to listen on `HOST` and `PORT` of its environment and serve `/mcp`. */
  readonly command?: readonly [string, ...string[]];
  /**
   * Image of the server: each session gets a container of it, by Podman, or else by Docker. As on AgentCore, the server has to listen on port 8000 of all
   * addresses and to serve `/mcp`; `HOST` and `PORT` are not set. A container that is not made for this machine's processor needs an emulator.
   *
   * @default - `command` starts the server
   */
  readonly image?: string;
  /**
   * Folder the server starts in. An image has its own.
   *
   * @default - the current folder
   */
  readonly cwd?: string;
  /**
   * Environment variables of the server.
   *
   * @default - none besides those that every server gets
   */
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * Seconds without a request after which a session ends. AgentCore allows 60 to 28800; shorter ones work here, for trying things out.
   *
   * @default 900 - or `maxLifetimeSeconds` when that is shorter
   */
  readonly idleTimeoutSeconds?: number;
  /**
   * Seconds after which a session ends, busy or not. AgentCore allows 60 to 28800.
   *
   * @default 28800
   */
  readonly maxLifetimeSeconds?: number;
  /**
   * Seconds a server has until it listens.
   *
   * @default - 30 for a command, as for direct code (zip) on AgentCore; 120 for an image
   */
  readonly startLimitSeconds?: number;
  /**
   * ARN under which it is served at `/runtimes/{escaped ARN}/invocations`.
   *
   * @default - one made from the name
   */
  readonly arn?: string;
  /**
   * What the server speaks: `MCP` (POST /mcp) or `HTTP` (POST /invocations and GET /ping), which keeps its callers apart by
   * `X-Amzn-Bedrock-AgentCore-Runtime-Session-Id`.
   *
   * @default 'MCP'
   */
  readonly protocol?: RuntimeProtocol;
  /**
   * Headers of callers that reach the server besides MCP's own and those of tracing, 1 to 20.
   *
   * @default - none
   */
  readonly requestHeaderAllowlist?: readonly string[];
  /**
   * Callers show a token of this issuer instead of a signature, where `auth` asks them who they are.
   *
   * @default - callers sign
   */
  readonly customJWTAuthorizer?: JwtAuthorizer;
  /**
   * Folder that each session keeps when it stops and comes back: `/mnt/` and one name. Nothing is mounted here: the server finds its folder in the
   * environment variable `STATEFUL_MCP_SESSION_STORAGE`. The processes of such a runtime do not wait in the pool.
   *
   * @default - none
   */
  readonly sessionStorage?: string;
  /**
   * `V2` starts every process like a copy of one snapshot: until its first request each sees the same time and draws the same random numbers, so that what a
   * server captures at start-up and must not share shows here. For Node.js servers.
   *
   * @default 'V1'
   */
  readonly platformVersion?: 'V1' | 'V2';
}

export interface LocalRuntimeOptions {
  /**
   * Folder of a synthesized cloud assembly (`cdk.out`). Every `AWS::BedrockAgentCore::Runtime` with protocol MCP in it is served, with the environment and
   * lifecycle of its template; DynamoDB tables of the templates are created in an embedded server, one for each Stage. A runtime that cannot run here is left
   * out (see `LocalRuntime.leftOut`), and an error only when no other is left.
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
   * What to do about a runtime of the `assembly` that is left out: said in the log, to whoever calls it, and in the error when no runtime is left. Without a
   * result, nothing is advised.
   *
   * @default - to start it by a definition with its name in `runtimes`
   */
  readonly adviceFor?: (runtime: LeftOutRuntime) => string | undefined;
  /**
   * Environment variables for every runtime. They win over the template's, and are the way to give a value to a variable whose reference exists only on AWS.
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
   * Processes of each runtime that are started ahead and wait for a session. With 0 a session starts its own, and `ready` does not try the servers.
   *
   * @default 1
   */
  readonly pooledProcesses?: number;
  /**
   * Who issues `Mcp-Session-Id` when a client initializes: the server, or the platform, which then gives the server a UUID in the request and gives the client
   * the same one. AgentCore's documentation says both on different pages.
   *
   * @default 'server'
   */
  readonly sessionIds?: 'server' | 'platform';
  /**
   * What answers a request without a session id that is not initialize (all of protocol 2026-07-28): one process that all of them share, or a session of its
   * own for each, which ends with the answer. How AgentCore spreads such requests is not documented; a server must work with both.
   *
   * @default 'shared'
   */
  readonly requestsWithoutSession?: 'shared' | 'new-session';
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
   * What keeps servers from the rest of the machine: nothing, or on Linux bubblewrap (`bwrap`, which works without root). With it a server writes nothing but
   * its own `/tmp`, its own home and its session storage, reads of the person's home only what it needs to run (its folder, `node_modules` above it, the
   * installation of its program), and sees no process but its own. Its network is that of the machine. An image is isolated by its container anyway.
   *
   * @default 'none'
   */
  readonly isolation?: 'none' | 'bubblewrap';
  /**
   * Where callers have to show who they are: by a signature of one of the `credentials` (SigV4), or for a runtime with a `customJWTAuthorizer` by its token.
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
   * Seconds between two background pings of each live session: JSON-RPC `ping` for MCP, GET /ping for HTTP. A session whose server fails to answer three in a
   * row ends; one that answers `HealthyBusy` (HTTP) does not idle.
   *
   * @default - no background pings
   */
  readonly pingIntervalSeconds?: number;
  /**
   * What the control plane runs for the artifacts of runtimes that it creates: from `s3://{bucket}/{prefix}` or a container URI to the folder with the code and,
   * for a container, the command. Without an entry a bucket named `local` is this machine, and its prefix the path of a folder.
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

// CreateAgentRuntime, `filesystemConfigurations`.
const STORAGE_PATH = /^\/mnt\/[a-zA-Z0-9._-]+\/?$/;
// CreateAgentRuntime, `agentRuntimeName`.
export const RUNTIME_NAME = /^[a-zA-Z][a-zA-Z0-9_]{0,47}$/;

/** Refuses options whose value can never work. */
export function checkOptions(options: LocalRuntimeOptions): void {
  const { assembly, runtimes = [], pooledProcesses = 1 } = options;
  if (assembly === undefined && runtimes.length === 0 && options.artifacts === undefined) {
    throw new LocalRuntimeError('ERR_NO_RUNTIME', 'nothing to run: give `assembly` (the folder that `cdk synth` writes), `runtimes`, or `artifacts` for the control plane');
  }
  if (!Number.isInteger(pooledProcesses) || pooledProcesses < 0) throw invalidOption('pooledProcesses', pooledProcesses, 'a whole number, 0 or more');
  oneOf('sessionIds', options.sessionIds, ['server', 'platform']);
  oneOf('isolation', options.isolation, ['none', 'bubblewrap']);
  oneOf('auth', options.auth, ['off', 'platform-urls', 'all']);
  if (options.pingIntervalSeconds !== undefined && !(options.pingIntervalSeconds > 0)) {
    throw invalidOption('pingIntervalSeconds', options.pingIntervalSeconds, 'a number of seconds above 0');
  }
  oneOf('requestsWithoutSession', options.requestsWithoutSession, ['shared', 'new-session']);
  runtimes.forEach(checkDefinition);
  const repeated = runtimes.find(({ name }, index) => runtimes.findIndex(other => other.name === name) !== index);
  if (repeated) throw invalidOption('runtimes', repeated.name, 'one definition for each `name`');
}

/** Refuses a lifecycle that AgentCore refuses for any runtime. */
export function checkLifecycle(runtime: RuntimeDefinition): void {
  const { name, idleTimeoutSeconds, maxLifetimeSeconds } = runtime;
  for (const [option, value] of Object.entries({ maxLifetimeSeconds, idleTimeoutSeconds, startLimitSeconds: runtime.startLimitSeconds })) {
    if (!(value > 0 && Number.isFinite(value))) throw invalidOption(option, value, 'a number of seconds above 0', name);
  }
  if (idleTimeoutSeconds > maxLifetimeSeconds) {
    throw invalidOption('idleTimeoutSeconds', idleTimeoutSeconds, `at most \`maxLifetimeSeconds\`, which is ${maxLifetimeSeconds}`, name);
  }
}

/** The runtime of a definition that stands for itself. */
export function runtimeOfDefinition(
  definition: LocalRuntimeDefinition,
  environment: Readonly<Record<string, string>>,
  tablesEndpoint: string | undefined,
): RuntimeDefinition {
  const { name } = definition;
  const region = localRegion();
  const code = definitionCode(definition);
  const features = featuresOf(definition, PLAIN);
  return {
    name,
    stackName: undefined,
    arn: definition.arn ?? runtimeArn(runtimeId(name, name), { partition: 'aws', region, account: UNKNOWN_ACCOUNT }),
    ...code,
    startLimitSeconds: definition.startLimitSeconds ?? startLimitOf(code.startLimitSeconds, features),
    environment: { ...definition.environment, ...environment },
    region,
    ...lifecycleOf(definition.idleTimeoutSeconds, definition.maxLifetimeSeconds),
    endpoints: [],
    tablesEndpoint,
    features,
  };
}

/** The features of a definition, where it has none those of its artifact. */
export function featuresOf(definition: LocalRuntimeDefinition, otherwise: RuntimeFeatures): RuntimeFeatures {
  return {
    protocol: definition.protocol ?? otherwise.protocol,
    requestHeaderAllowlist: definition.requestHeaderAllowlist ?? otherwise.requestHeaderAllowlist,
    customJWTAuthorizer: definition.customJWTAuthorizer ?? otherwise.customJWTAuthorizer,
    sessionStorage: definition.sessionStorage ?? otherwise.sessionStorage,
    platformVersion: definition.platformVersion ?? otherwise.platformVersion,
  };
}

function checkDefinition(definition: LocalRuntimeDefinition): void {
  const { name, command, image, cwd, protocol, platformVersion, sessionStorage } = definition;
  if (!RUNTIME_NAME.test(name)) throw invalidOption('name', name, 'a letter, then letters, digits and `_`, at most 48 in all');
  if (command !== undefined && image !== undefined) throw invalidOption('image', image, 'left out where `command` is given', name);
  if (image === '' || image?.startsWith('-')) throw invalidOption('image', image, 'the name of an image', name);
  if (image === undefined && !command?.[0]) throw invalidOption('command', command, 'a program with its arguments, such as [\'python3\', \'server.py\']', name);
  if (cwd !== undefined && !statSync(cwd, { throwIfNoEntry: false })?.isDirectory()) throw invalidOption('cwd', cwd, 'a folder that exists', name);
  if (image !== undefined && sessionStorage !== undefined) throw invalidOption('sessionStorage', sessionStorage, 'left out where `image` is given: nothing is mounted into a container here', name);
  if (image !== undefined && platformVersion === 'V2') throw invalidOption('platformVersion', platformVersion, 'left out where `image` is given: snapshot mode is for commands', name);
  oneOf('protocol', protocol, ['MCP', 'HTTP']);
  oneOf('platformVersion', platformVersion, ['V1', 'V2']);
  if (sessionStorage !== undefined && !STORAGE_PATH.test(sessionStorage)) throw invalidOption('sessionStorage', sessionStorage, '/mnt/ and one name', name);
  checkAllowlist(name, definition.requestHeaderAllowlist, definition.customJWTAuthorizer !== undefined);
}

function oneOf(option: string, value: string | undefined, allowed: readonly string[]): void {
  if (value !== undefined && !allowed.includes(value)) throw invalidOption(option, value, allowed.map(item => `'${item}'`).join(' or '));
}
