import {
  auth as authorize,
  computeScopeUnion,
  discoverOAuthServerInfo,
  extractWWWAuthenticateParams,
  isStrictScopeSuperset,
  OAuthError,
  refreshAuthorization,
  selectResourceURL,
  type FetchLike,
  type OAuthClientProvider,
  type OAuthDiscoveryState,
} from '@modelcontextprotocol/client';
import { isPrivateWay } from '../common/endpoint';
import { StatefulMcpClientError } from '../common/errors';
import { withBearer } from './bearer';
import { oauthClient, type ClientIdentity, type Interaction } from './oauth-client';
import {
  discoveryOf,
  expiryOf,
  isDue,
  issuerOf,
  tokensOf,
  type KeptTokens,
  type OAuthRecord,
  type OAuthRecordFile,
} from './oauth-record';
import { signInError, stepUpError } from './sign-in-error';
import { SignIn, type SignInOptions } from './sign-in';

/** What a protected server said about the tokens that it takes. */
type Challenge = ReturnType<typeof extractWWWAuthenticateParams>;

/** What is needed to get tokens for one server. */
export interface OAuthSessionOptions {
  readonly serverUrl: URL;
  readonly fetch: FetchLike;
  readonly file: OAuthRecordFile;
  readonly identity: ClientIdentity;
  /** Scopes to ask for besides those that the server names. */
  readonly scope?: string;
  /** How a person signs in; `undefined` where none is there to do so. */
  readonly person?: SignInOptions;
}

/** Tokens for one server: obtained, kept, renewed before they expire and after they were refused. */
export class OAuthSession {
  private record?: OAuthRecord;
  /** Scopes that were asked for and not granted: whoever said no is not asked again, call by call. */
  private readonly refused = new Set<string>();

  public constructor(private readonly options: OAuthSessionOptions) {}

  /** Sends requests with a token. One that is refused is sent again once with another, once with more scopes. */
  public readonly send: FetchLike = async (url, init) => {
    const signal = init?.signal ?? undefined;
    let token = await this.token(signal);
    let [mayRenew, mayStepUp] = [true, true];
    for (;;) {
      const response = await this.options.fetch(url, token === undefined ? init : withBearer(init, token));
      const challenge = extractWWWAuthenticateParams(response);
      if (response.status === 401 && mayRenew) {
        mayRenew = false;
        await response.body?.cancel();
        token = await this.renew(challenge, token, signal);
        continue;
      }
      const { scope = '' } = challenge;
      if (response.status !== 403 || challenge.error !== 'insufficient_scope' || this.refused.has(scope)) {
        return response;
      }
      if (!mayStepUp) {
        this.refused.add(scope);
        return response;
      }
      mayStepUp = false;
      await response.body?.cancel();
      token = await this.stepUp(challenge, token, signal);
    }
  };

  /** The token to send, renewed if it is about to expire; `undefined` when there is none. */
  public async token(signal?: AbortSignal): Promise<string | undefined> {
    this.record ??= await this.options.file.read();
    const tokens = tokensOf(this.record);
    if (tokens === undefined || !isDue(tokens) || !this.renewsSilently(tokens)) {
      return tokens?.access_token;
    }
    return this.changed(signal, async record => {
      const current = tokensOf(record);
      if (current !== undefined && !isDue(current)) {
        return;
      }
      try {
        await this.renewSilently(record, discoveryOf(record));
      } catch (error) {
        // Better sent in its last minute than not at all.
        if (current === undefined || Date.now() >= (expiryOf(current) ?? Infinity)) {
          throw error;
        }
      }
    });
  }

  /**
   * Another token than the one that was refused, whatever it takes.
   *
   * @param widened - whether all scopes that were asked for have to be in it: then a person is asked, if one is not
   */
  public renew(
    challenge: Challenge,
    refused: string | undefined,
    signal?: AbortSignal,
    widened = false,
  ): Promise<string | undefined> {
    return this.changed(signal, async record => {
      const current = tokensOf(record);
      if (current !== undefined && current.access_token !== refused && !isDue(current)) {
        return;
      }
      const discovery = await this.discover(challenge);
      const issuer = issuerOf(discovery);
      record.discovery = discovery;
      record.scope = computeScopeUnion(this.options.scope, record.scope, challenge.scope);
      const sameIssuer = current !== undefined && record.issuer === issuer;
      const granted = sameIssuer ? current.scope : undefined;
      const asked = computeScopeUnion(this.options.scope, challenge.scope);
      const wider =
        widened && granted !== undefined && isStrictScopeSuperset(computeScopeUnion(granted, asked), granted);
      if (wider || !sameIssuer || !this.renewsSilently(current) || !(await this.renewSilently(record, discovery))) {
        await this.authorize(record, wider ? computeScopeUnion(granted, asked) : asked, signal);
      }
    });
  }

  /** What is known of the tokens, read anew. */
  public async current(): Promise<OAuthRecord> {
    this.record = await this.options.file.read();
    return this.record;
  }

  /** A token with the scopes that a request needs, besides those that were asked for before. */
  private async stepUp(
    challenge: Challenge,
    used: string | undefined,
    signal?: AbortSignal,
  ): Promise<string | undefined> {
    try {
      return await this.changed(signal, async record => {
        const current = tokensOf(record);
        if (current !== undefined && current.access_token !== used) {
          return;
        }
        record.discovery ??= await this.discover(challenge);
        record.scope = computeScopeUnion(this.options.scope, record.scope, current?.scope, challenge.scope);
        await this.authorize(record, record.scope, signal);
      });
    } catch (error) {
      const explained = stepUpError(error, this.options.serverUrl, challenge.scope);
      if (explained.code === 'ERR_INSUFFICIENT_SCOPE') {
        this.refused.add(challenge.scope ?? '');
      }
      throw explained.error;
    }
  }

