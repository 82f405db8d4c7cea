import type { CheckReport, Prompt, Resource, Tool } from 'stateful-mcp-client';

/** `call --json`, each line of `chat --json`, and each call of `talk --json`. */
export interface CallDocument {
  /** URL of the server. */
  server: string;
  /** The session that the call was in; left out where the server keeps none. */
  session?: string;
  tool: string;
  arguments: Record<string, unknown>;
  /** Whether the tool said that it has failed. Then the exit code is 1. */
  isError: boolean;
  /** Blocks of the result, as MCP has them. */
  content: unknown[];
  structuredContent?: unknown;
}

/** `talk --json`. */
export interface TalkDocument {
  server: string;
  session?: string;
  calls: CallDocument[];
  /** What the embedded tables have in them; empty for a server that runs elsewhere. */
  tables: { name: string; items: string[] }[];
}

/** `tools --json`. */
export interface ToolsDocument {
  server: string;
  session?: string;
  /** As in MCP's `tools/list`; `describe` gives the one. */
  tools: Tool[];
}

/** `prompts --json`. */
export interface PromptsDocument {
  server: string;
  session?: string;
  /** As in MCP's `prompts/list`; `describe` gives the one. */
  prompts: Prompt[];
}

/** `prompts get NAME --json`. */
export interface PromptDocument {
  server: string;
  session?: string;
  prompt: string;
  description?: string;
  /** As in MCP's `prompts/get`. */
  messages: unknown[];
}

/** `resources --json`. */
export interface ResourcesDocument {
  server: string;
  session?: string;
  /** As in MCP's `resources/list`; `describe` gives the one. */
  resources: Resource[];
  /** As in MCP's `resources/templates/list`. */
  templates: unknown[];
}

/** `resources get URI --json`. */
export interface ResourceDocument {
  server: string;
  session?: string;
  uri: string;
  /** As in MCP's `resources/read`; binary contents are base64. */
  contents: unknown[];
}

/** `init --json`. Nothing is asked: what is not passed has its default. */
export interface InitDocument {
  /** Absolute. */
  directory: string;
  /** Of the server and its package. */
  name: string;
  server: 'typescript' | 'python';
  cdk: 'typescript' | 'python' | 'none';
  /** What was written, relative to `directory`. */
  files: string[];
  /** The commands for what comes next, to be run in `directory`. */
  next: string[];
}

/** `login --json`, `logout --json` and `whoami --json`. */
export interface IdentityDocument {
  server: string;
  signedIn: boolean;
  issuer?: string;
  subject?: string;
  scopes?: string[];
  /** ISO 8601. */
  expiresAt?: string;
  /** Whether the tokens are renewed without a person. */
  renewable?: boolean;
}

/** `install --json`. */
export interface InstallDocument {
  host: string;
  /** Of the server in the host. */
  name: string;
  file: string;
  change: 'added' | 'replaced' | 'unchanged' | 'removed' | 'absent';
  /** The copy of what the file said before; left out where it was not changed, or is new. */
  backup?: string;
}

/** `install --print --json`. */
export interface PrintedInstallDocument {
  host: string;
  name: string;
  /** Where it belongs. */
  file: string;
  /** What the file would get under the name. */
  entry: unknown;
}

/** `sessions --json`: what the store knows. Whether they live, nobody can tell without starting them. */
export interface SessionsDocument {
  sessions: {
    name: string;
    server: string;
    session: string;
    /** AgentCore's own id of it. */
    runtimeSession?: string;
    /** ISO 8601. */
    startedAt: string;
    /** ISO 8601. */
    lastUsedAt: string;
  }[];
}

/** `stop --json`. */
export interface StopDocument {
  stopped: {
    /** Left out for a session that is not in the store. */
    name?: string;
    server: string;
    session: string;
    /** Whether it is over, now or before. */
    ended: boolean;
    /** Why not. */
    error?: string;
  }[];
}

/** `versions --json`: the newest version first. */
export interface VersionsDocument {
  /** ARN of the runtime, or its id where the URL has no ARN. */
  runtime: string;
  versions: {
    version: string;
    status: string;
    /** ISO 8601. */
    updatedAt?: string;
    /** Endpoints that serve it. */
    endpoints: string[];
    /** What the record of the release says of it; left out where it says nothing. */
    checked?: { verdict: string; checkedAt: string };
  }[];
  endpoints: { name: string; status: string; version: string }[];
  /** Why the record could not be read. */
  recordProblem?: string;
}

/** `promote --json` and `rollback --json`. */
export interface MovedDocument {
  runtime: string;
  endpoint: string;
  version: string;
  /** The version that it served before. */
  before: string;
  /** What people have to know of that. */
  notes: string[];
}

/** `check --json`: the findings, what the server offers, and what was sent. */
export type CheckDocument = CheckReport;

/** Each line of `logs --json`. */
export interface LogDocument {
  /** ISO 8601. */
  at: string;
  /** Log group in CloudWatch Logs, or the URL of a `dev` of this machine. */
  from: string;
  /** Log stream, or the session of a `dev`. */
  stream?: string;
  message: string;
}

/** `doctor --json`. */
export interface DoctorDocument {
  /** What was named; left out when it was this machine alone. */
  target?: string;
  /** Whether no check has failed. */
  healthy: boolean;
  checks: {
    /** Stays the same from version to version. */
    id: string;
    status: 'ok' | 'warning' | 'failed' | 'skipped';
    found: string;
    expected: string;
    /** Left out for what is as expected. */
    fix?: string;
  }[];
}

/** `cost --json`. All amounts are US dollars. */
export interface CostDocument {
  assumptions: {
    sessions: number;
    minutes: number;
    cpuSeconds: number;
    memoryMegabytes: number;
    idleTimeoutSeconds: number;
    maxLifetimeSeconds: number;
  };
  /** One session that is left alone, until its idle timeout. */
  session: { cpu: number; memory: number; idle: number; total: number };
  /** All of them. */
  total: number;
  /** All of them, if each is ended with its last request. */
  totalWhenEnded: number;
  /** The most that one session can cost: 2 vCPU and 8 GB for the whole maximum lifetime. */
  mostOfOneSession: number;
  prices: { perVcpuHour: number; perGigabyteHour: number; source: string; asOf: string };
}

/** `completion --json`. */
export interface CompletionDocument {
  shell: 'bash' | 'zsh' | 'fish';
  /** What the shell reads. */
  script: string;
}

/** Each line of `dev --json`. */
export type DevDocument =
  /** A runtime is served. */
  | {
      type: 'serving';
      runtime: string;
      url: string;
      invocationUrl: string;
      idleTimeoutSeconds: number;
      maxLifetimeSeconds: number;
    }
  | { type: 'log'; runtime?: string; session?: string; pid?: number; stream: string; message: string }
  | { type: 'session-started'; runtime: string; session: string; pid: number }
  | {
      type: 'session-stopped';
      runtime: string;
      session: string;
      reason: string;
      exitCode: number | null;
      signal: string | null;
      estimatedUsd: number;
    }
  /** Anything else that the command says. */
  | { type: 'note'; message: string };
