/**
 * A signal that follows another one until it is told that the round is over: the end of an exchange also aborts the
 * SDK's signal.
 */
export class RoundSignal {
  private readonly controller = new AbortController();
  private readonly source: AbortSignal;
  private readonly follow = (): void => this.controller.abort(this.source.reason);

  public constructor(source: AbortSignal) {
    this.source = source;
    if (source.aborted) {
      this.follow();
    } else {
      source.addEventListener('abort', this.follow, { once: true });
    }
  }

  public get signal(): AbortSignal {
    return this.controller.signal;
  }

  public end(): void {
    this.source.removeEventListener('abort', this.follow);
  }
}
