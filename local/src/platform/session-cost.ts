import { RUNTIME_PRICES } from 'stateful-mcp-contract';

/** What a session has used, and what AgentCore would charge for that: an estimate of a laptop run. */
export interface SessionCost {
  /** CPU time of its processes, in milliseconds. */
  readonly cpuMs: number;
  /** Most resident memory of its processes together so far. */
  readonly peakMemoryBytes: number;
  /** How long it has lived, in milliseconds by the clock of the local runtime. */
  readonly lifetimeMs: number;
  /**
   * US dollars by the published formula of platform version V1, from the numbers above. AWS has other processors, and
   * counts the microVM's own memory too.
   */
  readonly estimatedUsd: number;
}

const { perVcpuHour, perGigabyteHour, leastMemoryBytes, leastTimeMs } = RUNTIME_PRICES;
const MS_PER_HOUR = 3_600_000;
const GB = 1024 * 1024 * 1024;

/** Adds up what a session uses: CPU as it is used, memory at the peak so far for each second, idle or not. */
export class SessionMeter {
  private cpuMs = 0;
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
  public record(now: number, usage?: { readonly cpuMs: number; readonly memoryBytes: number }): void {
    // Processes that have ended take their CPU time out of the sum.
    this.cpuMs = Math.max(this.cpuMs, usage?.cpuMs ?? 0);
    this.peakMemoryBytes = Math.max(this.peakMemoryBytes, usage?.memoryBytes ?? 0);
    this.byteSeconds += (Math.max(leastMemoryBytes, this.peakMemoryBytes) * (now - this.meteredAt)) / 1000;
    this.meteredAt = now;
  }

  public get cost(): SessionCost {
    const { cpuMs, peakMemoryBytes } = this;
    const lifetimeMs = this.meteredAt - this.startedAt;
    const shortfall = (Math.max(0, leastTimeMs - lifetimeMs) / 1000) * Math.max(leastMemoryBytes, peakMemoryBytes);
    const estimatedUsd =
      (cpuMs / MS_PER_HOUR) * perVcpuHour + ((this.byteSeconds + shortfall) / GB / 3600) * perGigabyteHour;
    return { cpuMs, peakMemoryBytes, lifetimeMs, estimatedUsd };
  }
}
