import { setTimeout as delay } from 'node:timers/promises';

/**
 * Half a minute in all: what IAM has been given takes effect within seconds
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html).
 */
export const FRESH_PERMISSION_PAUSES_MS: readonly number[] = [2000, 4000, 8000, 16_000];

/**
 * Repeats what was denied: in a deployment that has just created the permission, the first request may come before the
 * permission.
 *
 * @param denials - codes of the failures that a permission can mend
 */
export async function withFreshPermissions<T>(
  denials: readonly string[],
  pausesMs: readonly number[],
  signal: AbortSignal,
  operation: () => Promise<T>,
): Promise<T> {
  for (const pauseMs of pausesMs) {
    try {
      return await operation();
    } catch (error) {
      if (!isOneOf(denials, error)) {
        throw error;
      }
      console.warn(
        `${error.code}: ${error.message}; it may be that a new permission has not taken effect, trying again in ${pauseMs / 1000} s`,
      );
    }
    await delay(pauseMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
  return operation();
}

function isOneOf(codes: readonly string[], error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && codes.some(code => code === (error as NodeJS.ErrnoException).code);
}
