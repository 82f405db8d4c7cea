import { createHash } from 'node:crypto';
import { DEFAULT_IDLE_TIMEOUT_SECONDS, DEFAULT_MAX_LIFETIME_SECONDS } from 'stateful-mcp-contract';
import type { JwtAuthorizer } from './jwt-authorizer';

/** A runtime as the local runtime starts it, wherever it was defined. */
export interface RuntimeDefinition {
  readonly name: string;
  /** Stack that deploys it, when a stack does. */
  readonly stackName: string | undefined;
  readonly arn: string;
  /** Program and arguments; of an image, the program that runs containers. */
  readonly command: readonly [string, ...string[]];
  /** The image, when each session gets a container of it. */
  readonly image: string | undefined;
  /** Directory the process starts in. */
  readonly cwd: string;
  /** On top of what every process gets (see `processEnvironment`). */
  readonly environment: Readonly<Record<string, string>>;
  readonly region: string;
  readonly idleTimeoutSeconds: number;
  readonly maxLifetimeSeconds: number;
  readonly startLimitMs: number;
  /** Qualifiers that exist besides `DEFAULT`. */
  readonly endpoints: readonly string[];
  /** Where the tables of its template are, when it has any. */
  readonly tablesEndpoint: string | undefined;
  /** What differs from AgentCore for this runtime, for the log. */
  readonly notes: readonly string[];
  /** What callers and platform say to its servers, and what is checked of them. */
  readonly features: RuntimeFeatures;
  /** What its directory was made from, when the assembly says so. */
  readonly source?: RuntimeSource | undefined;
  /** What its template checks before users get a version. */
  readonly release?: VerifiedRelease | undefined;
}

/** A release that a custom resource of the template checks (`McpRelease.verified`). */
export interface VerifiedRelease {
  /** The endpoint that users call. */
  readonly endpointName: string;
  /** The check, in JSON. */
  readonly check: string;
}

/** What the code of a runtime was bundled from on this machine. */
export interface RuntimeSource {
  /** Directory of the server's project. */
  readonly projectRoot: string;
  /**
   * The options that esbuild made the program with, where esbuild did; what stands beside the program in the runtime's
   * directory was not made by it.
   */
  readonly esbuildOptions?: Readonly<Record<string, unknown>>;
}

/** What a runtime may have besides a server and a lifecycle. */
export interface RuntimeFeatures {
  /** `MCP`: POST /mcp. `HTTP`: POST /invocations and GET /ping. */
  readonly protocol: RuntimeProtocol;
  /** Path of the server that takes its requests; undefined for that of the protocol. */
  readonly path: string | undefined;
  /** Port of the server in its container; undefined for that of the protocol. A process gets a `PORT` of its own. */
  readonly port: number | undefined;
  /** Ports of a session that callers reach by its own URL. */
  readonly allowedPorts: readonly PortRange[];
  /** What the platform would send to a new version once. */
  readonly warmup: WarmupHook | undefined;
  /** Memory that a session has at least. */
  readonly minimumMemoryInMiB: number | undefined;
  /** Headers of callers that reach the server, besides those that always do. */
  readonly requestHeaderAllowlist: readonly string[];
  /** Callers show a token of this issuer instead of a signature. */
  readonly customJWTAuthorizer: JwtAuthorizer | undefined;
  /** Directory that each session keeps when it stops and comes back, such as `/mnt/workspace`. */
  readonly sessionStorage: string | undefined;
  /** Buckets that each session finds as files. */
  readonly bucketMounts: readonly BucketMount[];
  /** `V2`: every instance is a copy of one that has started (see docs/reference/local-runtime.md). */
  readonly platformVersion: 'V1' | 'V2';
}

/** `s3BucketMount`: the objects of a bucket under a prefix, as files. */
export interface BucketMount {
  readonly bucket: string;
  readonly mountPath: string;
  /** `{runtimeSessionId}` in it stands for the id of the session; empty for the whole bucket. */
  readonly prefix: string;
}

/** A port, or all from one to another. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** `hooksConfiguration.build.warmup`: a POST to the server. */
export interface WarmupHook {
  readonly path: string;
  readonly port?: number | undefined;
}

export type RuntimeProtocol = 'MCP' | 'HTTP';

/** Where AgentCore calls a server that says nothing else. Devguide, "service contract". */
export const DEFAULT_PATHS: Readonly<Record<RuntimeProtocol, string>> = { MCP: '/mcp', HTTP: '/invocations' };
export const DEFAULT_PORTS: Readonly<Record<RuntimeProtocol, number>> = { MCP: 8000, HTTP: 8080 };

/** What a runtime has when nothing is said. */
export const PLAIN: RuntimeFeatures = {
  protocol: 'MCP',
  path: undefined,
  port: undefined,
  allowedPorts: [],
  warmup: undefined,
  minimumMemoryInMiB: undefined,
  requestHeaderAllowlist: [],
  customJWTAuthorizer: undefined,
  sessionStorage: undefined,
  bucketMounts: [],
  platformVersion: 'V1',
};

/**
 * Milliseconds a server started from a zip file has until it listens. Seen in the message of the service, not in its
 * documentation.
 */
export const ZIP_START_LIMIT_MS = 30_000;

/**
 * Milliseconds a server in a container has until it listens. Seen in the message of the service, not in its documentation.
 */
export const CONTAINER_START_LIMIT_MS = 120_000;

/**
 * Milliseconds a server may take to listen: those of its kind of code, or with a snapshot (V2) as long as a container,
 * whatever it is.
 */
export function startLimitOf(ofCode: number, { platformVersion }: Pick<RuntimeFeatures, 'platformVersion'>): number {
  return platformVersion === 'V2' ? CONTAINER_START_LIMIT_MS : ofCode;
}

export interface Lifecycle {
  readonly idleTimeoutSeconds: number;
  readonly maxLifetimeSeconds: number;
}

/**
 * The defaults of the service: 900 s and 28800 s, and an idle timeout never above a max lifetime that was given.
 * Devguide, "lifecycle settings".
 */
export function lifecycleOf(idleTimeoutSeconds: number | undefined, maxLifetimeSeconds: number | undefined): Lifecycle {
  const maxLifetime = maxLifetimeSeconds ?? DEFAULT_MAX_LIFETIME_SECONDS;
  return {
    idleTimeoutSeconds: idleTimeoutSeconds ?? Math.min(DEFAULT_IDLE_TIMEOUT_SECONDS, maxLifetime),
    maxLifetimeSeconds: maxLifetime,
  };
}

/** Account of an ARN whose real account is not known here. */
export const UNKNOWN_ACCOUNT = '000000000000';

/** Region of an ARN whose real region is not known here: the one this program works in. */
export function localRegion(): string {
  return process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION ?? 'us-east-1';
}

/** An id in the form of the service, `{name}-{10 letters and digits}`, the same in every run. */
export function runtimeId(name: string, seed: string): string {
  const digest = BigInt(`0x${createHash('sha256').update(seed).digest('hex')}`).toString(36);
  return `${name}-${digest.slice(0, 10)}`;
}

export function runtimeArn(
  id: string,
  place: { readonly partition: string; readonly region: string; readonly account: string },
): string {
  return `arn:${place.partition}:bedrock-agentcore:${place.region}:${place.account}:runtime/${id}`;
}
