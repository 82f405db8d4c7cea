import { readBody, type HttpResponse, type HttpTransport } from '../../common/http-transport';
import { urlAfter } from '../../common/encrypted-url';
import { parseRetryAfter, TransientFailure } from '../../common/retry';
import { chooseChallenge, parseChallenges, type Challenge } from './challenges';
import { MAX_REDIRECTS, redirectOf } from './redirects';
import { isTransient, saying } from './registry-response';

export interface RegistryCredentials {
  readonly username: string;
  readonly password: string;
}

/** Gets the credentials for a registry. With `renew`, those got before were refused. */
export type CredentialsSource = (options: {
  readonly renew: boolean;
  readonly signal: AbortSignal;
}) => Promise<RegistryCredentials>;

/** The service that a registry sends its clients to for a token refused. */
export class TokenRefusedError extends Error {}

interface Token {
  readonly header: string;
  readonly expiresAt: number;
}

/** Without `expires_in` a token is good for a minute: https://distribution.github.io/distribution/spec/auth/token/ */
const DEFAULT_LIFETIME_SECONDS = 60;

/** Visible characters of ASCII. */
const HEADER_VALUE = /^[!-~]+$/;

/** A request that starts just before a token expires should still find it valid. */
const EXPIRY_MARGIN_MS = 10_000;

/**
 * The `Authorization` header for the requests to one registry: nothing, Basic, or a Bearer token from the service that
 * the registry names when it refuses a request. Tokens are kept by scope and renewed before they expire.
 */
export class RegistryAuthorization {
  private readonly challenges = new Map<string, Challenge>();
  private readonly tokens = new Map<string, Token>();

  public constructor(
    private readonly endpoint: URL,
    private readonly transport: HttpTransport,
    private readonly idleTimeoutMs: number,
    private readonly credentials?: CredentialsSource,
  ) {}

  /** What to send with a request that needs these scopes, or nothing before the registry has asked for anything. */
  public async header(scopes: readonly string[], signal: AbortSignal): Promise<string | undefined> {
    const key = scopes.join(' ');
    const challenge = this.challenges.get(key);
    if (challenge === undefined) {
      return undefined;
    }
    const known = this.tokens.get(key);
    if (known !== undefined && known.expiresAt > Date.now()) {
      return known.header;
    }
    const token = await this.obtain(challenge, scopes, false, signal);
    this.tokens.set(key, token);
    return token.header;
  }

  /**
   * Learns from a response with status 401 or 403, whose request had the header `sent`. False where another attempt
   * makes no sense.
   *
   * Amazon ECR tells that a token has expired by status 403 without a challenge: then the last one holds.
   */
  public async answer(
    wwwAuthenticate: string | undefined,
    scopes: readonly string[],
    sent: string | undefined,
    signal: AbortSignal,
  ): Promise<boolean> {
    const key = scopes.join(' ');
    const hasCredentials = this.credentials !== undefined;
    const challenge = chooseChallenge(parseChallenges(wwwAuthenticate), { hasCredentials }) ?? this.challenges.get(key);
    if (challenge === undefined) {
      return false;
    }
    const token = await this.obtain(challenge, scopes, sent !== undefined, signal);
    this.challenges.set(key, challenge);
    this.tokens.set(key, token);
    return true;
  }

  private async obtain(
    challenge: Challenge,
    scopes: readonly string[],
    renew: boolean,
    signal: AbortSignal,
  ): Promise<Token> {
    const credentials = await this.credentials?.({ renew, signal });
    const basic =
      credentials && `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;
    if (challenge.scheme === 'basic' && basic !== undefined) {
      // The source of the credentials knows when they expire; a refusal comes back here with `renew`.
      return { header: basic, expiresAt: 0 };
    }
    return this.requestToken(tokenUrl(this.endpoint, challenge, scopes), basic, signal);
  }

  private async requestToken(url: URL, basic: string | undefined, signal: AbortSignal): Promise<Token> {
    const response = await this.askTokenService(url, basic, signal);
    const body = await readBody(response);
    const problem = `the token service ${url.origin}${url.pathname} answered ${response.status}`;
    if (isTransient(response.status)) {
      throw new TransientFailure(`${problem}${saying(body)}`, {
        status: response.status,
        retryAfterMs: parseRetryAfter(response.headers['retry-after']),
      });
    }
    const reply = response.status === 200 ? parseReply(body.toString()) : undefined;
    // A member that is empty is as good as none.
    const token = reply?.token || reply?.access_token;
    if (!token) {
      throw new TokenRefusedError(response.status === 200 ? `${problem} without a token` : `${problem}${saying(body)}`);
    }
    if (typeof token !== 'string' || !HEADER_VALUE.test(token)) {
      throw new TokenRefusedError(`${problem} with a token that no header can hold`);
    }
    const lifetimeMs = (reply?.expires_in ?? DEFAULT_LIFETIME_SECONDS) * 1000;
    return {
      header: `Bearer ${token}`,
      expiresAt: Date.now() + lifetimeMs - Math.min(EXPIRY_MARGIN_MS, lifetimeMs / 5),
    };
  }

  /** Follows redirects; the credentials go to the origin that the registry has named alone. */
  private async askTokenService(start: URL, basic: string | undefined, signal: AbortSignal): Promise<HttpResponse> {
    let url = start;
    for (let redirects = 0; ; redirects++) {
      const response = await this.transport.send({
        method: 'GET',
        url,
        headers: basic === undefined || url.origin !== start.origin ? {} : { authorization: basic },
        idleTimeoutMs: this.idleTimeoutMs,
        signal,
      });
      const place = redirectOf(response);
      if (place === undefined || redirects === MAX_REDIRECTS) {
        return response;
      }
      await readBody(response);
      url = urlAfter(url, place);
    }
  }
}

/**
 * Registries ask for scopes of their own making (`aws`), and for fewer than a mount needs: both go to the token
 * service.
 */
function tokenUrl(endpoint: URL, { parameters }: Challenge, scopes: readonly string[]): URL {
  const url = urlAfter(endpoint, parameters.realm ?? '');
  if (parameters.service !== undefined) {
    url.searchParams.set('service', parameters.service);
  }
  for (const scope of new Set([...(parameters.scope ?? '').split(' '), ...scopes])) {
    if (scope !== '') {
      url.searchParams.append('scope', scope);
    }
  }
  return url;
}

interface TokenReply {
  readonly token?: unknown;
  readonly access_token?: unknown;
  readonly expires_in?: number;
}

function parseReply(body: string): TokenReply | undefined {
  try {
    return JSON.parse(body) as TokenReply;
  } catch {
    return undefined;
  }
}
