import type { Clock, ClockTimer } from '../common/clock';
import type { SessionStopReason } from '../events/events';
import type { Lifecycle } from '../model/runtime-definition';

/** What the timers of a session ask it and tell it. */
export interface TimedSession {
  /** Whether it is doing something now: then it does not idle. */
  readonly busy: boolean;
  /** Milliseconds since 1970. */
  readonly lastActiveAt: number;
  stop(reason: SessionStopReason): void;
}

/** The idle timeout and the max lifetime of one session. */
export class SessionTimers {
  private idle: ClockTimer | undefined;
  private lifetime: ClockTimer | undefined;

  public constructor(
    private readonly clock: Clock,
    private readonly lifecycle: Lifecycle,
    private readonly session: TimedSession,
  ) {}

  public start(): void {
    this.watchIdleness(this.lifecycle.idleTimeoutSeconds * 1000);
    this.lifetime = this.clock.setTimeout(() => {
      this.session.stop('max-lifetime');
    }, this.lifecycle.maxLifetimeSeconds * 1000);
  }

  public cancel(): void {
    this.idle?.cancel();
    this.lifetime?.cancel();
  }

  // One timer, set again when it fires early, instead of one for each request.
  private watchIdleness(delayMs: number): void {
    const timeout = this.lifecycle.idleTimeoutSeconds * 1000;
    this.idle = this.clock.setTimeout(() => {
      const left = this.session.busy ? timeout : this.session.lastActiveAt + timeout - this.clock.now();
      if (left > 0) {
        this.watchIdleness(left);
      } else {
        this.session.stop('idle-timeout');
      }
    }, delayMs);
  }
}
