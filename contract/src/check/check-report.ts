import type { CheckEra } from './check-definition';

/**
 * What came of a check. *inconclusive*: the server could not be judged, since the platform throttled, a control plane or
 * an authorization server was down.
 */
export type CheckVerdict = 'pass' | 'fail' | 'inconclusive';

/** One thing that was looked at. */
export interface CheckFinding {
  /** What was looked at, such as `tools`, `session-affinity` or `conversation add_expense`. */
  readonly check: string;
  readonly verdict: CheckVerdict;
  readonly era?: CheckEra;
  /** In one sentence each; of a finding that passed, nothing. No value of a user and no secret is in them. */
  readonly expected?: string;
  readonly got?: string;
  readonly durationMs?: number;
}

/** What a server offers: its promise to clients, which a later version has to keep. */
export interface ServerContract {
  readonly tools: readonly ContractTool[];
  readonly prompts: readonly ContractPrompt[];
  readonly resources: readonly string[];
}

export interface ContractTool {
  readonly name: string;
  readonly description?: string;
  readonly inputSchema: Readonly<Record<string, unknown>>;
  readonly outputSchema?: Readonly<Record<string, unknown>>;
}

export interface ContractPrompt {
  readonly name: string;
  readonly description?: string;
  readonly arguments?: readonly { readonly name: string; readonly required?: boolean }[];
}

/** The whole outcome of a check. */
export interface CheckReport {
  /** The worst of the findings: `fail` before `inconclusive` before `pass`. */
  readonly verdict: CheckVerdict;
  readonly findings: readonly CheckFinding[];
  /** What the server offers; `undefined` when it could not be listed. */
  readonly contract?: ServerContract;
  /** Words of tools, prompts and resources that changed against the live version: reported, never a failure. */
  readonly changes: readonly string[];
  readonly durationMs: number;
  /** Cold and warm, in milliseconds, where they were measured. */
  readonly latency: { readonly firstCallMs?: number; readonly warmCallMs?: number };
  /** Methods, names and times of the messages; no argument, no content, no token. */
  readonly transcript: readonly string[];
}
