import {
  DEFAULT_IDLE_TIMEOUT_SECONDS,
  DEFAULT_MAX_LIFETIME_SECONDS,
  IDLE_TIMEOUT_VARIABLE,
  LONGEST_LIFECYCLE_SECONDS,
  MAX_LIFETIME_VARIABLE,
} from 'stateful-mcp-contract';
import { ServerKitError } from '../common/errors';

export interface LifecycleSettings {
  readonly idleTimeoutMs: number;
  readonly maxLifetimeMs: number;
}

/**
 * How long a session may be idle, and live. As on the platform, an idle timeout that is not given is never above the
 * lifetime.
 * @param environment - where the runtime's settings are looked for
 * @throws ServerKitError `ERR_INVALID_OPTION`
 */
export function lifecycleSettings(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): LifecycleSettings {
  const idleTimeoutMs = milliseconds(environment, IDLE_TIMEOUT_VARIABLE);
  const maxLifetimeMs = milliseconds(environment, MAX_LIFETIME_VARIABLE) ?? DEFAULT_MAX_LIFETIME_SECONDS * 1000;
  if (idleTimeoutMs !== undefined && idleTimeoutMs > maxLifetimeMs) {
    throw new ServerKitError(
      'ERR_INVALID_OPTION',
      `\`${IDLE_TIMEOUT_VARIABLE}\` must be at most \`${MAX_LIFETIME_VARIABLE}\` (${maxLifetimeMs / 1000}), got ${idleTimeoutMs / 1000}`,
    );
  }
  return {
    idleTimeoutMs: idleTimeoutMs ?? Math.min(DEFAULT_IDLE_TIMEOUT_SECONDS * 1000, maxLifetimeMs),
    maxLifetimeMs,
  };
}

function milliseconds(environment: Readonly<Record<string, string | undefined>>, variable: string): number | undefined {
  const text = environment[variable];
  if (!text) {
    return undefined;
  }
  const seconds = /^\d+$/.test(text) ? Number(text) : 0;
  if (seconds >= 1 && seconds <= LONGEST_LIFECYCLE_SECONDS) {
    return seconds * 1000;
  }
  throw new ServerKitError(
    'ERR_INVALID_OPTION',
    `\`${variable}\` must be a whole number of seconds from 1 to ${LONGEST_LIFECYCLE_SECONDS}, got ${JSON.stringify(text)}`,
  );
}
