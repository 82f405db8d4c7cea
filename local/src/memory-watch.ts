import { memoryOfGroups, sharedOnceMemoryOf } from './group-memory';

/** A session whose memory is watched. */
export interface WatchedSession {
  /** Process group of its server; undefined while it has none, or is being ended. */
  readonly group: number | undefined;
  /** Ends it, because it used that many bytes. */
  runOutOfMemory(usedBytes: number, limitBytes: number): void;
}

// A server fills about one GB a second, so one that grows without end is stopped before it has taken much more than its limit.
const INTERVAL_MS = 1000;
// Reading takes about 40 us a process, 40 ms for 1,000 sessions: on a machine with very many it happens less often instead of slowing the rest down.
const LARGEST_SHARE = 0.05;

/** Ends the sessions that use more memory than they may. Works in real time: memory does not follow the clock of a test. */
export class MemoryWatch {
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  /** @param limitBytes - undefined for no limit */
  public constructor(limitBytes: number | undefined, private readonly sessions: () => Iterable<WatchedSession>) {
    if (limitBytes !== undefined) this.schedule(limitBytes, INTERVAL_MS);
  }

  public close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  private schedule(limitBytes: number, delayMs: number): void {
    this.timer = setTimeout(() => {
      void this.check(limitBytes).then((tookMs) => { if (!this.closed) this.schedule(limitBytes, Math.max(INTERVAL_MS, tookMs / LARGEST_SHARE)); });
    }, delayMs).unref();
  }

  /** Milliseconds it took. */
  private async check(limitBytes: number): Promise<number> {
    const startedAt = performance.now();
    const watched = [...this.sessions()].filter(({ group }) => group !== undefined);
    if (watched.length === 0) return 0;
    // Without `ps` there is nothing to read, and no limit.
    const memory = await memoryOfGroups().catch(() => new Map<number, number>());
    for (const session of watched) {
      const resident = memory.get(session.group ?? 0) ?? 0;
      if (session.group === undefined || resident <= limitBytes) continue;
      const used = sharedOnceMemoryOf(session.group, resident);
      if (used > limitBytes) session.runOutOfMemory(used, limitBytes);
    }
    return performance.now() - startedAt;
  }
}
