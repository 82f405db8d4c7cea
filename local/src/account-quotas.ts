import type { Clock } from './clock';
import type { Quotas } from './limits';
import { PlatformException } from './platform-errors';
import { Rate } from './rate';

/** The quotas that all runtimes share. */
export class AccountQuotas {
  private readonly requests: Rate;
  private readonly newSessions: Rate;
  private activeSessions = 0;

  public constructor(private readonly quotas: Quotas, clock: Clock) {
    this.requests = new Rate(quotas.requestsPerSecond, clock);
    this.newSessions = new Rate(quotas.newSessionsPerSecond, clock);
  }

  /** @throws PlatformException ThrottlingException */
  public admitRequest(): void {
    if (!this.requests.admits()) throw new PlatformException('ThrottlingException', `Rate exceeded: ${this.quotas.requestsPerSecond} requests a second`);
  }

  /**
   * Counts a session until `sessionEnded`.
   *
   * @throws PlatformException ServiceQuotaExceededException or ThrottlingException
   */
  public admitSession(): void {
    if (this.activeSessions >= this.quotas.activeSessions) throw new PlatformException('ServiceQuotaExceededException', 'maxVms limit exceeded');
    if (!this.newSessions.admits()) throw new PlatformException('ThrottlingException', `Rate exceeded: ${this.quotas.newSessionsPerSecond} new sessions a second`);
    this.activeSessions++;
  }

  public sessionEnded(): void {
    this.activeSessions--;
  }
}
