import { EventEmitter } from 'node:events';
import type { SessionCost } from '../platform/session-cost';

/**
 * Why a session ended.
 *
 * - `idle-timeout`, `max-lifetime`: as configured for the runtime
 * - `crashed`: its process ended by itself
 * - `out-of-memory`: it used more memory than `resources.memoryBytes`
 * - `stopped`: by StopRuntimeSession
 * - `expired`: by `LocalRuntime.faults`
 * - `unhealthy`: its server failed to answer the background ping three times in a row
 * - `deleted`: its server answered a DELETE with 2xx
 * - `refused`: its server answered nothing but errors, as a fresh server does when it is given the id of a session that
 *   has ended
 * - `request-ended`: it was started for one request without a session id (`settings.requestsWithoutSession: 'new-session'`)
 * - `runtime-deleted`: its runtime was deleted
 * - `closed`: the local runtime was closed
 */
export type SessionStopReason =
  | 'idle-timeout'
  | 'max-lifetime'
  | 'crashed'
  | 'out-of-memory'
  | 'stopped'
  | 'expired'
  | 'unhealthy'
  | 'deleted'
  | 'refused'
  | 'request-ended'
  | 'runtime-deleted'
  | 'closed';

export interface SessionStartedEvent {
  readonly runtimeName: string;
  /** The `Mcp-Session-Id`, or the id of the platform for compute that serves requests without one. */
  readonly sessionId: string;
  readonly pid: number;
}

export interface SessionStoppedEvent extends SessionStartedEvent {
  readonly reason: SessionStopReason;
  /** Exit code of the process, or null when a signal ended it. */
  readonly exitCode: number | null;
  /** Signal that ended the process, or null. */
  readonly signal: NodeJS.Signals | null;
  /** What it has used and would have cost: an estimate of a laptop run. */
  readonly cost: SessionCost;
}

export interface VersionPublishedEvent {
  readonly runtimeName: string;
  readonly version: string;
}

/** What `LocalRuntime.events` emits, with the arguments of each listener. */
export interface LocalRuntimeEvents {
  /** A process was given to a session whose id is now known. */
  'session-started': [SessionStartedEvent];
  /** The process of a session has ended. */
  'session-stopped': [SessionStoppedEvent];
  /** `DEFAULT` points to a new version, by `publish`, by `reload` or by the control plane. */
  'version-published': [VersionPublishedEvent];
}

/** A `node:events` emitter that knows its events. */
export type LocalRuntimeEventEmitter = EventEmitter<LocalRuntimeEvents>;

export function newEventEmitter(): LocalRuntimeEventEmitter {
  return new EventEmitter<LocalRuntimeEvents>();
}
