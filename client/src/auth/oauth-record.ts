import type {
  OAuthDiscoveryState,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
} from '@modelcontextprotocol/client';
import { StatefulMcpClientError } from '../common/errors';
import type { TokenStore } from '../storage/token-store';

/** Tokens are renewed this long before they expire, or a tenth of their life before, whichever is later. */
const LONGEST_MARGIN_MS = 60_000;

/** Tokens, and when they were obtained: `expires_in` counts from then on. */
export type KeptTokens = StoredOAuthTokens & { readonly obtainedAt: number };

/** A client, and for one that registered itself where it said it can be reached. */
export type KeptClient = StoredOAuthClientInformation & { readonly redirectUrl?: string; readonly scope?: string };

/** What is known of one protected resource, for one client. */
export interface OAuthRecord {
  /** The server that it is for. */
  readonly serverUrl: string;
  /** Of the tokens that are in use. */
  issuer?: string;
  discovery?: OAuthDiscoveryState;
  /** All scopes that were asked for so far. */
  scope?: string;
  /** Credentials never travel to another issuer than the one that they are from. */
  readonly tokens: Record<string, KeptTokens>;
  readonly clients: Record<string, KeptClient>;
}

/** The record of a resource in a store. */
export class OAuthRecordFile {
  public constructor(
    private readonly store: TokenStore,
    private readonly key: string,
    private readonly serverUrl: string,
  ) {}

  public async read(): Promise<OAuthRecord> {
    const text = await this.guarded('read', () => this.store.read(this.key));
    try {
      const { tokens, clients, ...rest } = JSON.parse(text ?? '{}') as Partial<OAuthRecord>;
      return { ...rest, serverUrl: this.serverUrl, tokens: tokens ?? {}, clients: clients ?? {} };
    } catch {
      // Whatever wrote it, signing in again mends it.
      return { serverUrl: this.serverUrl, tokens: {}, clients: {} };
    }
  }

  public write(record: OAuthRecord): Promise<void> {
    return this.guarded('written', () => this.store.write(this.key, JSON.stringify(record)));
  }

  public remove(): Promise<void> {
    return this.guarded('removed', () => this.store.remove(this.key));
  }

  public exclusively<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.store.exclusively(this.key, work, signal);
  }

  private async guarded<T>(verb: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      throw new StatefulMcpClientError(
        'ERR_TOKEN_STORE',
        `the tokens for ${this.serverUrl} could not be ${verb} (${cause instanceof Error ? cause.message : String(cause)}): ` +
          'make their place writable, or pass another `tokens` to oauth()',
        { cause },
      );
    }
  }
}

/** The tokens in use. */
export function tokensOf({ issuer, tokens }: OAuthRecord): KeptTokens | undefined {
  return issuer === undefined ? undefined : tokens[issuer];
}

/** The issuer that was found. */
export function issuerOf({ authorizationServerMetadata, authorizationServerUrl }: OAuthDiscoveryState): string {
  return authorizationServerMetadata?.issuer ?? authorizationServerUrl;
}

/** Where the issuer of the tokens in use is asked. A server that names another one since has it get none of them. */
export function discoveryOf({ issuer, discovery }: OAuthRecord): OAuthDiscoveryState | undefined {
  return discovery !== undefined && issuerOf(discovery) === issuer ? discovery : undefined;
}

/** When tokens expire; `undefined` when their issuer did not say. */
export function expiryOf({ expires_in: seconds, obtainedAt }: KeptTokens): number | undefined {
  return seconds === undefined ? undefined : obtainedAt + seconds * 1000;
}

/** Whether tokens should be renewed before they are sent again. */
export function isDue(tokens: KeptTokens): boolean {
  const expiry = expiryOf(tokens);
  return expiry !== undefined && Date.now() >= expiry - Math.min(LONGEST_MARGIN_MS, (expiry - tokens.obtainedAt) / 10);
}
