import { setTimeout as delay } from 'node:timers/promises';
import { ReleaseCheckError } from './failures';

/** This invocation has no time left for what is to be done, and the run as a whole has: it goes on in another one. */
export class NeedsAnotherInvocation extends Error {}

export interface TimeLimits {
  /** When the run began, maybe in another invocation, in milliseconds since 1970. */
  readonly startedAt: number;
  /** How long it may take in all. */
  readonly runMs: number;
  /** What is left of this invocation, without what the answer takes. */
  readonly invocationMs: number;
  /** Whether there can be another invocation. */
  readonly continues: boolean;
}

/** The time that a run has: that of its invocation, and that of all of them. */
export class Deadline {
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private readonly endsAt: number;
  private awaited = 'the properties';
  private stays = false;

  public constructor(private readonly limits: TimeLimits) {
    const left = Math.max(Math.min(limits.invocationMs, this.runMsLeft), 0);
    this.endsAt = Date.now() + left;
    this.timer = setTimeout(() => {
      this.controller.abort(this.failure());
    }, left);
  }

  /** Aborted with a `ReleaseCheckError` or a `NeedsAnotherInvocation`. */
  public get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** What is being waited for now, as a noun. */
  public waitFor(awaited: string): void {
    this.awaited = awaited;
  }

  /**
   * From now on the run stays in this invocation: what follows cannot be cut in two.
   *
   * @param neededMs - what it may take
   * @throws NeedsAnotherInvocation where this one has less left than that, and another one would have more
   */
  public stay(neededMs: number): void {
    if (this.limits.continues && this.endsAt - Date.now() < Math.min(neededMs, this.runMsLeft)) {
      throw new NeedsAnotherInvocation(`waiting for ${this.awaited}`);
    }
    this.stays = true;
  }

  public async pause(milliseconds: number): Promise<void> {
    await delay(milliseconds, undefined, { signal: this.signal }).catch(() => this.signal.throwIfAborted());
  }

  public end(): void {
    clearTimeout(this.timer);
  }

  private get runMsLeft(): number {
    return this.limits.startedAt + this.limits.runMs - Date.now();
  }

  private failure(): Error {
    if (this.limits.continues && !this.stays && this.runMsLeft > 0) {
      return new NeedsAnotherInvocation(`waiting for ${this.awaited}`);
    }
    const minutes = Math.max(Math.round((Date.now() - this.limits.startedAt) / 60_000), 1);
    return new ReleaseCheckError(
      'ERR_OUT_OF_TIME',
      `${this.awaited} did not come within ${minutes} min: look at the log of the runtime, and deploy again`,
    );
  }
}
