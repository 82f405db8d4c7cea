import type { Clock, ClockTimer } from './clock';
import type { RequestLimits } from './limits';
import { runtimeClientError, type PlatformException } from './platform-errors';

/** How long one answer may take. */
export class AnswerLimits {
  private timer: ClockTimer;

  /** @param exceeded - told when the time is over; the documentation does not say what a caller then gets */
  public constructor(private readonly clock: Clock, private readonly limits: RequestLimits, private readonly exceeded: (exception: PlatformException) => void) {
    this.timer = clock.setTimeout(() => {
      exceeded(runtimeClientError(`the request took longer than ${limits.requestSeconds} s`));
    }, limits.requestSeconds * 1000);
  }

  /** The answer is an event stream, which may last longer. */
  public streaming(): void {
    this.timer.cancel();
    const { streamSeconds } = this.limits;
    this.timer = this.clock.setTimeout(() => { this.exceeded(runtimeClientError(`the stream lasted longer than ${streamSeconds} s`)); }, streamSeconds * 1000);
  }

  public cancel(): void {
    this.timer.cancel();
  }
}
