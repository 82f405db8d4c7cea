/** Closes what a command has opened: the latest first, and all of it, also when something fails to close. */
export class Closing {
  private readonly closers: (() => void | Promise<void>)[] = [];

  public register(close: () => void | Promise<void>): void {
    this.closers.push(close);
  }

  /** Rejects with the first failure, after everything was tried. */
  public async close(): Promise<void> {
    const failures: unknown[] = [];
    for (const close of this.closers.splice(0).reverse()) {
      try {
        await close();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) {
      throw failures[0];
    }
  }
}
