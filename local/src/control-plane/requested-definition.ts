import {
  CONTAINER_START_LIMIT_MS,
  lifecycleOf,
  localRegion,
  startLimitOf,
  ZIP_START_LIMIT_MS,
  type RuntimeDefinition,
} from '../model/runtime-definition';
import { resolveArtifact, type LocalArtifact } from './artifacts';
import type { ManagedRuntime } from './managed-runtime';
import { servingOf, type RuntimeRequest } from './runtime-request';

/** What stands on this machine for what is on AWS. */
export interface HereInstead {
  readonly artifacts: Readonly<Record<string, LocalArtifact>>;
  /** Wins over the variables of a request. */
  readonly environment: Readonly<Record<string, string>>;
}

/** How the runtime that a request asks for runs here, or why it does not: the `failureReason` of its version. */
export function requestedDefinition(
  { name, arn }: Pick<ManagedRuntime, 'name' | 'arn'>,
  request: RuntimeRequest,
  { artifacts, environment }: HereInstead,
): RuntimeDefinition | string {
  const { serverProtocol = 'HTTP', path, port } = request.protocolConfiguration ?? {};
  if (serverProtocol !== 'MCP' && serverProtocol !== 'HTTP') {
    return `the protocol ${serverProtocol} does not run here`;
  }
  const artifact = resolveArtifact(request.agentRuntimeArtifact, artifacts);
  if (typeof artifact === 'string') {
    return artifact;
  }
  const { idleRuntimeSessionTimeout, maxLifetime } = request.lifecycleConfiguration ?? {};
  const serving = servingOf(request);
  const platformVersion = request.platformVersion === 'V2' ? 'V2' : 'V1';
  const ofCode = request.agentRuntimeArtifact.codeConfiguration ? ZIP_START_LIMIT_MS : CONTAINER_START_LIMIT_MS;
  return {
    name,
    arn,
    command: artifact.command,
    cwd: artifact.cwd,
    region: localRegion(),
    endpoints: [],
    notes: [],
    stackName: undefined,
    image: undefined,
    tablesEndpoint: undefined,
    environment: { ...artifact.environment, ...request.environmentVariables, ...environment },
    ...lifecycleOf(idleRuntimeSessionTimeout, maxLifetime),
    startLimitMs: startLimitOf(ofCode, { platformVersion }),
    features: {
      protocol: serverProtocol,
      path,
      port,
      allowedPorts: serving.allowedPorts,
      warmup: serving.warmup,
      minimumMemoryInMiB: request.resourceConfigurations?.[0]?.minimumMemoryInMiB,
      requestHeaderAllowlist: request.requestHeaderConfiguration?.requestHeaderAllowlist ?? [],
      customJWTAuthorizer: request.authorizerConfiguration?.customJWTAuthorizer,
      sessionStorage: request.filesystemConfigurations?.find(({ sessionStorage }) => sessionStorage)?.sessionStorage
        ?.mountPath,
      bucketMounts: (request.filesystemConfigurations ?? []).flatMap(({ s3BucketMount: mount }) =>
        mount === undefined ? [] : [{ bucket: mount.bucket, mountPath: mount.mountPath, prefix: mount.prefix ?? '' }],
      ),
      platformVersion,
    },
  };
}
