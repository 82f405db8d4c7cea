/** Counts the calls that are being served: what `GET /ping` reports and what a shutdown waits for. */
export class OpenCalls {
  private open = 0;
  private readonly waiting = new Set<() => void>();

  public get count(): number {
    return this.open;
  }

  /** A call begins; the function given back ends it, however often it is called. */
  public begin(): () => void {
    this.open += 1;
    let counted = true;
    return () => {
      if (!counted) {
        return;
      }
      counted = false;
      this.open -= 1;
      if (this.open === 0) {
        this.wake();
      }
    };
  }

  /** Resolves when no call is open, or after `timeoutMs`. */
  public async settled(timeoutMs: number): Promise<void> {
    if (this.open === 0) {
      return;
    }
    await new Promise<void>(resolve => {
      const timer = setTimeout(done, timeoutMs);
      const waiting = this.waiting;
      waiting.add(done);
      function done(): void {
        clearTimeout(timer);
        waiting.delete(done);
        resolve();
      }
    });
  }

  private wake(): void {
    for (const wake of [...this.waiting]) {
      wake();
    }
  }
}
