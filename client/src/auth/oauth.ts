import { createPrivateKeyJwtAuth, type FetchLike } from '@modelcontextprotocol/client';
import type { Endpoint } from '../common/endpoint';
import { StatefulMcpClientError } from '../common/errors';
import { keychainTokenStore } from '../storage/keychain';
import { memoryTokenStore, type TokenStore } from '../storage/token-store';
import type { Auth } from './auth';
import type { ClientIdentity } from './oauth-client';
import { OAuthRecordFile } from './oauth-record';
import { OAuthSession } from './oauth-session';
import type { SignInOptions } from './sign-in';
import { statusOf, type SignInStatus } from './sign-in-status';
import { revoke } from './token-revocation';
import { unauthorizedChallenge } from './unauthorized-challenge';

/** Options of `oauth()` and `clientCredentials()`. */
export interface OAuthClientOptions {
  /**
   * The only authorization server that the client is sent to; the discovery of another one is an error.
   *
   * @default - the one that the server names; a client with a secret stays with the first
   */
  readonly issuer?: string;

  /**
   * Scopes to ask for, besides those that the server asks for.
   *
   * @default - those of the server's challenge, else those of its metadata
   */
  readonly scopes?: readonly string[];
}

/** Options of `oauth()`. */
export interface OAuthOptions extends OAuthClientOptions, SignInOptions {
  /**
   * Id of a client that was registered beforehand.
   *
   * @default - `clientMetadataUrl` where the authorization server takes it, else the client registers itself
   */
  readonly clientId?: string;

  /**
   * Secret of that client.
   *
   * @default - a public client: its sign-in is bound to this process by PKCE
   */
  readonly clientSecret?: string;

  /**
   * URL of a client id metadata document, by which authorization servers know the client without a registration.
   *
   * @default - none
   */
  readonly clientMetadataUrl?: string;

  /**
   * Name by which the client registers itself.
   *
   * @default 'stateful-mcp-client'
   */
  readonly clientName?: string;

  /**
   * Whether somebody is there to sign in. Without, a call that needs it fails with `ERR_SIGN_IN_REQUIRED`.
   *
   * @default true
   */
  readonly interactive?: boolean;

  /**
   * Where tokens are kept: `keychainTokenStore()`, `fileTokenStore()`, `memoryTokenStore()`, or a place of your own.
   *
   * @default - `keychainTokenStore()`
   */
  readonly tokens?: TokenStore;
}

/** Options of `clientCredentials()`. */
export interface ClientCredentialsOptions extends OAuthClientOptions {
  readonly clientId: string;

  /** Secret of the client; or `privateKey`. */
  readonly clientSecret?: string;

  /** Private key of the client, as PEM or JWK, for `private_key_jwt`; or `clientSecret`. */
  readonly privateKey?: string | Record<string, unknown>;

  /**
   * Algorithm that the private key signs with.
   *
   * @default 'RS256'
   */
  readonly algorithm?: string;

  /**
   * Where tokens are kept.
   *
   * @default - `memoryTokenStore()`: a new process gets a new token
   */
  readonly tokens?: TokenStore;
}

/** Credentials by OAuth, which can be asked for before there is a call. */
export interface OAuth extends Auth {
  /** Signs in, whether or not there are tokens, and says as whom. Asks a person where the tokens lack one of `scopes`. */
  signIn(endpoint: Endpoint, options?: { fetch?: FetchLike; signal?: AbortSignal }): Promise<SignInStatus>;
  /** Forgets the tokens; those that the authorization server revokes, it is asked to. */
  signOut(endpoint: Endpoint, options?: { fetch?: FetchLike }): Promise<void>;
  /** What is known of the tokens for a server; `undefined` when there are none. Asks nobody. */
  status(endpoint: Endpoint): Promise<SignInStatus | undefined>;
}

/**
 * Signs a person in by OAuth: discovery from the server's challenge (RFC 9728, RFC 8414, OpenID Connect), authorization
 * code with PKCE in the browser, `state` and `iss` checked, and `resource` sent. Tokens are kept by issuer, client and
 * server, renewed before they expire and once after a 401. When a call needs more scopes, the person is asked once for them and
 * those of before; what is not granted is not asked for again.
 *
 * Calls fail with `ERR_SIGN_IN`, `ERR_SIGN_IN_REQUIRED` or `ERR_TOKEN_STORE`.
 */
