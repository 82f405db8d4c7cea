/** The protocol eras: *legacy* is 2025-11-25 and earlier (a session), *modern* is 2026-07-28 (no session). */
export type CheckEra = 'legacy' | 'modern';

/** What a user does with a question: in the same form as the answers file of the command. */
export type CheckAnswer =
  | 'accept'
  | 'decline'
  | 'cancel'
  | { readonly accept: Readonly<Record<string, unknown>>; readonly question?: string }
  | { readonly action: 'accept' | 'decline' | 'cancel'; readonly question?: string };

/**
 * What a server has to do before it is released: a JSON file, or `McpCheck` in an app. Unit tests, the command `check`,
 * a release and its watch read the same form.
 */
export interface CheckDefinition {
  /** Protocol eras that have to work. `['legacy']` when left out. */
  readonly eras?: readonly CheckEra[];
  /** Whether the server keeps sessions in the legacy era: `true` when left out. */
  readonly sessions?: boolean;
  /** Names of tools that have to be listed. Others may be, too. */
  readonly tools?: readonly string[];
  /** Names of prompts that have to be listed. */
  readonly prompts?: readonly string[];
  /** URIs of resources, or templates of URIs, that have to be listed. */
  readonly resources?: readonly string[];
  /** Tool calls with all that is said in them, held one after the other in one session for each era. */
  readonly conversations?: readonly CheckConversation[];
  /** Bounds on time; without it nothing but the timeouts of the client bounds it. */
  readonly latency?: CheckLatency;
  /** So many first calls at the same time, each in a session of its own: 1 to 10. None when left out. */
  readonly parallelFirstCalls?: number;
  /**
   * Changes against the version that is live which are intended, such as `tool:add_expense`, `prompt:NAME` or
   * `resource:URI`. Others that break a client fail the check.
   */
  readonly allowedChanges?: readonly string[];
}

/** Bounds on time, in milliseconds. */
export interface CheckLatency {
  /** From the first request of a session that is new to its response: the cold start. It is not waited for longer. */
  readonly firstCallMs?: number;
  /** The fastest of three `tools/list` in a session that is up. */
  readonly warmCallMs?: number;
}

/** One tool call. */
export interface CheckConversation {
  /** How reports name it; the name of the tool when left out. */
  readonly name?: string;
  readonly tool: string;
  readonly arguments?: Readonly<Record<string, unknown>>;
  /** Answers to its questions, each used once, all of them. A question that has none fails the check. */
  readonly elicitation?: readonly CheckAnswer[];
  /** Texts, or results of `sampling/createMessage`, that the model gives, each used once, all of them. */
  readonly sampling?: readonly (string | Readonly<Record<string, unknown>>)[];
  /** Progress notifications to expect; any, or none, when left out. */
  readonly progress?: CheckProgress;
  /** What the result has to be; any that is no error when left out. */
  readonly result?: CheckResult;
  /** How long the call may take, in milliseconds: 60000 when left out. */
  readonly timeoutMs?: number;
}

/** Expected progress. It has to rise, as the protocol wants it, wherever there is any. */
export interface CheckProgress {
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** The expected result of a tool. Each member that is given has to hold. */
export interface CheckResult {
  /** Whether it has to be an error of the tool: `false` when left out. */
  readonly isError?: boolean;
  /** A part of the text. */
  readonly text?: string;
  /** A regular expression, without slashes, that matches the text. */
  readonly matches?: string;
  /** Members that `structuredContent` has to have, with these values; objects are compared by the members given. */
  readonly structuredContent?: Readonly<Record<string, unknown>>;
}
