/**
 * Lets the user be asked one thing at a time, however many a server asks at once, and keeps other output from a screen
 * that shows a question.
 */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();
  private open = 0;
  private readonly held: (() => void)[] = [];

  /** Asks when everything asked before has been answered. */
  public take<T>(ask: () => Promise<T>): Promise<T> {
    this.open += 1;
    const turn = this.last.then(ask).finally(() => {
      this.open -= 1;
      if (this.open === 0) {
        for (const show of this.held.splice(0)) {
          show();
        }
      }
    });
    this.last = turn.catch(() => undefined);
    return turn;
  }

  /** Shows something now, or after the questions that are open. */
  public between(show: () => void): void {
    if (this.open === 0) {
      show();
    } else {
      this.held.push(show);
    }
  }
}
