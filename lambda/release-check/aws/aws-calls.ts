import { withFreshPermissions } from '../../common/fresh-permissions';
import { withRetries, type RetryPolicy } from '../../common/retry';
import { calling, statusOf } from '../../common/sdk-failure';
import { ReleaseCheckError, type ReleaseCheckErrorCode } from '../common/failures';

/** How calls of AWS are tried again. */
export interface AwsCallPolicy {
  readonly retries: RetryPolicy;
  /** Pauses after a denial, since a permission may be newer than it takes to have effect. */
  readonly denialPausesMs: readonly number[];
}

/**
 * Calls AWS. What is throttled or fails is tried again, and what is denied as well, for a while.
 *
 * @param what - what is done, as a verb in -ing and its objects
 * @throws ReleaseCheckError with the code `denied` when it stays denied; `TransientFailure` when it keeps failing
 */
export function callAws<T>(
  policy: AwsCallPolicy,
  what: string,
  denied: ReleaseCheckErrorCode,
  signal: AbortSignal,
  send: () => Promise<T>,
): Promise<T> {
  return withFreshPermissions([denied], policy.denialPausesMs, signal, () =>
    withRetries(policy.retries, signal, async () => {
      try {
        return await calling(send);
      } catch (error) {
        throw isDenial(error) ? new ReleaseCheckError(denied, `${what}: ${error.message}`, { cause: error }) : error;
      }
    }),
  );
}

function isDenial(error: unknown): error is Error {
  return error instanceof Error && (statusOf(error) === 403 || /AccessDenied|NotAuthorized/.test(error.name));
}

/** Whether AWS says that there is no such thing. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && (statusOf(error) === 404 || /NotFound/.test(error.name));
}
