/** Ends the way of a message that was let in. */
export type Leave = () => void;

interface Waiting {
  readonly bytes: number;
  readonly enter: (leave: Leave) => void;
}

/**
 * Lets messages in that go to a reader with a speed of its own. What is on its way and what the reader has not taken
 * yet stays below a bound, but for a single message that is larger by itself. Others wait in turn, their bytes unread.
 */
export class Admission {
  private readonly waiting = new Set<Waiting>();
  private underWay = 0;

  /** @param unread - how many bytes the reader has not taken yet */
  public constructor(
    private readonly maxBytes: number,
    private readonly unread: () => number,
  ) {}

  /** Resolves when a message of this size may come, or nobody waits for that any more. */
  public async enter(bytes: number, signal: AbortSignal): Promise<Leave> {
    return await new Promise<Leave>(enter => {
      const waiting = { bytes, enter };
      this.waiting.add(waiting);
      signal.addEventListener('abort', () => this.admit(waiting), { once: true });
      this.changed();
    });
  }

  /** The reader has taken something, or is gone. */
  public changed(): void {
    for (const next of this.waiting) {
      const taken = this.underWay + this.unread();
      if (taken > 0 && taken + next.bytes > this.maxBytes) {
        return;
      }
      this.admit(next);
    }
  }

  private admit(next: Waiting): void {
    if (!this.waiting.delete(next)) {
      return;
    }
    this.underWay += next.bytes;
    next.enter(() => {
      this.underWay -= next.bytes;
      this.changed();
    });
  }
}
