import { FRESH_PERMISSION_PAUSES_MS } from '../common/fresh-permissions';
import { RETRY_POLICY, type RetryPolicy } from '../common/retry';

/** How long things are waited for and tried. */
export interface ReleaseCheckSettings {
  readonly retries: RetryPolicy;
  readonly denialPausesMs: readonly number[];
  /** How long a run may take, over all invocations. It has to end before the custom resource's own time limit. */
  readonly runMs: number;
  /** What is kept of an invocation for the log of the session, the answer, or the next invocation. */
  readonly reservedMs: number;
}

/** The longest time limit of a custom resource is an hour. */
export const SETTINGS: ReleaseCheckSettings = {
  retries: RETRY_POLICY,
  denialPausesMs: FRESH_PERMISSION_PAUSES_MS,
  runMs: 54 * 60_000,
  reservedMs: 45_000,
};
