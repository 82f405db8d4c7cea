/** What a session has used, and what AgentCore would charge for that: an estimate of a laptop run. */
export interface SessionCost {
  /** CPU time of its processes. */
  readonly cpuSeconds: number;
  /** Most resident memory of its processes together so far. */
  readonly peakMemoryBytes: number;
  /** Seconds it has lived, by the clock of the local runtime. */
  readonly seconds: number;
  /**
   * US dollars by the published formula of platform version V1, from the numbers above. AWS has other processors, and
   * counts the microVM's own memory too.
   */
  readonly estimatedUsd: number;
}

/** Prices of microVMs, US dollars; the same in all Regions that were looked at. Minimum: 128 MB, 1 s. */
const PER_VCPU_HOUR = 0.0895;
const PER_GB_HOUR = 0.00945;
const LEAST_MEMORY_BYTES = 128 * 1024 * 1024;
const GB = 1024 * 1024 * 1024;

/** Adds up what a session uses: CPU as it is used, memory at the peak so far for each second, idle or not. */
export class SessionMeter {
  private cpuSeconds = 0;
  private peakMemoryBytes = 0;
  private byteSeconds = 0;
  private meteredAt: number;

  /** @param startedAt - milliseconds since 1970 */
  public constructor(private readonly startedAt: number) {
    this.meteredAt = startedAt;
  }

  /**
   * Counts the time until now, with what the processes have used by now; without it they are gone and what was known
   * last is counted.
   */
  public add(now: number, usage?: { readonly cpuSeconds: number; readonly memoryBytes: number }): void {
    // Processes that have ended take their CPU time out of the sum.
    this.cpuSeconds = Math.max(this.cpuSeconds, usage?.cpuSeconds ?? 0);
    this.peakMemoryBytes = Math.max(this.peakMemoryBytes, usage?.memoryBytes ?? 0);
    this.byteSeconds += (Math.max(LEAST_MEMORY_BYTES, this.peakMemoryBytes) * (now - this.meteredAt)) / 1000;
    this.meteredAt = now;
  }

  public get cost(): SessionCost {
    const { cpuSeconds, peakMemoryBytes } = this;
    const seconds = (this.meteredAt - this.startedAt) / 1000;
    const shortfall = Math.max(0, 1 - seconds) * Math.max(LEAST_MEMORY_BYTES, peakMemoryBytes);
    const estimatedUsd =
      (cpuSeconds / 3600) * PER_VCPU_HOUR + ((this.byteSeconds + shortfall) / GB / 3600) * PER_GB_HOUR;
    return { cpuSeconds, peakMemoryBytes, seconds, estimatedUsd };
  }
}
