import { DEFAULT_MAX_LIFETIME_SECONDS, ENVIRONMENT_BYTES } from 'stateful-mcp-contract';
import { allowlistProblem } from '../platform/header-policy';
import { PlatformException } from '../platform/platform-errors';
import type { AgentRuntimeArtifact } from './artifacts';
import { notSimulated } from './operation';
import type { Shape } from './shape';
import { servingProblem } from '../platform/serving-rules';
import type { JwtAuthorizer } from '../model/jwt-authorizer';
import type { PortRange, RuntimeFeatures, WarmupHook } from '../model/runtime-definition';

/** What CreateAgentRuntime and UpdateAgentRuntime say of a runtime, as far as it has an effect here. */
export interface RuntimeRequest {
  readonly agentRuntimeArtifact: AgentRuntimeArtifact;
  readonly roleArn: string;
  readonly description?: string;
  readonly protocolConfiguration?: {
    readonly serverProtocol: 'MCP' | 'HTTP' | 'A2A' | 'AGUI';
    readonly port?: number;
    readonly path?: string;
  };
  readonly authorizerConfiguration?: {
    readonly customJWTAuthorizer: JwtAuthorizer & { readonly allowedWorkloadConfiguration?: object };
  };
  readonly requestHeaderConfiguration?: { readonly requestHeaderAllowlist: readonly string[] };
  readonly lifecycleConfiguration?: { readonly idleRuntimeSessionTimeout?: number; readonly maxLifetime?: number };
  readonly environmentVariables?: Readonly<Record<string, string>>;
  readonly filesystemConfigurations?: readonly {
    readonly sessionStorage?: { readonly mountPath: string };
    readonly s3FilesAccessPoint?: object;
    readonly efsAccessPoint?: object;
    readonly s3BucketMount?: { readonly bucket: string; readonly mountPath: string; readonly prefix?: string };
  }[];
  readonly networkConfiguration?: {
    readonly networkMode: 'PUBLIC' | 'VPC';
    readonly networkModeConfig?: { readonly requireServiceS3Endpoint?: boolean };
  };
  readonly allowedPorts?: readonly AllowedPort[];
  readonly hooksConfiguration?: {
    readonly build?: { readonly warmup?: { readonly action: { readonly httpPost: WarmupHook } } };
  };
  readonly resourceConfigurations?: readonly { readonly minimumMemoryInMiB: number }[];
  readonly capacityProviderConfiguration?: object;
  readonly platformVersion?: string;
}

/** One of the two. */
export interface AllowedPort {
  readonly port?: number;
  readonly portRange?: PortRange;
}

const PLATFORM_VERSIONS: readonly string[] = ['V1', 'V2'];

/** @throws PlatformException ValidationException */
export function checkShape(shape: Shape, value: unknown): void {
  const fieldList = shape(value, '');
  if (fieldList.length === 0) {
    return;
  }
  throw new PlatformException('ValidationException', fieldList.map(({ message }) => message).join('; '), {
    reason: 'FieldValidationFailed',
    fieldList,
  });
}

/**
 * What the service checks besides the shapes of its model.
 *
 * @throws PlatformException ValidationException
 */
export function checkRuntime(request: RuntimeRequest): void {
  checkNetwork(request);
  if (request.platformVersion !== undefined && !PLATFORM_VERSIONS.includes(request.platformVersion)) {
    throw invalid(`platformVersion: must be one of ${PLATFORM_VERSIONS.join(', ')}, got ${request.platformVersion}`);
  }
  // Both decide who may call or where it runs: to accept them without an effect would be worse than to refuse them.
  if (request.capacityProviderConfiguration) {
    throw notSimulated('capacityProviderConfiguration');
  }
  if (request.authorizerConfiguration?.customJWTAuthorizer.allowedWorkloadConfiguration) {
    throw notSimulated('allowedWorkloadConfiguration');
  }
  const serving = servingProblem({ ...request.protocolConfiguration, ...servingOf(request) });
  if (serving !== undefined) {
    throw invalid(serving);
  }
  const {
    lifecycleConfiguration: { idleRuntimeSessionTimeout: idle, maxLifetime } = {},
    filesystemConfigurations = [],
  } = request;
  if (idle !== undefined && idle > (maxLifetime ?? DEFAULT_MAX_LIFETIME_SECONDS)) {
    throw invalid('idleRuntimeSessionTimeout must be less than or equal to maxLifeTime');
  }
  if (filesystemConfigurations.filter(({ sessionStorage }) => sessionStorage).length > 1) {
    throw invalid('At most one sessionStorage configuration is allowed');
  }
  const allowlist = request.requestHeaderConfiguration?.requestHeaderAllowlist;
  const problem = allowlist && allowlistProblem(allowlist, request.authorizerConfiguration !== undefined);
  if (problem !== undefined) {
    throw invalid(`requestHeaderAllowlist: ${problem}`);
  }
  const code = request.agentRuntimeArtifact.codeConfiguration;
  if (code?.runtime.startsWith('PYTHON_') && !code.entryPoint.some(entry => entry.endsWith('.py'))) {
    throw invalid('Entrypoint file type does not match your selected runtime');
  }
  const bytes = Object.entries(request.environmentVariables ?? {}).reduce(
    (total, pair) => total + Buffer.byteLength(pair.join('')),
    0,
  );
  const limit = ENVIRONMENT_BYTES[request.platformVersion !== 'V2' ? 'V1' : code ? 'V2_CODE' : 'V2_CONTAINER'];
  if (bytes > limit) {
    throw invalid(`environmentVariables: the total size must be at most ${limit} bytes, got ${bytes}`);
  }
}

/** What a request says of where the runtime is called. */
export function servingOf(
  request: RuntimeRequest,
): Pick<RuntimeFeatures, 'allowedPorts' | 'warmup'> & { readonly platformVersion: string | undefined } {
  return {
    allowedPorts: (request.allowedPorts ?? []).map(
      ({ port, portRange }) => portRange ?? { from: port ?? 0, to: port ?? 0 },
    ),
    warmup: request.hooksConfiguration?.build?.warmup?.action.httpPost,
    platformVersion: request.platformVersion,
  };
}

function checkNetwork({ networkConfiguration, filesystemConfigurations = [] }: RuntimeRequest): void {
  // Refused on create, and on update for all but runtimes that are older than this program.
  if (networkConfiguration?.networkModeConfig?.requireServiceS3Endpoint !== undefined) {
    throw invalid('networkModeConfig.requireServiceS3Endpoint is not supported');
  }
  const needsVpc = filesystemConfigurations.some(
    ({ s3FilesAccessPoint, efsAccessPoint }) => s3FilesAccessPoint ?? efsAccessPoint,
  );
  if (needsVpc && networkConfiguration?.networkMode !== 'VPC') {
    throw invalid('filesystemConfigurations: access points need networkMode VPC');
  }
}

function invalid(message: string): PlatformException {
  return new PlatformException('ValidationException', message, { reason: 'FieldValidationFailed' });
}
