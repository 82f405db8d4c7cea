import { DISCOVERY_URL, RUNTIME_NAME, STORAGE_PATH } from 'stateful-mcp-contract';
import { statSync } from 'node:fs';
import { invalidOption } from '../common/errors';
import { ANY_OBJECT, choice, listOf, mapOf, NUMBER, objectOf, required, SECRET, TEXT } from '../common/option-kinds';
import { checkAllowlist } from '../platform/header-policy';
import {
  lifecycleOf,
  localRegion,
  PLAIN,
  runtimeArn,
  runtimeId,
  UNKNOWN_ACCOUNT,
  startLimitOf,
  type RuntimeDefinition,
  type RuntimeFeatures,
  type PortRange,
  type RuntimeProtocol,
  type WarmupHook,
  CONTAINER_START_LIMIT_MS,
  ZIP_START_LIMIT_MS,
} from '../model/runtime-definition';
import path from 'node:path';
import { containerEngine } from '../process/container';
import { type ArtifactCode } from './artifact-code';
import { checkServing } from './serving-check';
import type { JwtAuthorizer } from '../model/jwt-authorizer';

/** A server of any language, started by a command or from an image: one of the two has to be given. */
export interface LocalRuntimeDefinition {
  /**
   * Name of the runtime: a letter, then letters, digits and `_`, at most 48 in all.
   *
   * With the name of a runtime of the `assembly`, the definition takes the place of its artifact. Command and directory
   * come from here, the rest from the template unless it is given here too.
   */
  readonly name: string;
  /**
   * Program and arguments, not interpreted by a shell. The server has to listen on `HOST` and `PORT` of its environment
   * and serve `/mcp`.
   */
  readonly command?: readonly [string, ...string[]];
  /**
   * Image of the server: each session gets a container of it, by Podman, or else by Docker. As on AgentCore, the server
   * has to listen on port 8000 of all addresses and to serve `/mcp`; `HOST` and `PORT` are set by `environment` alone. A
   * container that is not made for this machine's processor needs an emulator.
   *
   * @default - `command` starts the server
   */
  readonly image?: string;
  /**
   * Directory the server starts in. An image has its own.
   *
   * @default - the current directory
   */
  readonly cwd?: string;
  /**
   * Environment variables of the server.
   *
   * @default - none besides those that every server gets
   */
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * Seconds without a request after which a session ends. AgentCore allows 60 to 28800; shorter ones work here, for
   * trying things out.
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
   * Milliseconds a server has until it listens.
   *
   * @default - 30,000 for a command, as for direct code (zip) on AgentCore; 120,000 for an image
   */
  readonly startLimitMs?: number;
  /**
   * ARN under which it is served at `/runtimes/{escaped ARN}/invocations`.
   *
   * @default - one made from the name
   */
  readonly arn?: string;
  /**
   * What the server speaks: `MCP` (POST /mcp) or `HTTP` (POST /invocations and GET /ping), which keeps its callers
   * apart by `X-Amzn-Bedrock-AgentCore-Runtime-Session-Id`.
   *
   * @default 'MCP'
   */
  readonly protocol?: RuntimeProtocol;
  /**
   * Path of the server that takes its requests.
   *
   * @default - that of the protocol: `/mcp` or `/invocations`
   */
  readonly path?: string;
  /**
   * Port of the server in its container, 8000 to 12000 and not 8443. A `command` gets a `PORT` of its own in each
   * process, whatever is said here.
   *
   * @default - that of the protocol: 8000 or 8080
   */
  readonly port?: number;
  /**
   * Ports of a session that callers reach by the URL in the header
   * `X-Amzn-Bedrock-AgentCore-Runtime-Session-Endpoint-Url` of an answer: 1 to 5 ports and ranges. The ports are those
   * of this machine, so that one session at a time can listen on each.
   *
   * @default - none
   */
  readonly allowedPorts?: readonly (number | PortRange)[];
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
   * Directory that each session keeps when it stops and comes back: `/mnt/` and one name. Nothing is mounted here: the
   * server finds its directory in the environment variable `STATEFUL_MCP_SESSION_STORAGE`. The processes of such a runtime
   * do not wait in the pool.
   *
   * @default - none
   */
  readonly sessionStorage?: string;
  /**
   * `V2` starts every process like a copy of one snapshot. Until its first request each sees the same time and draws
   * the same random numbers. So what a server captures at start-up and must not share shows here. For Node.js servers.
   *
   * @default 'V1'
   */
  readonly platformVersion?: 'V1' | 'V2';
  /**
   * The path, and the port if it is another one, to which each process gets a POST before its first session, as
   * AgentCore warms up what it takes a snapshot of. Without a 2xx within 120 s the version fails. With
   * `platformVersion: 'V2'` alone.
   *
   * @default - none
   */
  readonly warmup?: WarmupHook;
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
    startLimitMs: definition.startLimitMs ?? startLimitOf(code.startLimitMs, features),
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
    path: definition.path ?? otherwise.path,
    port: definition.port ?? otherwise.port,
    allowedPorts:
      definition.allowedPorts?.map(port => (typeof port === 'number' ? { from: port, to: port } : port)) ??
      otherwise.allowedPorts,
    warmup: definition.warmup ?? otherwise.warmup,
    minimumMemoryInMiB: otherwise.minimumMemoryInMiB,
    requestHeaderAllowlist: definition.requestHeaderAllowlist ?? otherwise.requestHeaderAllowlist,
    customJWTAuthorizer: definition.customJWTAuthorizer ?? otherwise.customJWTAuthorizer,
    sessionStorage: definition.sessionStorage ?? otherwise.sessionStorage,
    bucketMounts: otherwise.bucketMounts,
    platformVersion: definition.platformVersion ?? otherwise.platformVersion,
  };
}

