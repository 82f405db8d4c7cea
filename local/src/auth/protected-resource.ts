import { invocationPath } from '../model/runtime-urls';
import type { JwtAuthorizer } from '../model/jwt-authorizer';

/** OpenID Connect Discovery puts it behind the path of the issuer, RFC 8414 between its host and its path. */
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

/** What was wrong with a token: RFC 6750, section 3.1. A request without one gets no word for it. */
export type TokenError = 'invalid_token' | 'insufficient_scope';

/** The challenge that comes with 401, and with 403 where another scope would help. */
export function challenge(
  origin: string,
  arn: string,
  qualifier: string,
  authorizer: JwtAuthorizer,
  error?: TokenError,
): string {
  const scopes = advertisedScopes(authorizer);
  const parameters = {
    error,
    resource_metadata: metadataUrl(origin, arn, qualifier),
    scope: scopes.length > 0 ? scopes.join(' ') : undefined,
  };
  return `Bearer ${Object.entries(parameters)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}="${value}"`]))
    .join(', ')}`;
}

/** The scopes that are allowed, by the names that clients ask for; those without another name keep theirs. */
function advertisedScopes({ allowedScopes, advertisedScopeMapping = {} }: JwtAuthorizer): readonly string[] {
  const scopes = allowedScopes ?? Object.keys(advertisedScopeMapping);
  return [...new Set(scopes.map(scope => advertisedScopeMapping[scope] ?? scope))];
}
