import { FRESH_PERMISSION_PAUSES_MS } from '../common/fresh-permissions';
import { RETRY_POLICY } from '../common/retry';
import type { AwsCallPolicy } from './aws/aws-calls';

/** How long things are waited for and tried. */
export interface ReleaseCheckSettings extends AwsCallPolicy {
  /** How long the server may take to begin a session. */
  readonly connectTimeoutMs: number;
  /** How long a run may take, over all invocations. It has to end before the custom resource's own time limit. */
  readonly runMs: number;
  /** What is kept of an invocation for the log of the session, the answer, or the next invocation. */
  readonly reservedMs: number;
}

export const SETTINGS: ReleaseCheckSettings = {
  retries: RETRY_POLICY,
  denialPausesMs: FRESH_PERMISSION_PAUSES_MS,
  // AgentCore gives a container 120 seconds.
  connectTimeoutMs: 150_000,
  // The longest time limit of a custom resource is an hour.
  runMs: 54 * 60_000,
  reservedMs: 45_000,
};
