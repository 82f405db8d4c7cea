import { PLAIN, type RuntimeFeatures } from '../model/runtime-definition';
import type { JwtAuthorizer } from '../model/jwt-authorizer';

/** Properties of an AWS::BedrockAgentCore::Runtime, with their references resolved. */
export interface FeatureProperties {
  readonly RequestHeaderConfiguration?: { readonly RequestHeaderAllowlist?: readonly string[] };
  readonly AuthorizerConfiguration?: { readonly CustomJWTAuthorizer?: unknown };
  readonly FilesystemConfigurations?: readonly FilesystemConfiguration[];
  readonly PlatformVersion?: string;
  readonly AllowedPorts?: readonly AllowedPort[];
  readonly HooksConfiguration?: { readonly Build?: { readonly Warmup?: { readonly Action?: HookAction } } };
  readonly ResourceConfigurations?: readonly { readonly MinimumMemoryInMiB?: number | string }[];
}

interface FilesystemConfiguration {
  readonly SessionStorage?: { readonly MountPath?: string };
  readonly S3BucketMount?: { readonly Bucket?: unknown; readonly MountPath?: string; readonly Prefix?: string };
}

/** The service model's members in CloudFormation's spelling. */
export interface AllowedPort {
  readonly Port?: number | string;
  readonly PortRange?: { readonly From?: number | string; readonly To?: number | string };
}

interface HookAction {
  readonly HttpPost?: { readonly Path?: string; readonly Port?: number | string };
}

/** What a template says of a runtime besides its artifact and lifecycle. */
export function featuresOfTemplate(properties: FeatureProperties): RuntimeFeatures {
  const {
    RequestHeaderConfiguration,
    AuthorizerConfiguration,
    FilesystemConfigurations = [],
    PlatformVersion,
    AllowedPorts = [],
    HooksConfiguration,
    ResourceConfigurations = [],
  } = properties;
  const hook = HooksConfiguration?.Build?.Warmup?.Action?.HttpPost;
  const memory = ResourceConfigurations[0]?.MinimumMemoryInMiB;
  return {
    ...PLAIN,
    requestHeaderAllowlist: RequestHeaderConfiguration?.RequestHeaderAllowlist ?? [],
    customJWTAuthorizer:
      AuthorizerConfiguration?.CustomJWTAuthorizer === undefined
        ? undefined
        : (inServiceNames(AuthorizerConfiguration.CustomJWTAuthorizer) as JwtAuthorizer),
    sessionStorage: FilesystemConfigurations.find(({ SessionStorage }) => SessionStorage)?.SessionStorage?.MountPath,
    bucketMounts: FilesystemConfigurations.flatMap(({ S3BucketMount: mount }) =>
      mount?.MountPath === undefined
        ? []
        : [{ bucket: nameOf(mount.Bucket), mountPath: mount.MountPath, prefix: mount.Prefix ?? '' }],
    ),
    platformVersion: PlatformVersion === 'V2' ? 'V2' : 'V1',
    allowedPorts: AllowedPorts.map(({ Port, PortRange }) => ({
      from: Number(Port ?? PortRange?.From),
      to: Number(Port ?? PortRange?.To),
    })),
    warmup: hook && { path: hook.Path ?? '', port: hook.Port === undefined ? undefined : Number(hook.Port) },
    minimumMemoryInMiB: memory === undefined ? undefined : Number(memory),
  };
}

/** A bucket of the template has no name yet: what stands for it is as good here. */
function nameOf(bucket: unknown): string {
  return typeof bucket === 'string' ? bucket : JSON.stringify(bucket ?? '');
}

/** CloudFormation writes the members of the service model with a capital; the keys of a map are the author's own. */
function inServiceNames(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(inServiceNames);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const serviceName = name.charAt(0).toLowerCase() + name.slice(1);
      return [serviceName, serviceName === 'advertisedScopeMapping' ? member : inServiceNames(member)];
    }),
  );
}
