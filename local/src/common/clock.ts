/** A timer of a `Clock`. */
export interface ClockTimer {
  /** Forgets the timer; does nothing when it has fired already. */
  cancel(): void;
}

/** Where idle timeout, max lifetime and start limit get their time from. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `callback` once, `delayMs` milliseconds from now. */
  setTimeout(callback: () => void, delayMs: number): ClockTimer;
}

/** The time of the machine. Its timers do not keep a program running. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout(callback, delayMs) {
    const timer = setTimeout(callback, delayMs).unref();
    return { cancel: () => clearTimeout(timer) };
  },
};

interface ManualTimer {
  readonly dueAt: number;
  readonly callback: () => void;
}

/** A clock that stands still until it is told to move: fifteen minutes of idling take no time in a test. */
export class ManualClock implements Clock {
  private readonly timers = new Set<ManualTimer>();

  /** @param time - milliseconds since 1970 to start from; the start of 2026 when left out */
  public constructor(private time: number = Date.UTC(2026, 0, 1)) {}

  public now(): number {
    return this.time;
  }

  public setTimeout(callback: () => void, delayMs: number): ClockTimer {
    const timer = { dueAt: this.time + Math.max(0, delayMs), callback };
    this.timers.add(timer);
    return {
      cancel: () => {
        this.timers.delete(timer);
      },
    };
  }

  /**
   * Moves the time forward and fires, in their order, the timers that fall due on the way, also those set by timers.
   *
   * What a timer starts (the end of a process) takes real time: wait for its event.
   */
  public advance(ms: number): void {
    const target = this.time + ms;
    for (let timer = this.nextDue(target); timer; timer = this.nextDue(target)) {
      this.timers.delete(timer);
      this.time = timer.dueAt;
      timer.callback();
    }
    this.time = target;
  }

  private nextDue(until: number): ManualTimer | undefined {
    let next: ManualTimer | undefined;
    for (const timer of this.timers) {
      if (timer.dueAt <= until && (!next || timer.dueAt < next.dueAt)) {
        next = timer;
      }
    }
    return next;
  }
}
