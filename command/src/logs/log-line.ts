/** One line of a log. */
export interface LogLine {
  readonly at: Date;
  /** Log group, or the URL of a `dev`. */
  readonly from: string;
  /** Log stream, or the session. */
  readonly stream?: string;
  readonly message: string;
}

/** Which lines are wanted, and for how long. */
export interface LogQuery {
  readonly since: Date;
  /** Text that a line contains. */
  readonly filter?: string;
  /** Whether to wait for more. */
  readonly follow: boolean;
  readonly signal: AbortSignal;
}
