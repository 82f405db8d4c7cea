import type { RuntimeDefinition } from '../model/runtime-definition';
import type { ServedRuntime } from '../runtime/served-runtime';
import type { AllowedPort, RuntimeRequest } from './runtime-request';

/** `status` of runtimes and of endpoints. */
export type Status = 'CREATING' | 'CREATE_FAILED' | 'UPDATING' | 'UPDATE_FAILED' | 'READY' | 'DELETING';

export interface ManagedVersion {
  readonly version: string;
  /** Undefined for a runtime of a cloud assembly or a definition, which no request has made. */
  readonly request: RuntimeRequest | undefined;
  readonly definition: RuntimeDefinition | undefined;
  readonly createdAt: Date;
  status: Status;
  failureReason: string | undefined;
}

export interface ManagedEndpoint {
  readonly name: string;
  readonly createdAt: Date;
  status: Status;
  description: string | undefined;
  liveVersion: string | undefined;
  targetVersion: string;
  lastUpdatedAt: Date;
}

/** One runtime as the control plane knows it. */
export interface ManagedRuntime {
  readonly name: string;
  readonly id: string;
  readonly arn: string;
  readonly createdAt: Date;
  readonly versions: ManagedVersion[];
  /** Of the version that was made last; a number is not used again when its version is deleted. */
  lastVersion: number;
  readonly endpoints: Map<string, ManagedEndpoint>;
  status: Status;
  lastUpdatedAt: Date;
  /** Undefined until its first version is ready. */
  served: ServedRuntime | undefined;
}

const NO_ROLE = 'arn:aws:iam::000000000000:role/local';

export function newestOf({ versions }: ManagedRuntime): ManagedVersion {
  return versions.at(-1) as ManagedVersion;
}

/** A version that is being made, which is the newest one from now on. */
export function addVersion(
  runtime: ManagedRuntime,
  request: RuntimeRequest | undefined,
  status: Status,
  createdAt: Date,
): ManagedVersion {
  runtime.lastVersion++;
  const version: ManagedVersion = {
    version: String(runtime.lastVersion),
    request,
    definition: undefined,
    createdAt,
    status,
    failureReason: undefined,
  };
  runtime.versions.push(version);
  return version;
}

/** Whether an operation on it is under way. */
export function isChanging({ status }: ManagedRuntime): boolean {
  return status === 'CREATING' || status === 'UPDATING' || status === 'DELETING';
}

/** GetAgentRuntime */
export function describeRuntime(runtime: ManagedRuntime, version: ManagedVersion): object {
  const definition = version.definition ?? runtime.served?.definition;
  return {
    roleArn: NO_ROLE,
    allowedPorts: definition && allowedPortsOf(definition),
    ...version.request,
    clientToken: undefined,
    tags: undefined,
    ...identityOf(runtime, version),
    status: version === newestOf(runtime) ? runtime.status : version.status,
    failureReason: version.failureReason,
    createdAt: runtime.createdAt,
    lastUpdatedAt: version.createdAt,
    platformVersion: definition?.features.platformVersion,
    protocolConfiguration: {
      port: definition?.features.port,
      path: definition?.features.path,
      ...version.request?.protocolConfiguration,
      serverProtocol: definition?.features.protocol ?? version.request?.protocolConfiguration?.serverProtocol ?? 'HTTP',
    },
    lifecycleConfiguration: {
      idleRuntimeSessionTimeout:
        definition?.idleTimeoutSeconds ?? version.request?.lifecycleConfiguration?.idleRuntimeSessionTimeout,
      maxLifetime: definition?.maxLifetimeSeconds ?? version.request?.lifecycleConfiguration?.maxLifetime,
    },
  };
}

function allowedPortsOf({ features: { allowedPorts } }: RuntimeDefinition): readonly AllowedPort[] | undefined {
  return allowedPorts.length === 0
    ? undefined
    : allowedPorts.map(({ from, to }) => (from === to ? { port: from } : { portRange: { from, to } }));
}

/** One entry of ListAgentRuntimes and ListAgentRuntimeVersions. */
export function summarizeRuntime(runtime: ManagedRuntime, version: ManagedVersion): object {
  const status = version === newestOf(runtime) ? runtime.status : version.status;
  return {
    ...identityOf(runtime, version),
    description: version.request?.description ?? '',
    status,
    lastUpdatedAt: version.createdAt,
  };
}

/** What all responses about a runtime begin with. */
export function identityOf({ arn, id, name }: ManagedRuntime, { version }: ManagedVersion): object {
  return { agentRuntimeArn: arn, agentRuntimeId: id, agentRuntimeName: name, agentRuntimeVersion: version };
}

/** GetAgentRuntimeEndpoint, and one entry of ListAgentRuntimeEndpoints. */
export function describeEndpoint({ arn }: ManagedRuntime, endpoint: ManagedEndpoint): object {
  return {
    ...endpoint,
    id: endpoint.name,
    agentRuntimeArn: arn,
    agentRuntimeEndpointArn: `${arn}/runtime-endpoint/${endpoint.name}`,
  };
}
