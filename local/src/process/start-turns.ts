import os from 'node:os';
import { LocalRuntimeError } from '../common/errors';

/**
 * A start is mostly computing: more at once end no sooner, and each takes longer, until all of them exceed their start
 * limit.
 */
const STARTS_PER_PROCESSOR = 4;
/** A server that takes longer waits for something else, such as a database, and others may start meanwhile. */
const LONGEST_TURN_MS = 5000;

/**
 * Lets a few servers start at once, in the order in which they were asked for; the others wait. Their start limits
 * count from their own starts.
 */
export class StartTurns {
  private free: number;
  private readonly waiting: (() => void)[] = [];

  /** @param atOnce - servers that start at once */
  public constructor(atOnce = STARTS_PER_PROCESSOR * os.availableParallelism()) {
    this.free = atOnce;
  }

  /**
   * Starts something when it is its turn.
   *
   * @param signal - ends the wait
   * @throws LocalRuntimeError ERR_CLOSED
   */
  public async take<Started>(start: () => Promise<Started>, signal: AbortSignal): Promise<Started> {
    if (this.free > 0) {
      this.free--;
    } else {
      await new Promise<void>(resolve => {
        this.waiting.push(resolve);
      });
    }
    let isOver = false;
    const end = (): void => {
      if (!isOver) {
        this.passOn();
      }
      isOver = true;
    };
    const limit = setTimeout(end, LONGEST_TURN_MS).unref();
    try {
      if (signal.aborted) {
        throw new LocalRuntimeError('ERR_CLOSED', 'the local runtime was closed while a server waited to start');
      }
      return await start();
    } finally {
      clearTimeout(limit);
      end();
    }
  }

  private passOn(): void {
    const next = this.waiting.shift();
    if (next) {
      next();
    } else {
      this.free++;
    }
  }
}
