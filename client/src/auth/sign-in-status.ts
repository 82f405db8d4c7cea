import { expiryOf, tokensOf, type OAuthRecord } from './oauth-record';

/** What is known of the tokens for a server. */
export interface SignInStatus {
  readonly issuer: string;
  /** Who signed in, as far as a token says it (`email`, `preferred_username`, `sub`). It was not verified. */
  readonly subject?: string;
  readonly scopes: readonly string[];
  /** When the access token expires. */
  readonly expiresAt?: Date;
  /** Whether it can be renewed without a person. */
  readonly renewable: boolean;
}

/** What a record says, without a token in it. */
export function statusOf(record: OAuthRecord): SignInStatus | undefined {
  const tokens = tokensOf(record);
  if (tokens === undefined) {
    return undefined;
  }
  const expiry = expiryOf(tokens);
  const subject = subjectOf(tokens.id_token) ?? subjectOf(tokens.access_token);
  return {
    issuer: record.issuer ?? '',
    ...(subject !== undefined && { subject }),
    scopes: (tokens.scope ?? record.scope ?? '').split(' ').filter(scope => scope !== ''),
    ...(expiry !== undefined && { expiresAt: new Date(expiry) }),
    renewable: tokens.refresh_token !== undefined,
  };
}

function subjectOf(token: string | undefined): string | undefined {
  try {
    const claims = JSON.parse(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString()) as Record<
      string,
      unknown
    >;
    return [claims.email, claims.preferred_username, claims.sub].find(claim => typeof claim === 'string');
  } catch {
    // Not every token is a JWT.
    return undefined;
  }
}
