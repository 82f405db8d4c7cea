import { PLAIN, type RuntimeFeatures } from '../model/runtime-definition';
import type { JwtAuthorizer } from '../model/jwt-authorizer';

/** Properties of an AWS::BedrockAgentCore::Runtime, with their references resolved. */
export interface FeatureProperties {
  readonly RequestHeaderConfiguration?: { readonly RequestHeaderAllowlist?: readonly string[] };
  readonly AuthorizerConfiguration?: { readonly CustomJWTAuthorizer?: unknown };
  readonly FilesystemConfigurations?: readonly { readonly SessionStorage?: { readonly MountPath?: string } }[];
  readonly PlatformVersion?: string;
}

/** What a template says of a runtime besides its artifact and lifecycle. */
export function featuresOfTemplate(properties: FeatureProperties): RuntimeFeatures {
  const {
    RequestHeaderConfiguration,
    AuthorizerConfiguration,
    FilesystemConfigurations = [],
    PlatformVersion,
  } = properties;
  return {
    ...PLAIN,
    requestHeaderAllowlist: RequestHeaderConfiguration?.RequestHeaderAllowlist ?? [],
    customJWTAuthorizer:
      AuthorizerConfiguration?.CustomJWTAuthorizer === undefined
        ? undefined
        : (inServiceNames(AuthorizerConfiguration.CustomJWTAuthorizer) as JwtAuthorizer),
    sessionStorage: FilesystemConfigurations.find(({ SessionStorage }) => SessionStorage)?.SessionStorage?.MountPath,
    platformVersion: PlatformVersion === 'V2' ? 'V2' : 'V1',
  };
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
