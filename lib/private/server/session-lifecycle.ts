import { Duration } from 'aws-cdk-lib';
import { DEFAULT_IDLE_TIMEOUT_SECONDS, DEFAULT_MAX_LIFETIME_SECONDS } from '../common/contract';

export const DEFAULT_IDLE_TIMEOUT = Duration.seconds(DEFAULT_IDLE_TIMEOUT_SECONDS);
export const DEFAULT_MAX_LIFETIME = Duration.seconds(DEFAULT_MAX_LIFETIME_SECONDS);

export interface SessionLifecycle {
  readonly idleTimeout?: Duration;
  readonly maxLifetime?: Duration;
}

/**
 * The limits of a session with the documented defaults filled in, so that the template says all of it.
 *
 * A session that lives at most 15 minutes may idle as long as it lives. Where that cannot be known, because the
 * lifetime is an unresolved token, the idle timeout stays out and the service applies the same rule.
 */
export function withDefaults({ idleTimeout, maxLifetime = DEFAULT_MAX_LIFETIME }: SessionLifecycle): SessionLifecycle {
  if (idleTimeout !== undefined || maxLifetime.isUnresolved()) {
    return { idleTimeout, maxLifetime };
  }
  const shorter = maxLifetime.toSeconds() < DEFAULT_IDLE_TIMEOUT.toSeconds() ? maxLifetime : DEFAULT_IDLE_TIMEOUT;
  return { idleTimeout: shorter, maxLifetime };
}