export function oauth(options: OAuthOptions = {}): OAuth {
  const { clientId, clientSecret, clientMetadataUrl, issuer, interactive = true } = options;
  if (clientSecret !== undefined && clientId === undefined) {
    throw new StatefulMcpClientError(
      'ERR_INVALID_OPTION',
      '`clientSecret` of oauth() goes with a `clientId`: pass both',
    );
  }
  const identity: ClientIdentity = {
    grant: 'authorization_code',
    clientName: options.clientName ?? 'stateful-mcp-client',
    ...(clientId !== undefined && { clientId }),
    ...(clientSecret !== undefined && { clientSecret }),
    ...(clientMetadataUrl !== undefined && { clientMetadataUrl }),
    ...(issuer !== undefined && { issuer }),
  };
  return oauthAuth(identity, options, options.tokens ?? keychainTokenStore(), interactive ? options : undefined);
}

/**
 * Gets tokens for a program, not a person, by its own credentials (`client_credentials`), and new ones before they
 * expire.
 *
 * Calls fail with `ERR_SIGN_IN`.
 */
export function clientCredentials(options: ClientCredentialsOptions): OAuth {
  const { clientId, clientSecret, privateKey, issuer } = options;
  if ((clientSecret === undefined) === (privateKey === undefined)) {
    throw new StatefulMcpClientError(
      'ERR_INVALID_OPTION',
      'clientCredentials() shows who it is by one of `clientSecret` and `privateKey`: pass one of them',
    );
  }
  const identity: ClientIdentity = {
    grant: 'client_credentials',
    clientName: clientId,
    clientId,
    ...(clientSecret !== undefined && { clientSecret }),
    ...(issuer !== undefined && { issuer }),
    ...(privateKey !== undefined && {
      authenticate: createPrivateKeyJwtAuth({
        issuer: clientId,
        subject: clientId,
        privateKey,
        alg: options.algorithm ?? 'RS256',
      }),
    }),
  };
  return oauthAuth(identity, options, options.tokens ?? memoryTokenStore(), undefined);
}

function oauthAuth(
  identity: ClientIdentity,
  { scopes }: OAuthClientOptions,
  store: TokenStore,
  person: SignInOptions | undefined,
): OAuth {
  const open = (endpoint: Endpoint, fetch: FetchLike): { file: OAuthRecordFile; session: OAuthSession } => {
    const { href } = endpoint.url;
    const key = [href, identity.clientId ?? identity.clientMetadataUrl ?? '', identity.grant].join(' ');
    const file = new OAuthRecordFile(store, key, href);
    const scope = scopes === undefined || scopes.length === 0 ? undefined : scopes.join(' ');
    return { file, session: new OAuthSession({ serverUrl: endpoint.url, fetch, file, identity, scope, person }) };
  };
  return {
    authorized: (fetch, endpoint) => open(endpoint, fetch).session.send,
    prepare: async (fetch, endpoint, signal) => {
      const { session } = open(endpoint, fetch);
      if ((await session.token(signal)) === undefined) {
        const challenge = await unauthorizedChallenge(fetch, endpoint.url, signal);
        if (challenge !== undefined) {
          await session.renew(challenge, undefined, signal);
        }
      }
    },
    signIn: async (endpoint, { fetch = globalThis.fetch, signal } = {}) => {
      const { session } = open(endpoint, fetch);
      const token = await session.token(signal);
      await session.renew((await unauthorizedChallenge(fetch, endpoint.url, signal)) ?? {}, token, signal, true);
      const status = statusOf(await session.current());
      if (status === undefined) {
        throw new StatefulMcpClientError('ERR_SIGN_IN', `${endpoint.url.href} gave no token`);
      }
      return status;
    },
    signOut: async (endpoint, { fetch = globalThis.fetch } = {}) => {
      const { file, session } = open(endpoint, fetch);
      const record = await session.current();
      await file.exclusively(() => file.remove());
      await revoke(record, identity, fetch);
    },
    status: async endpoint => statusOf(await open(endpoint, globalThis.fetch).session.current()),
  };
}
