/** Whoever sends a request. */
export interface Caller {
  /** The same for all requests of one caller, different for others; undefined where callers are not told apart. */
  readonly identity: string | undefined;
}

/** Where nobody is asked who they are. */
export const ANYBODY: Caller = { identity: undefined };
