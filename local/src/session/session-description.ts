import type { SessionCost } from '../platform/session-cost';

/** One session, live or ended. */
export interface SessionDescription {
  /** The id that chooses the session: `Mcp-Session-Id` for MCP, or the id of the platform. */
  readonly sessionId: string;
  readonly runtimeName: string;
  /** Version of the runtime it started with and keeps. */
  readonly version: string;
  /** Process that serves it. */
  readonly pid: number;
  /**
   * `active` while a POST is being answered or the server says that it is busy; an open GET stream alone leaves it
   * `idle`.
   */
  readonly state: 'active' | 'idle' | 'stopping' | 'stopped';
  readonly startedAt: Date;
  /** Milliseconds until the idle timeout ends it; the whole timeout while it is active, 0 once it ends. */
  readonly idleTimeLeftMs: number;
  /** Milliseconds until the max lifetime ends it; 0 once it ends. */
  readonly lifetimeLeftMs: number;
  /** What it has used so far. */
  readonly cost: SessionCost;
}
