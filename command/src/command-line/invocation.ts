import type { LocalRuntimeDefinition, PlatformSettings } from 'stateful-mcp-local';

/** Which URLs require authentication, from all to none. */
export const AUTH_SCOPES = ['all', 'platform-urls', 'off'] as const;

export const ISOLATIONS = ['none', 'bubblewrap'] as const;

export const PROTOCOLS = ['mcp', 'http'] as const;

export const ID_ISSUERS = ['server', 'platform'] as const;

export const REQUESTS_WITHOUT_SESSION = ['shared', 'new-session'] as const;

/** Programs that people use MCP servers with. */
export const HOST_NAMES = [
  'claude',
  'claude-desktop',
  'vscode',
  'kiro',
  'cursor',
  'gemini',
  'goose',
  'inspector',
] as const;

export type HostName = (typeof HOST_NAMES)[number];

/** For whom a server is installed: one user in all projects, or everybody who works on the project. */
export const INSTALL_SCOPES = ['user', 'project'] as const;

export type InstallScope = (typeof INSTALL_SCOPES)[number];

/** Programs that stand between a host and a server. */
export const PROXIES = ['proxy', 'mcp-proxy-for-aws'] as const;

export const SERVER_LANGUAGES = ['typescript', 'python'] as const;
export type ServerLanguage = (typeof SERVER_LANGUAGES)[number];

export const CDK_LANGUAGES = ['typescript', 'python', 'none'] as const;
export type CdkLanguage = (typeof CDK_LANGUAGES)[number];

/** How the conversation is held, in `talk` and `call`. */
export interface ConversationFlags {
  readonly yes: boolean;
  readonly answers?: string;
  readonly sampling: SamplingChoice;
  /** Most tokens that the answers to sampling requests may have together. */
  readonly maxTokens?: number;
}

export type SamplingChoice =
  { readonly by: 'scripted' } | { readonly by: 'editor' } | { readonly by: 'bedrock'; readonly modelId: string };

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
  readonly json: boolean;
}

/** A release as a deployment of the app would make it. */
export interface ReleaseRehearsal {
  /** Whether a version that does not speak MCP comes after it, to see it refused. */
  readonly badVersion: boolean;
}

export interface TalkInvocation extends ConversationFlags, ServerFlags {
  readonly command: 'talk';
  readonly tools: readonly string[];
  /** How the server is released before it is called; left out for a version that is called at once. */
  readonly release?: ReleaseRehearsal;
  readonly runtime?: string;
  /** The server to talk to, where it is none of the app. */
  readonly target?: TargetFlags;
  readonly program?: readonly string[];
  readonly json: boolean;
}

export interface CallInvocation extends ConversationFlags {
  readonly command: 'call';
  readonly target: TargetFlags;
  readonly tool: string;
  readonly args: Record<string, unknown>;
  /** Name of the session that is kept for the next call. */
  readonly session?: string;
  readonly json: boolean;
}

export interface CheckInvocation extends ServerFlags {
  readonly command: 'check';
  /** The file of the check. Left out, for an app alone, it is the check of its release. */
  readonly check?: string;
  readonly runtime?: string;
  /** The server to check, where it is not started for that. */
  readonly target?: TargetFlags;
  /** A server that runs already, or a file with what one offered. */
  readonly compareWith?: string;
  readonly requiresToken: boolean;
  readonly transcript: boolean;
  readonly json: boolean;
  readonly program?: readonly string[];
}

/** What a server offers: `tools`, `prompts` or `resources`. */
export interface CatalogInvocation {
  readonly command: 'tools' | 'prompts' | 'resources';
  readonly target: TargetFlags;
  readonly wanted:
    | { readonly verb: 'list' }
    | { readonly verb: 'describe'; readonly name: string }
    | { readonly verb: 'get'; readonly name: string; readonly args: Readonly<Record<string, string>> };
  readonly session?: string;
  readonly json: boolean;
}

/** Many calls in one session, of a server that runs already or is started for it. */
export interface ChatInvocation extends ConversationFlags, ServerFlags {
  readonly command: 'chat';
  readonly target?: TargetFlags;
  readonly runtime?: string;
  readonly program?: readonly string[];
  readonly session?: string;
  readonly json: boolean;
}

