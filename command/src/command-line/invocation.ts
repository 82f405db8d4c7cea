import type { LocalRuntimeDefinition, PlatformSettings } from 'stateful-mcp-local';

/** Which URLs require authentication, from all to none. */
export const AUTH_SCOPES = ['all', 'platform-urls', 'off'] as const;

export const ISOLATIONS = ['none', 'bubblewrap'] as const;

export const PROTOCOLS = ['mcp', 'http'] as const;

export const ID_ISSUERS = ['server', 'platform'] as const;

export const REQUESTS_WITHOUT_SESSION = ['shared', 'new-session'] as const;

/** How the conversation is held, in `talk` and `call`. */
export interface ConversationFlags {
  readonly yes: boolean;
  readonly answers?: string;
  readonly sampling: SamplingChoice;
}

export type SamplingChoice = { readonly by: 'scripted' } | { readonly by: 'bedrock'; readonly modelId: string };

/** Which servers are started, and where, in `dev` and `talk`. */
export interface ServerFlags {
  readonly app?: string;
  readonly port?: number;
  readonly environment: Readonly<Record<string, string>>;
}

export interface DevInvocation extends ServerFlags {
  readonly command: 'dev';
  readonly image?: string;
  readonly auth: (typeof AUTH_SCOPES)[number];
  readonly isolation: (typeof ISOLATIONS)[number];
  /** What the template says of a runtime of an app. */
  readonly definition: Pick<LocalRuntimeDefinition, 'idleTimeoutSeconds' | 'maxLifetimeSeconds' | 'protocol'>;
  readonly settings: Partial<PlatformSettings>;
  readonly sessionIds?: (typeof ID_ISSUERS)[number];
  readonly requestsWithoutSession?: (typeof REQUESTS_WITHOUT_SESSION)[number];
  readonly pingIntervalSeconds?: number;
  /** Whether sources are watched. */
  readonly watch: boolean;
  /** Files and folders that are watched besides those of the app. */
  readonly watched: readonly string[];
  readonly program?: readonly string[];
}

export interface TalkInvocation extends ConversationFlags, ServerFlags {
  readonly command: 'talk';
  readonly tools: readonly string[];
  readonly runtime?: string;
}

export interface CallInvocation extends ConversationFlags {
  readonly command: 'call';
  readonly url: string;
  readonly tool: string;
  readonly args: Record<string, unknown>;
}

export type Invocation =
  /** Help, or the version: all there is to do is to print it. */
  { readonly command: 'print'; readonly text: string } | DevInvocation | TalkInvocation | CallInvocation;
