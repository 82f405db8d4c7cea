/** Exit codes of the command; besides, 128 + the number of the signal that ended it (130 for Ctrl-C). */
export const EXIT = { ok: 0, failed: 1, usage: 2, inconclusive: 3 } as const;

/** An error whose message is all that the user needs: it is printed without a stack. */
export class CommandError extends Error {
  public constructor(
    message: string,
    public readonly exitCode: number = EXIT.failed,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'CommandError';
  }
}
