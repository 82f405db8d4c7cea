/** A signal that follows another one until it is told that the round is over: the end of an exchange also aborts the SDK's signal. */
export class RoundSignal {
  readonly #controller = new AbortController();
  readonly #source: AbortSignal;
  readonly #follow = (): void => this.#controller.abort(this.#source.reason);

  constructor(source: AbortSignal) {
    this.#source = source;
    if (source.aborted) this.#follow();
    else source.addEventListener('abort', this.#follow, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  end(): void {
    this.#source.removeEventListener('abort', this.#follow);
  }
}