  /** Changes the record while nobody else does, in any process, and gives back the token that it then has. */
  private changed(
    signal: AbortSignal | undefined,
    change: (record: OAuthRecord) => Promise<void>,
  ): Promise<string | undefined> {
    const { file, serverUrl } = this.options;
    return file.exclusively(async () => {
      const record = await file.read();
      const { discovery } = record;
      try {
        await change(record);
      } catch (error) {
        // Tokens of before are still renewed and revoked where they are from.
        record.discovery = discovery;
        throw signal?.aborted ? signal.reason : signInError(error, serverUrl);
      } finally {
        this.record = record;
        await file.write(record);
      }
      return tokensOf(record)?.access_token;
    }, signal);
  }

  private async discover({ resourceMetadataUrl }: Challenge): Promise<OAuthDiscoveryState> {
    const { serverUrl, fetch } = this.options;
    const found = await discoverOAuthServerInfo(serverUrl, { resourceMetadataUrl, fetchFn: fetch });
    return { ...found, ...(resourceMetadataUrl && { resourceMetadataUrl: resourceMetadataUrl.href }) };
  }

  private renewsSilently(tokens: KeptTokens): boolean {
    return this.options.identity.grant === 'client_credentials' || tokens.refresh_token !== undefined;
  }

  /** @returns whether there are new tokens; if not, those of before are of no use any more */
  private async renewSilently(record: OAuthRecord, discovery: OAuthDiscoveryState | undefined): Promise<boolean> {
    const { serverUrl, fetch, identity } = this.options;
    if (identity.grant === 'client_credentials') {
      await this.authorize(record, record.scope);
      return true;
    }
    const tokens = tokensOf(record);
    const { issuer = '' } = record;
    const client = oauthClient(identity, record, undefined);
    const information = await client.clientInformation({ issuer });
    if (tokens?.refresh_token === undefined || discovery === undefined || information === undefined) {
      return false;
    }
    try {
      const renewed = await refreshAuthorization(discovery.authorizationServerUrl, {
        metadata: discovery.authorizationServerMetadata,
        clientInformation: information,
        refreshToken: tokens.refresh_token,
        resource: await resourceOf(serverUrl, client, discovery),
        fetchFn: fetch,
      });
      // What was granted stays granted where the answer does not say it.
      record.tokens[issuer] = { scope: tokens.scope, ...renewed, issuer, obtainedAt: Date.now() };
      return true;
    } catch (error) {
      if (!(error instanceof OAuthError) || error.code === 'server_error') {
        throw error;
      }
      delete record.tokens[issuer];
      if (error.code === 'invalid_client' && identity.clientId === undefined) {
        delete record.clients[issuer];
      }
      return false;
    }
  }

  /** New tokens from the beginning: by the client's own credentials, or by a person. */
  private async authorize(record: OAuthRecord, scope: string | undefined, signal?: AbortSignal): Promise<void> {
    const { serverUrl, fetch, identity, person } = this.options;
    const request = { serverUrl, scope, fetchFn: fetch, forceReauthorization: true };
    if (identity.grant === 'client_credentials') {
      await authorize(oauthClient(identity, record, undefined), request);
      return;
    }
    if (person === undefined) {
      throw new StatefulMcpClientError(
        'ERR_SIGN_IN_REQUIRED',
        `${serverUrl.href} needs somebody to sign in, and nobody is there to do so: call \`signIn()\` of the same oauth(), or leave out \`interactive: false\``,
      );
    }
    const issuer = record.discovery === undefined ? '' : issuerOf(record.discovery);
    const signIn = await SignIn.begin(person, portOf(record.clients[issuer]?.redirectUrl));
    try {
      const registered = record.clients[issuer];
      if (registered?.redirectUrl !== signIn.redirectUrl || isStrictScopeSuperset(scope, registered.scope ?? scope)) {
        // It registered with a port that another program has now, or for fewer scopes.
        delete record.clients[issuer];
      }
      const interaction: Interaction = { redirectUrl: signIn.redirectUrl, state: signIn.state };
      const client = oauthClient(identity, record, interaction);
      await authorize(client, request);
      const { authorizationUrl } = interaction;
      if (authorizationUrl === undefined || !isPrivateWay(authorizationUrl)) {
        throw new StatefulMcpClientError(
          'ERR_SIGN_IN',
          `the page to sign in at (${authorizationUrl?.origin ?? 'none'}) is not reached by https`,
        );
      }
      const { code, iss } = await signIn.person(authorizationUrl, signal);
      await authorize(client, { ...request, authorizationCode: code, iss });
    } finally {
      signIn.close();
    }
  }
}

/** RFC 8707: the resource as the server itself writes it. */
async function resourceOf(
  serverUrl: URL,
  client: OAuthClientProvider,
  { resourceMetadata }: OAuthDiscoveryState,
): Promise<string | URL | undefined> {
  const selected = await selectResourceURL(serverUrl, client, resourceMetadata);
  return selected && (resourceMetadata?.resource ?? selected);
}

function portOf(redirectUrl: string | undefined): number {
  return redirectUrl === undefined ? 0 : Number(new URL(redirectUrl).port);
}
