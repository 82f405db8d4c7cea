import type { Clock, ClockTimer } from '../common/clock';
import { probe, type Health } from '../probes/health-probe';
import type { RuntimeFeatures } from '../model/runtime-definition';
import type { SessionProcess } from '../process/session-process';

/** How often a server may fail to answer in a row. The service's own rule is not documented. */
const FAILURES_IN_A_ROW = 3;

/** Asks the server of a live session again and again how it is: background ping. */
export class SessionHealth {
  private timer: ClockTimer | undefined;
  private failures = 0;
  private latest: Health = 'healthy';

  /** @param unhealthy - told once the server has failed to answer three times in a row */
  public constructor(
    private readonly process: SessionProcess,
    private readonly features: RuntimeFeatures,
    private readonly intervalMs: number,
    private readonly clock: Clock,
    private readonly unhealthy: (health: Health) => void,
  ) {
    this.schedule();
  }

  /**
   * Whether the server said that it works on something, which keeps its session from idling (`HealthyBusy`; HTTP
   * protocol).
   */
  public get busy(): boolean {
    return this.latest === 'busy';
  }

  public cancel(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }

  private schedule(): void {
    this.timer = this.clock.setTimeout(() => {
      void this.check();
    }, this.intervalMs);
  }

  private async check(): Promise<void> {
    this.latest = await probe(this.process, this.features, this.intervalMs);
    if (!this.timer) {
      return;
    }
    const failed = this.latest !== 'healthy' && this.latest !== 'busy';
    this.failures = failed ? this.failures + 1 : 0;
    if (this.failures >= FAILURES_IN_A_ROW) {
      this.unhealthy(this.latest);
    } else {
      this.schedule();
    }
  }
}
