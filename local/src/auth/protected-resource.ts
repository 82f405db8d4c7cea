import { invocationPath } from '../model/runtime-urls';
import type { JwtAuthorizer } from '../model/jwt-authorizer';

/** Either form of discovery document; what comes after it is the path of the issuer (RFC 8414, section 3). */
const DISCOVERY = /\/\.well-known\/(?:openid-configuration|oauth-authorization-server)(?=\/|$)/;
const METADATA = '/.well-known/oauth-protected-resource';

/** Where clients of a runtime find out whose tokens it takes. Devguide, "MCP protocol contract". */
export function metadataUrl(origin: string, arn: string, qualifier: string): string {
  return `${origin}${invocationPath(arn, qualifier).replace('?', `${METADATA}?`)}`;
}

/** Protected resource metadata as in RFC 9728; which members the service sends is not documented. */
export function protectedResourceMetadata(
  origin: string,
  arn: string,
  qualifier: string,
  authorizer: JwtAuthorizer,
): string {
  const scopes = advertisedScopes(authorizer);
  return JSON.stringify({
    resource: `${origin}${invocationPath(arn, qualifier)}`,
    authorization_servers: [authorizer.discoveryUrl.replace(DISCOVERY, '')],
    bearer_methods_supported: ['header'],
    ...(scopes.length > 0 && { scopes_supported: scopes }),
  });
}

/** The challenge that comes with 401. */
export function challenge(origin: string, arn: string, qualifier: string, authorizer: JwtAuthorizer): string {
  const scopes = advertisedScopes(authorizer);
  return `Bearer resource_metadata="${metadataUrl(origin, arn, qualifier)}"${scopes.length > 0 ? `, scope="${scopes.join(' ')}"` : ''}`;
}

function advertisedScopes({ advertisedScopeMapping = {} }: JwtAuthorizer): readonly string[] {
  return [...new Set(Object.values(advertisedScopeMapping))];
}
