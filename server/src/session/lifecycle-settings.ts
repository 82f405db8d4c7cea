import { ServerKitError } from '../common/errors';

/** The environment variables that tell a server the lifecycle settings of its AgentCore runtime. */
export const IDLE_TIMEOUT_VARIABLE = 'STATEFUL_MCP_IDLE_TIMEOUT_SECONDS';
export const MAX_LIFETIME_VARIABLE = 'STATEFUL_MCP_MAX_LIFETIME_SECONDS';

/**
 * The defaults of an AgentCore runtime ("Configure lifecycle settings" of the AgentCore developer guide): 15 minutes
 * and 8 hours.
 */
const DEFAULT_IDLE_TIMEOUT_MS = 900_000;
const DEFAULT_MAX_LIFETIME_MS = 28_800_000;

/**
 * The longest that a runtime may live, 14 days (the `LifecycleConfiguration` shape in the service model of
 * CreateAgentRuntime).
 */
const MAX_SECONDS = 1_209_600;

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
  const maxLifetimeMs = milliseconds(environment, MAX_LIFETIME_VARIABLE) ?? DEFAULT_MAX_LIFETIME_MS;
  if (idleTimeoutMs !== undefined && idleTimeoutMs > maxLifetimeMs) {
    throw new ServerKitError(
      'ERR_INVALID_OPTION',
      `\`${IDLE_TIMEOUT_VARIABLE}\` must be at most \`${MAX_LIFETIME_VARIABLE}\` (${maxLifetimeMs / 1000}), got ${idleTimeoutMs / 1000}`,
    );
  }
  return { idleTimeoutMs: idleTimeoutMs ?? Math.min(DEFAULT_IDLE_TIMEOUT_MS, maxLifetimeMs), maxLifetimeMs };
}

function milliseconds(environment: Readonly<Record<string, string | undefined>>, variable: string): number | undefined {
  const text = environment[variable];
  if (!text) {
    return undefined;
  }
  const seconds = /^\d+$/.test(text) ? Number(text) : 0;
  if (seconds >= 1 && seconds <= MAX_SECONDS) {
    return seconds * 1000;
  }
  throw new ServerKitError(
    'ERR_INVALID_OPTION',
    `\`${variable}\` must be a whole number of seconds from 1 to ${MAX_SECONDS}, got ${JSON.stringify(text)}`,
  );
}
