import { bytesOf } from '../common/variable-bytes';

/**
 * Bytes of names and values of the environment on platform version V2, which keeps them in its snapshot.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-how-it-works.html
 */
const V2_ZIP_BYTES = 1536;
const V2_IMAGE_BYTES = 2560;

/** Of the resource, when all is said. */
export interface RuntimeProperties {
  readonly AgentRuntimeName?: unknown;
  readonly Description?: unknown;
  readonly LifecycleConfiguration?: { readonly IdleRuntimeSessionTimeout?: unknown; readonly MaxLifetime?: unknown };
  readonly PlatformVersion?: unknown;
  readonly CapacityProviderConfiguration?: unknown;
  readonly HooksConfiguration?: unknown;
  readonly ProtocolConfiguration?: unknown;
  readonly AllowedPorts?: unknown;
  readonly AgentRuntimeArtifact?: { readonly CodeConfiguration?: unknown };
  readonly EnvironmentVariables?: Readonly<Record<string, unknown>>;
  readonly Tags?: Readonly<Record<string, unknown>>;
}

/**
 * What a runtime may not have on its platform version and its kind of compute.
 *
 * @param keyBytes - the least that a key of request state takes, where the deployment alone knows it
 */
export function platformProblems(properties: RuntimeProperties, keyBytes: number): string[] {
  return [...environmentProblems(properties, keyBytes), ...hookProblems(properties), ...instanceProblems(properties)];
}

/** https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-lifecycle-hooks.html, "Requirements" */
function hookProblems({
  HooksConfiguration,
  PlatformVersion,
  CapacityProviderConfiguration,
}: RuntimeProperties): string[] {
  if (HooksConfiguration === undefined) {
    return [];
  }
  return [
    ...(PlatformVersion === 'V2' || typeof PlatformVersion === 'object'
      ? []
      : [
          `\`warmup\` is given, and \`platformVersion\` is ${PlatformVersion === undefined ? 'not' : JSON.stringify(PlatformVersion)}; hooks are for platform version V2: set \`platformVersion: McpPlatformVersion.V2\`, or leave \`warmup\` out`,
        ]),
    ...(CapacityProviderConfiguration === undefined
      ? []
      : [
          '`warmup` is given, and the runtime is on Instances; hooks are for microVMs: leave `warmup` or the capacity provider out',
        ]),
  ];
}

/** https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-session-endpoints.html, its note */
function instanceProblems(properties: RuntimeProperties): string[] {
  const { ProtocolConfiguration: protocol, AllowedPorts, CapacityProviderConfiguration } = properties;
  const given = [
    ...(typeof protocol === 'object' ? ['`port` or `path`'] : []),
    ...(AllowedPorts === undefined ? [] : ['`allowedPorts`']),
  ];
  return CapacityProviderConfiguration === undefined || given.length === 0
    ? []
    : [
        `${given.join(' and ')} are given, and the runtime is on Instances; they are for microVMs: leave them or the capacity provider out`,
      ];
}

function environmentProblems(
  { PlatformVersion, AgentRuntimeArtifact, EnvironmentVariables = {} }: RuntimeProperties,
  keyBytes: number,
): string[] {
  if (PlatformVersion !== 'V2') {
    return [];
  }
  const zip = AgentRuntimeArtifact?.CodeConfiguration !== undefined;
  const allowed = zip ? V2_ZIP_BYTES : V2_IMAGE_BYTES;
  const bytes = Object.entries(EnvironmentVariables).reduce(
    (sum, [name, value]) => sum + bytesOf(name, value, keyBytes),
    0,
  );
  return bytes <= allowed
    ? []
    : [
        `\`environment\` holds ${bytes} bytes of names and values with those of the server kit; on platform version V2, ${allowed} are allowed with ${zip ? 'a zip file' : 'an image'}: ` +
          'move large values to an SSM parameter or an S3 object and pass its name',
      ];
}
