import type { Clock } from '../common/clock';
import type { Quotas } from './limits';
import { PlatformException } from './platform-errors';

/** The quotas that all runtimes share. */
export class AccountQuotas {
  private readonly requests: Rate;
  private readonly newSessions: Rate;
  private activeSessions = 0;

  public constructor(
    private readonly quotas: Quotas,
    clock: Clock,
  ) {
    this.requests = new Rate(quotas.requestsPerSecond, clock);
    this.newSessions = new Rate(quotas.newSessionsPerSecond, clock);
  }

  /** @throws PlatformException ThrottlingException */
  public admitRequest(): void {
    if (!this.requests.admits()) {
      throw new PlatformException(
        'ThrottlingException',
        `Rate exceeded: ${this.quotas.requestsPerSecond} requests a second`,
      );
    }
  }

  /**
   * Counts a session until `sessionEnded`.
   *
   * @throws PlatformException ServiceQuotaExceededException or ThrottlingException
   */
  public admitSession(): void {
    if (this.activeSessions >= this.quotas.activeSessions) {
      throw new PlatformException('ServiceQuotaExceededException', 'maxVms limit exceeded');
    }
    if (!this.newSessions.admits()) {
      throw new PlatformException(
        'ThrottlingException',
        `Rate exceeded: ${this.quotas.newSessionsPerSecond} new sessions a second`,
      );
    }
    this.activeSessions++;
  }

  public sessionEnded(): void {
    this.activeSessions--;
  }
}

/** Lets so many through a second, as many at once, and refuses the rest: a bucket of tokens that fills steadily. */
export class Rate {
  private tokens: number;
  private filledAt: number;

  public constructor(
    private readonly perSecond: number,
    private readonly clock: Clock,
  ) {
    this.tokens = this.capacity;
    this.filledAt = clock.now();
  }

  /** Whether one more is let through now. */
  public admits(): boolean {
    if (this.perSecond === Infinity) {
      return true;
    }
    const now = this.clock.now();
    this.tokens = Math.min(this.capacity, this.tokens + ((now - this.filledAt) / 1000) * this.perSecond);
    this.filledAt = now;
    if (this.tokens < 1) {
      return false;
    }
    this.tokens--;
    return true;
  }

  private get capacity(): number {
    return Math.max(1, this.perSecond);
  }
}
