import type { LocalRuntimeDefinition, PlatformSettings } from 'stateful-mcp-local';

/** Which URLs require authentication, from all to none. */
export const AUTH_SCOPES = ['all', 'platform-urls', 'off'] as const;

export const ISOLATIONS = ['none', 'bubblewrap'] as const;

export const PROTOCOLS = ['mcp', 'http'] as const;

export const ID_ISSUERS = ['server', 'platform'] as const;

export const REQUESTS_WITHOUT_SESSION = ['shared', 'new-session'] as const;

export const SERVER_LANGUAGES = ['typescript', 'python'] as const;
export type ServerLanguage = (typeof SERVER_LANGUAGES)[number];

export const CDK_LANGUAGES = ['typescript', 'python', 'none'] as const;
export type CdkLanguage = (typeof CDK_LANGUAGES)[number];

/** How the conversation is held, in `talk` and `call`. */
export interface ConversationFlags {
  readonly yes: boolean;
  readonly answers?: string;
  readonly sampling: SamplingChoice;
}

export type SamplingChoice = { readonly by: 'scripted' } | { readonly by: 'bedrock'; readonly modelId: string };

/** How requests show who sends them. Secrets are not part of it: only where to read them. */
export type AuthChoice =
  /** SigV4 where AgentCore is called, else nothing. */
  | { readonly by: 'default' }
  | { readonly by: 'sigv4'; readonly profile?: string; readonly region?: string }
  | { readonly by: 'bearer'; readonly from: SecretSource }
  | OAuthChoice
  | {
      readonly by: 'client-credentials';
      readonly clientId: string;
      readonly clientSecret: SecretSource;
      readonly scopes: readonly string[];
    };

export interface OAuthChoice {
  readonly by: 'oauth';
  readonly clientId?: string;
  readonly clientSecret?: SecretSource;
  readonly scopes: readonly string[];
  readonly metadataUrl?: string;
  readonly callbackPort?: number;
  /** Whether a browser may be opened. */
  readonly browser: boolean;
}

/** Where a secret is read from: the command line is in the list of processes, and in the history of the shell. */
export type SecretSource = { readonly variable: string } | 'stdin';

/** A server that runs already, and how it is reached. */
export interface TargetFlags {
  /** A URL, the ARN of a runtime or of one of its endpoints, or `stack:STACK/OUTPUT`. */
  readonly address: string;
  readonly qualifier?: string;
  /** Region of the stack. */
  readonly region?: string;
  readonly auth: AuthChoice;
}

/** Which servers are started, and where, in `dev` and `talk`. */
export interface ServerFlags {
  readonly app?: string;
  readonly port?: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Context values for the app. */
  readonly context: Readonly<Record<string, string>>;
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
  /** The server to talk to, where it is none of the app. */
  readonly target?: TargetFlags;
}

export interface CallInvocation extends ConversationFlags {
  readonly command: 'call';
  readonly target: TargetFlags;
  readonly tool: string;
  readonly args: Record<string, unknown>;
}

/** Who a person is to a server that takes tokens. */
export interface IdentityInvocation {
  readonly command: 'login' | 'logout' | 'whoami';
  readonly target: TargetFlags & { readonly auth: OAuthChoice };
  readonly json: boolean;
}

export interface ProxyInvocation {
  readonly command: 'proxy';
  readonly target: TargetFlags;
}

/** What is left out is asked, or has its default. */
export interface InitInvocation {
  readonly command: 'init';
  readonly directory?: string;
  readonly server?: ServerLanguage;
  readonly cdk?: CdkLanguage;
  readonly yes: boolean;
}

export type Invocation =
  /** Help, or the version: all there is to do is to print it. */
  | { readonly command: 'print'; readonly text: string }
  | DevInvocation
  | TalkInvocation
  | CallInvocation
  | IdentityInvocation
  | ProxyInvocation
  | InitInvocation;