export interface SessionsInvocation {
  readonly command: 'sessions';
  readonly json: boolean;
}

/** Which kept sessions end, or one that is known by its id alone. */
export interface StopInvocation {
  readonly command: 'stop';
  readonly which:
    | { readonly by: 'all' }
    | { readonly by: 'name'; readonly name: string }
    | { readonly by: 'id'; readonly id: string };
  readonly target?: TargetFlags;
  readonly auth: AuthChoice;
  readonly json: boolean;
}

/** Log groups that a deployed runtime writes to. */
export const LOG_SOURCES = ['server', 'application', 'usage'] as const;

export interface LogsInvocation {
  readonly command: 'logs';
  /** A deployed runtime; left out for a `dev` of this machine. */
  readonly target?: TargetFlags;
  /** Port of the `dev`, where several run. */
  readonly port?: number;
  readonly source: (typeof LOG_SOURCES)[number];
  readonly sinceMs: number;
  readonly filter?: string;
  readonly follow: boolean;
  readonly json: boolean;
}

export interface DoctorInvocation {
  readonly command: 'doctor';
  /** Left out for this machine alone. */
  readonly target?: TargetFlags;
  readonly profile?: string;
  readonly json: boolean;
}

/** What a session does, in the terms of its price. */
export interface CostInvocation {
  readonly command: 'cost';
  /** Whose lifetimes are taken, where they are not given. */
  readonly target?: TargetFlags;
  readonly sessions: number;
  readonly minutes: number;
  readonly cpuSeconds: number;
  readonly memoryMegabytes: number;
  readonly idleTimeoutSeconds?: number;
  readonly maxLifetimeSeconds?: number;
  readonly json: boolean;
}

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof SHELLS)[number];

/** The script that a shell reads, or what it asks while somebody types. */
export type CompletionInvocation =
  | { readonly command: 'completion'; readonly shell: Shell; readonly json: boolean }
  | { readonly command: 'complete'; readonly words: readonly string[] };

/** Who a person is to a server that takes tokens. */
export interface IdentityInvocation {
  readonly command: 'login' | 'logout' | 'whoami';
  readonly target: TargetFlags & { readonly auth: OAuthChoice };
  readonly json: boolean;
}

/** The versions of a deployed server, and which of them an endpoint serves. */
export interface ReleaseInvocation {
  readonly command: 'versions' | 'promote' | 'rollback';
  readonly target: TargetFlags;
  readonly version?: string;
  readonly endpoint: string;
  readonly json: boolean;
}

export interface ProxyInvocation {
  readonly command: 'proxy';
  readonly target: TargetFlags;
}

export interface InstallInvocation {
  readonly command: 'install';
  readonly host: HostName;
  /** Not needed to take a server out again by its name. */
  readonly target?: TargetFlags;
  readonly name?: string;
  readonly scope: InstallScope;
  /** The program in between. Default: none where the host reaches the server by itself. */
  readonly through?: (typeof PROXIES)[number];
  /** Metadata of the authorization server, for hosts that are to read these alone. */
  readonly serverMetadataUrl?: string;
  readonly action: 'write' | 'print' | 'uninstall';
  readonly json: boolean;
}

/** What is left out is asked, or has its default. */
export interface InitInvocation {
  readonly command: 'init';
  readonly directory?: string;
  readonly server?: ServerLanguage;
  readonly cdk?: CdkLanguage;
  readonly yes: boolean;
  readonly json: boolean;
}

export type Invocation =
  /** Help, or the version: all there is to do is to print it. */
  | { readonly command: 'print'; readonly text: string }
  | DevInvocation
  | TalkInvocation
  | CallInvocation
  | CheckInvocation
  | ReleaseInvocation
  | CatalogInvocation
  | ChatInvocation
  | SessionsInvocation
  | StopInvocation
  | LogsInvocation
  | DoctorInvocation
  | CostInvocation
  | CompletionInvocation
  | IdentityInvocation
  | ProxyInvocation
  | InitInvocation
  | InstallInvocation;