/** Refuses a lifecycle that AgentCore refuses for any runtime. */
export function checkLifecycle(runtime: RuntimeDefinition): void {
  const { name, idleTimeoutSeconds, maxLifetimeSeconds, startLimitMs } = runtime;
  for (const [option, value] of Object.entries({ maxLifetimeSeconds, idleTimeoutSeconds, startLimitMs })) {
    if (!(value > 0 && Number.isFinite(value))) {
      const unit = option === 'startLimitMs' ? 'milliseconds' : 'seconds';
      throw invalidOption(option, value, `a number of ${unit} above 0`, name);
    }
  }
  if (idleTimeoutSeconds > maxLifetimeSeconds) {
    throw invalidOption(
      'idleTimeoutSeconds',
      idleTimeoutSeconds,
      `at most \`maxLifetimeSeconds\`, which is ${maxLifetimeSeconds}`,
      name,
    );
  }
}

/** Program and arguments. */
export const COMMAND = listOf(TEXT, "a program with its arguments, such as ['python3', 'server.py']");

const PORT_RANGE = objectOf<PortRange>(
  { from: required(NUMBER), to: required(NUMBER) },
  'a port, or a range with `from` and `to`',
);
const ALLOWED_PORT: typeof NUMBER = (option, value) =>
  typeof value === 'number' ? undefined : PORT_RANGE(option, value);

const WARMUP_HOOK = objectOf<WarmupHook>({ path: required(TEXT), port: NUMBER }, 'an object with `path`, and `port`');

/** A definition, as far as the kinds of its members say. */
export const DEFINITION = objectOf<LocalRuntimeDefinition>(
  {
    name: required(TEXT),
    command: COMMAND,
    image: TEXT,
    cwd: TEXT,
    environment: mapOf(SECRET, 'an object of texts'),
    idleTimeoutSeconds: NUMBER,
    maxLifetimeSeconds: NUMBER,
    startLimitMs: NUMBER,
    arn: TEXT,
    protocol: choice('MCP', 'HTTP'),
    path: TEXT,
    port: NUMBER,
    allowedPorts: listOf(ALLOWED_PORT, 'a list of ports'),
    requestHeaderAllowlist: listOf(TEXT, 'a list of headers'),
    customJWTAuthorizer: ANY_OBJECT,
    sessionStorage: TEXT,
    platformVersion: choice('V1', 'V2'),
    warmup: WARMUP_HOOK,
  },
  'a definition, an object with `name` and `command` or `image`',
);

export function checkDefinition(definition: LocalRuntimeDefinition): void {
  const { name, command, image, cwd, platformVersion, sessionStorage } = definition;
  if (!RUNTIME_NAME.test(name)) {
    throw invalidOption('name', name, 'a letter, then letters, digits and `_`, at most 48 in all');
  }
  if (command !== undefined && image !== undefined) {
    throw invalidOption('image', image, 'left out where `command` is given', name);
  }
  if (image === '' || image?.startsWith('-')) {
    throw invalidOption('image', image, 'the name of an image', name);
  }
  if (image === undefined && !command?.[0]) {
    throw invalidOption('command', command, "a program with its arguments, such as ['python3', 'server.py']", name);
  }
  if (cwd !== undefined && !statSync(cwd, { throwIfNoEntry: false })?.isDirectory()) {
    throw invalidOption('cwd', cwd, 'a directory that exists', name);
  }
  if (image !== undefined && sessionStorage !== undefined) {
    throw invalidOption(
      'sessionStorage',
      sessionStorage,
      'left out where `image` is given: nothing is mounted into a container here',
      name,
    );
  }
  if (image !== undefined && platformVersion === 'V2') {
    throw invalidOption(
      'platformVersion',
      platformVersion,
      'left out where `image` is given: snapshot mode is for commands',
      name,
    );
  }
  if (sessionStorage !== undefined && !STORAGE_PATH.test(sessionStorage)) {
    throw invalidOption('sessionStorage', sessionStorage, '/mnt/ and one name', name);
  }
  checkServing(name, featuresOf(definition, PLAIN));
  const discoveryUrl = definition.customJWTAuthorizer?.discoveryUrl;
  if (definition.customJWTAuthorizer !== undefined && !DISCOVERY_URL.test(String(discoveryUrl))) {
    throw invalidOption(
      'customJWTAuthorizer.discoveryUrl',
      discoveryUrl,
      'a URL with `/.well-known/openid-configuration` or `/.well-known/oauth-authorization-server`, without query and fragment',
      name,
    );
  }
  checkAllowlist(name, definition.requestHeaderAllowlist, definition.customJWTAuthorizer !== undefined);
}

/** What a definition says itself. */
export function definitionCode({ name, command, image, cwd = '.' }: LocalRuntimeDefinition): ArtifactCode {
  return {
    // Options are checked before, so there is one of the two.
    command: command ?? [containerEngine(name)],
    image,
    cwd: path.resolve(cwd),
    environment: {},
    startLimitMs: image === undefined ? ZIP_START_LIMIT_MS : CONTAINER_START_LIMIT_MS,
    notes: [],
  };
}
