import { TransientFailure } from './retry';

/** The status of the response that an error of the AWS SDK stands for; undefined where there was none. */
export function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}

/**
 * Calls the AWS SDK. It tries again by itself within a second or so; what may be tried again later than that becomes a
 * `TransientFailure`.
 */
export async function calling<T>(send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    const status = statusOf(error);
    const throttled =
      status === 429 || (error instanceof Error && /Throttl|TooMany(Requests|Updates)/.test(error.name));
    if (throttled || status === undefined || status >= 500) {
      throw new TransientFailure(error instanceof Error ? error.message : String(error), {
        status: throttled ? 429 : status,
        cause: error,
      });
    }
    throw error;
  }
}
