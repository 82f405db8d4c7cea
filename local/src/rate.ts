import type { Clock } from './clock';

/** Lets so many through a second, as many at once, and refuses the rest: a bucket of tokens that fills steadily. */
export class Rate {
  private tokens: number;
  private filledAt: number;

  public constructor(private readonly perSecond: number, private readonly clock: Clock) {
    this.tokens = this.capacity;
    this.filledAt = clock.now();
  }

  /** Whether one more is let through now. */
  public admits(): boolean {
    if (this.perSecond === Infinity) return true;
    const now = this.clock.now();
    this.tokens = Math.min(this.capacity, this.tokens + (now - this.filledAt) / 1000 * this.perSecond);
    this.filledAt = now;
    if (this.tokens < 1) return false;
    this.tokens--;
    return true;
  }

  private get capacity(): number {
    return Math.max(1, this.perSecond);
  }
}
