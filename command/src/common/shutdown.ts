import { constants } from 'node:os';
import { CommandError } from './command-error';

const HANDLED = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * What ends the command. SIGPIPE stands for a reader of its output who has gone; Node.js reports that as an error of
 * the stream.
 */
export type EndSignal = (typeof HANDLED)[number] | 'SIGPIPE';

/** npm hands a Ctrl-C on to the process that got it from the terminal already: both are one wish to end. */
const SAME_WISH_MS = 300;

/** The shell's convention. */
function exitCodeOf(by: EndSignal): number {
  return 128 + constants.signals[by];
}

/** Thrown by what was under way when the command was told to end. */
export class InterruptedError extends CommandError {
  public constructor(public readonly by: EndSignal) {
    super(by === 'SIGINT' ? 'ended by Ctrl-C' : `ended by ${by}`, exitCodeOf(by));
  }
}

/**
 * Ends the command in order: the first Ctrl-C (or SIGTERM) aborts `signal`, everything under way stops and clears up
 * after itself; the second one does not wait for that.
 */
export class Shutdown {
  private readonly controller = new AbortController();
  private readonly listeners = new Map<EndSignal, () => void>();
  private since?: number;
  private cancellation?: AbortController;
  private cancelledAt?: number;

  public constructor() {
    for (const name of HANDLED) {
      const listener = (): void => this.request(name);
      this.listeners.set(name, listener);
      process.on(name, listener);
    }
  }

  /** Aborted, with an `InterruptedError`, once the command has to end. */
  public get signal(): AbortSignal {
    return this.controller.signal;
  }

  public request(by: EndSignal): void {
    const now = Date.now();
    if (by === 'SIGINT' && this.cancellation?.signal.aborted === false) {
      this.cancelledAt = now;
      this.cancellation.abort(new InterruptedError(by));
      return;
    }
    if (by === 'SIGINT' && this.cancelledAt !== undefined && now - this.cancelledAt <= SAME_WISH_MS) {
      return;
    }
    if (this.since === undefined) {
      this.since = now;
      this.controller.abort(new InterruptedError(by));
    } else if (now - this.since > SAME_WISH_MS) {
      process.exit(exitCodeOf(by));
    }
  }

  /** The result of some work, unless the command has to end before. */
  public async orEnd<T>(work: Promise<T>): Promise<T> {
    let stop: () => void = () => undefined;
    const ended = new Promise<never>((_resolve, reject) => {
      stop = () => reject(this.signal.reason as InterruptedError);
      if (this.signal.aborted) {
        stop();
      }
      this.signal.addEventListener('abort', stop, { once: true });
    });
    try {
      return await Promise.race([work, ended]);
    } finally {
      this.signal.removeEventListener('abort', stop);
    }
  }

  /**
   * Does something that Ctrl-C cancels without ending the command; a second Ctrl-C meanwhile ends it.
   *
   * @param work - gets the signal that is aborted by either
   */
  public async cancellable<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const cancellation = new AbortController();
    this.cancellation = cancellation;
    try {
      return await this.orEnd(work(AbortSignal.any([cancellation.signal, this.signal])));
    } finally {
      this.cancellation = undefined;
    }
  }

  /** Gives the signals back to Node.js. */
  public dispose(): void {
    for (const [name, listener] of this.listeners) {
      process.off(name, listener);
    }
  }
}
