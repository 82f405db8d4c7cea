import type { Clock, ClockTimer } from './clock';
import type { RequestLimits } from './limits';
import { runtimeClientError, type PlatformException } from './platform-errors';

/** How long one answer may take. */
export class AnswerLimits {
  private dueAt: number;
  private tooLong: string;
  private armedFor = Infinity;
  private timer: ClockTimer | undefined;

  /** @param exceeded - told when the time is over; the documentation does not say what a caller then gets */
  public constructor(private readonly clock: Clock, private readonly limits: RequestLimits, private readonly exceeded: (exception: PlatformException) => void) {
    this.dueAt = clock.now() + limits.requestSeconds * 1000;
    this.tooLong = `the request took longer than ${limits.requestSeconds} s`;
    this.arm();
  }

  /** The answer is an event stream, which may last longer. */
  public streaming(): void {
    const { streamSeconds } = this.limits;
    this.dueAt = this.clock.now() + streamSeconds * 1000;
    this.tooLong = `the stream lasted longer than ${streamSeconds} s`;
    // A timer that fires too early is set again then: most streams have ended before.
    if (this.dueAt < this.armedFor) this.arm();
  }

  public cancel(): void {
    this.timer?.cancel();
  }

  private arm(): void {
    this.timer?.cancel();
    this.armedFor = this.dueAt;
    this.timer = this.clock.setTimeout(() => {
      if (this.dueAt > this.clock.now()) this.arm();
      else this.exceeded(runtimeClientError(this.tooLong));
    }, this.dueAt - this.clock.now());
  }
}
