import { setTimeout as delay } from 'node:timers/promises';

/** Something that may go well when it is tried again: a broken connection, status 429, a server error. */
export class TransientFailure extends Error {
  /** The status of the response, where there was one. */
  public readonly status?: number;
  /** How long the server asked to wait. */
  public readonly retryAfterMs?: number;

  public constructor(
    message: string,
    options: { readonly status?: number; readonly retryAfterMs?: number; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.status = options.status;
    this.retryAfterMs = options.retryAfterMs;
  }
}

export interface RetryPolicy {
  /** How often a thing is tried in all, when nothing of it succeeds. */
  readonly attempts: number;
  /** The pause before the second attempt. Each further one doubles it, up to `longestPauseMs`. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** A server that asks for a longer wait than this is not asked again. */
  readonly longestRetryAfterMs: number;
}

/**
 * About half a minute of trying, which outlasts the limit of one anonymous pull a second of the public AWS registry.
 */
export const RETRY_POLICY: RetryPolicy = {
  attempts: 8,
  firstPauseMs: 400,
  longestPauseMs: 15_000,
  longestRetryAfterMs: 60_000,
};

/** Does something until it succeeds, fails for good, or has been tried often enough. The last failure is thrown. */
export async function withRetries<T>(
  policy: RetryPolicy,
  signal: AbortSignal,
  operation: (attempt: number) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await operation(attempt);
    } catch (failure) {
      await pauseAfter(failure, attempt, policy, signal);
    }
  }
}

/** Waits before the next attempt, or throws the failure where there should be none. */
export async function pauseAfter(
  failure: unknown,
  attempt: number,
  policy: RetryPolicy,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  if (
    !(failure instanceof TransientFailure) ||
    attempt >= policy.attempts ||
    (failure.retryAfterMs ?? 0) > policy.longestRetryAfterMs
  ) {
    throw failure;
  }
  const backoff = Math.min(policy.firstPauseMs * 2 ** (attempt - 1), policy.longestPauseMs);
  // Several deployments that were refused together must not come back together.
  const pause = Math.max(backoff * (0.5 + Math.random() / 2), failure.retryAfterMs ?? 0);
  await delay(pause, undefined, { signal }).catch(() => signal.throwIfAborted());
}

/** The header `Retry-After`, in seconds or as a date, in milliseconds from now. */
export function parseRetryAfter(header: string | undefined, now = Date.now()): number | undefined {
  if (header === undefined) {
    return undefined;
  }
  const milliseconds = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isNaN(milliseconds) ? undefined : Math.max(milliseconds, 0);
}
