import { Duration } from 'aws-cdk-lib';

/** https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-lifecycle-settings.html */
export const DEFAULT_IDLE_TIMEOUT = Duration.minutes(15);
export const DEFAULT_MAX_LIFETIME = Duration.hours(8);

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
