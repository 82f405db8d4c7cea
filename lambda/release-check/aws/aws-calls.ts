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
 * @throws ReleaseCheckError with the code `refused` when it stays denied, or the service has another reason, such as a
 * quota; `TransientFailure` when it keeps failing; the error of the SDK where there is no such thing
 */
export async function callAws<T>(
  policy: AwsCallPolicy,
  what: string,
  refused: ReleaseCheckErrorCode,
  signal: AbortSignal,
  send: () => Promise<T>,
): Promise<T> {
  const refusal = (error: Error): ReleaseCheckError =>
    new ReleaseCheckError(refused, `${what}: ${error.message}`, { cause: error });
  try {
    return await withFreshPermissions([refused], policy.denialPausesMs, signal, () =>
      withRetries(policy.retries, signal, async () => {
        try {
          return await calling(send);
        } catch (error) {
          throw isDenial(error) ? refusal(error) : error;
        }
      }),
    );
  } catch (error) {
    throw isAnswer(error) && !isMissing(error) ? refusal(error) : error;
  }
}

function isDenial(error: unknown): error is Error {
  return error instanceof Error && (statusOf(error) === 403 || /AccessDenied|NotAuthorized/.test(error.name));
}

function isAnswer(error: unknown): error is Error {
  return error instanceof Error && statusOf(error) !== undefined;
}

/** Whether AWS says that there is no such thing. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && (statusOf(error) === 404 || /NotFound/.test(error.name));
}
