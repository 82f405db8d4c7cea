import type { Clock, ClockTimer } from '../common/clock';
import type { RequestLimits } from '../platform/limits';
import { runtimeClientError, PlatformException } from '../platform/platform-errors';
import { respondException, type ErrorDialect, type ErrorTexts } from '../platform/error-encoding';
import type { Exchange } from '../http/exchange';

/**
 * How long one request may take, from the moment it is taken up: its body may never come, its session never start, its
 * response never end.
 */
export class TimeLimits {
  private dueAt: number;
  private cause: string;
  private armedFor = Infinity;
  private timer: ClockTimer | undefined;
  private exceeded: (exception: PlatformException) => void = () => {};

  public constructor(
    private readonly clock: Clock,
    private readonly limits: RequestLimits,
  ) {
    this.dueAt = clock.now() + limits.requestMs;
    this.cause = `the request took longer than ${limits.requestMs / 1000} s`;
    this.arm();
  }

  /**
   * @param exceeded - told from now on when the time is over; the documentation does not say what a caller then gets
   */
  public tell(exceeded: (exception: PlatformException) => void): void {
    this.exceeded = exceeded;
  }

  /** The response is an event stream, which may last longer. */
  public streaming(): void {
    const { streamMs } = this.limits;
    this.dueAt = this.clock.now() + streamMs;
    this.cause = `the stream lasted longer than ${streamMs / 1000} s`;
    // A timer that fires too early is set again then: most streams have ended before.
    if (this.dueAt < this.armedFor) {
      this.arm();
    }
  }

  public cancel(): void {
    this.timer?.cancel();
  }

  private arm(): void {
    this.timer?.cancel();
    this.armedFor = this.dueAt;
    this.timer = this.clock.setTimeout(() => {
      if (this.dueAt > this.clock.now()) {
        this.arm();
      } else {
        this.exceeded(runtimeClientError(this.cause));
      }
    }, this.dueAt - this.clock.now());
  }
}

/**
 * Answers a request whose time is over before a server has it. Its connection ends where the rest of its body would
 * have to be waited for.
 *
 * @returns the status of the response
 */
export function respondTimeOver(
  exchange: Exchange,
  exception: PlatformException,
  dialect: ErrorDialect,
  texts: ErrorTexts,
): number {
  if (exchange.body.hasCome) {
    return respondException(exchange, exception, dialect, texts);
  }
  const stalled = new PlatformException(exception.name, `${exception.message}: its body has not come`, {
    ...exception.details,
    headers: ['Connection', 'close', ...(exception.details.headers ?? [])],
  });
  return respondException(exchange, stalled, dialect, texts);
}
