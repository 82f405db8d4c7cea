import { createHash } from 'node:crypto';
import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import { type JwtAuthorizer, type CustomClaim } from '../model/jwt-authorizer';
import type { Caller } from './caller';
import type { TokenError } from './protected-resource';

interface Issuer {
  readonly issuer: string;
  readonly keys: JWTVerifyGetKey;
}

/** Why a runtime does not take a token. */
export interface RefusedToken {
  readonly problem: string;
  /** Undefined where neither another token of the same client nor another scope would help. */
  readonly error?: TokenError;
}

/** How far clocks may be apart. The service's own value is not documented. */
const SKEW_SECONDS = 60;
const DISCOVERY_TIMEOUT_MS = 5000;

/** The tokens of one issuer, verified with the keys that its discovery document leads to. */
export class JwtVerifier {
  private issuer: Promise<Issuer> | undefined;

  public constructor(private readonly authorizer: JwtAuthorizer) {}

  /** Who a token stands for, or why it is not taken. */
  public async verify(token: string): Promise<Caller | RefusedToken> {
    let claims: JWTPayload;
    try {
      claims = await this.claimsOf(token);
    } catch (error) {
      return { problem: error instanceof Error ? error.message : String(error), error: 'invalid_token' };
    }
    const refused = refusal(this.authorizer, claims);
    return (
      refused ?? {
        identity: `${claims.iss}|${callerNamedBy(claims) ?? createHash('sha256').update(token).digest('hex')}`,
      }
    );
  }

  private async claimsOf(token: string): Promise<JWTPayload> {
    // An ES module, which CommonJS on Node.js 20.12 can only get this way.
    const { jwtVerify } = await import('jose');
    const { issuer, keys } = await this.discover();
    try {
      return (await jwtVerify(token, keys, { issuer, clockTolerance: SKEW_SECONDS, requiredClaims: ['exp'] })).payload;
    } catch (error) {
      throw new Error(`Invalid bearer token: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    }
  }

  private async discover(): Promise<Issuer> {
    this.issuer ??= discover(this.authorizer.discoveryUrl);
    try {
      return await this.issuer;
    } catch (error) {
      this.issuer = undefined;
      throw new Error(
        `The discovery document ${this.authorizer.discoveryUrl} cannot be read: ${(error as Error).message}`,
        { cause: error },
      );
    }
  }
}

async function discover(discoveryUrl: string): Promise<Issuer> {
  const { createRemoteJWKSet } = await import('jose');
  const response = await fetch(discoveryUrl, { signal: AbortSignal.timeout(DISCOVERY_TIMEOUT_MS) });
  const { issuer, jwks_uri: keys } = (await response.json()) as { issuer?: string; jwks_uri?: string };
  if (!response.ok || typeof issuer !== 'string' || typeof keys !== 'string') {
    throw new Error(`HTTP ${response.status} without \`issuer\` and \`jwks_uri\``);
  }
  return { issuer, keys: createRemoteJWKSet(new URL(keys)) };
}

/**
 * Tokens of machines often have no subject, and name their client each issuer in its own way (Microsoft Entra ID: `azp`
 * or `appid`).
 */
const CALLER_CLAIMS = ['sub', 'client_id', 'azp', 'appid'] as const;

/** Who a token says its caller is; undefined for one that names nobody, which stands for itself alone. */
function callerNamedBy(claims: JWTPayload): string | undefined {
  const claim = CALLER_CLAIMS.find(name => typeof claims[name] === 'string' && claims[name] !== '');
  // With the name of the claim: a client may be called what a user is.
  return claim && `${claim}=${claims[claim] as string}`;
}

/** Why a runtime does not take a token that is genuine, or undefined. The scope comes last: the rest has to hold, too. */
function refusal(authorizer: JwtAuthorizer, claims: JWTPayload): RefusedToken | undefined {
  const { allowedAudience, allowedClients, allowedScopes, customClaims = [] } = authorizer;
  const audience = typeof claims.aud === 'string' ? [claims.aud] : (claims.aud ?? []);
  const scopes = typeof claims.scope === 'string' ? claims.scope.split(' ') : [];
  if (allowedAudience && !allowedAudience.some(allowed => audience.includes(allowed))) {
    return mismatch('aud');
  }
  if (allowedClients && !allowedClients.includes(String(claims.client_id))) {
    return mismatch('client_id');
  }
  const wrong = customClaims.find(claim => !matches(claim, claims[claim.inboundTokenClaimName]));
  if (wrong) {
    return mismatch(wrong.inboundTokenClaimName);
  }
  return allowedScopes && !allowedScopes.some(allowed => scopes.includes(allowed))
    ? { ...mismatch('scope'), error: 'insufficient_scope' }
    : undefined;
}

function mismatch(claim: string): RefusedToken {
  return { problem: `Claim '${claim}' value mismatch with configuration` };
}

function matches(
  { inboundTokenClaimValueType, authorizingClaimMatchValue: { claimMatchOperator, claimMatchValue } }: CustomClaim,
  value: unknown,
): boolean {
  const { matchValueString, matchValueStringList = [] } = claimMatchValue;
  if (inboundTokenClaimValueType === 'STRING') {
    return claimMatchOperator === 'EQUALS' && typeof value === 'string' && value === matchValueString;
  }
  if (!Array.isArray(value)) {
    return false;
  }
  switch (claimMatchOperator) {
    case 'EQUALS':
      return false;
    case 'CONTAINS':
      return matchValueString !== undefined && value.includes(matchValueString);
    case 'CONTAINS_ANY':
      return matchValueStringList.some(allowed => value.includes(allowed));
  }
}
