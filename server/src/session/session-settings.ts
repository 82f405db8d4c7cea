import { LONGEST_TIMER_MS } from '../common/duration';
import { lifecycleSettings } from './lifecycle-settings';
import { positive } from '../common/positive';

export interface SessionSettingsOptions {
  /**
   * How long a stream may be silent, in milliseconds; then a comment goes over it. In the modern era a call that has
   * sent nothing for that long is answered with a stream. At most 15000: a proxy or a client in between may give up
   * after 30 s or a minute of silence.
   * @default 15000
   */
  readonly keepAliveMs?: number;
  /**
   * After how long without a request, an open call or an open stream a session of the legacy era is freed, in
   * milliseconds. Its id then gets 404, and the client has to initialize again.
   * @default the environment variable `STATEFUL_MCP_IDLE_TIMEOUT_SECONDS`, the idle timeout of the AgentCore runtime;
   * else 900000 (15 minutes)
   */
  readonly sessionIdleTimeoutMs?: number;
  /**
   * After how long a session of the legacy era is ended in any case, in milliseconds, open calls included: the platform
   * would do the same to its microVM. Its id then gets 404.
   * @default the environment variable `STATEFUL_MCP_MAX_LIFETIME_SECONDS`, the max lifetime of the AgentCore runtime;
   * else 28800000 (8 hours)
   */
  readonly sessionMaxLifetimeMs?: number;
  /**
   * How many sessions of the legacy era may be open at a time; `initialize` beyond gets 503.
   * @default 1000
   */
  readonly maxSessions?: number;
}

export interface SessionSettings {
  readonly keepAliveMs: number;
  readonly idleTimeoutMs: number;
  readonly maxLifetimeMs: number;
  readonly maxSessions: number;
}

/** @throws ServerKitError `ERR_INVALID_OPTION` */
export function sessionSettings(options: SessionSettingsOptions): SessionSettings {
  const { keepAliveMs = 15_000, sessionIdleTimeoutMs, sessionMaxLifetimeMs, maxSessions = 1000 } = options;
  const lifecycle = lifecycleSettings();
  return {
    keepAliveMs: positive('keepAliveMs', keepAliveMs, 15_000),
    idleTimeoutMs: positive('sessionIdleTimeoutMs', sessionIdleTimeoutMs ?? lifecycle.idleTimeoutMs, LONGEST_TIMER_MS),
    maxLifetimeMs: positive('sessionMaxLifetimeMs', sessionMaxLifetimeMs ?? lifecycle.maxLifetimeMs, LONGEST_TIMER_MS),
    maxSessions: positive('maxSessions', maxSessions),
  };
}
