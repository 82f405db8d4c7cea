import { memoryOfGroups, sharedOnceMemoryOf } from '../machine/group-memory';

/** A session whose memory is watched. */
export interface WatchedSession {
  /** Process group of its server; undefined while it has none, or is being ended. */
  readonly group: number | undefined;
  /** Ends it, because it used that many bytes. */
  runOutOfMemory(usedBytes: number, limitBytes: number): void;
}

/**
 * A server fills about one GB a second, so one that grows without end is stopped before it has taken much more than its
 * limit. One that is far below its limit is not looked at before it could have filled the rest twice as fast.
 */
const INTERVAL_MS = 1000;
const FASTEST_BYTES_PER_MS = 2_000_000;
/**
 * Reading takes about 40 us a process, 40 ms for 1,000 sessions: on a machine with very many it happens less often
 * instead of slowing the rest down.
 */
const LARGEST_SHARE = 0.05;

/**
 * Ends the sessions that use more memory than they may. Works in real time: memory does not follow the clock of a test.
 */
export class MemoryWatch {
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  /** @param limitBytes - undefined for no limit */
  public constructor(
    limitBytes: number | undefined,
    private readonly sessions: () => Iterable<WatchedSession>,
  ) {
    if (limitBytes !== undefined) {
      this.schedule(limitBytes, INTERVAL_MS);
    }
  }

  public close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  private schedule(limitBytes: number, delayMs: number): void {
    this.timer = setTimeout(() => {
      void this.check(limitBytes).then(({ tookMs, leftBytes }) => {
        if (!this.closed) {
          this.schedule(limitBytes, nextReadingAfter(tookMs, leftBytes));
        }
      });
    }, delayMs).unref();
  }

  /** How long it took, and how much the session that is nearest to the limit, or one that starts now, has left. */
  private async check(limitBytes: number): Promise<{ readonly tookMs: number; readonly leftBytes: number }> {
    const startedAt = performance.now();
    let leftBytes = limitBytes;
    const watched = [...this.sessions()].filter(({ group }) => group !== undefined);
    if (watched.length === 0) {
      return { tookMs: 0, leftBytes };
    }
    // Without `ps` there is nothing to read, and no limit.
    const memory = await memoryOfGroups().catch(() => new Map<number, number>());
    for (const session of watched) {
      const resident = memory.get(session.group ?? 0) ?? 0;
      leftBytes = Math.min(leftBytes, limitBytes - resident);
      if (session.group === undefined || resident <= limitBytes) {
        continue;
      }
      const used = sharedOnceMemoryOf(session.group, resident);
      if (used > limitBytes) {
        session.runOutOfMemory(used, limitBytes);
      }
    }
    return { tookMs: performance.now() - startedAt, leftBytes };
  }
}

/**
 * Milliseconds until the memory has to be read again.
 *
 * @param tookMs - of the last reading
 * @param leftBytes - of the session that is nearest to its limit; negative above it
 */
export function nextReadingAfter(tookMs: number, leftBytes: number): number {
  return Math.max(INTERVAL_MS, tookMs / LARGEST_SHARE, leftBytes / FASTEST_BYTES_PER_MS);
}
