import { PlatformException } from '../platform/platform-errors';
import type { ControlAnswer } from './operation';

const REMEMBERED = 1000;

/** What was answered to each client token, so that a request which is sent again is not done again. */
export class Idempotency {
  private readonly answers = new Map<string, { readonly request: string; readonly answer: ControlAnswer }>();

  /** @throws PlatformException ValidationException, when the token was used for another request */
  public once(token: unknown, request: string, operation: () => ControlAnswer): ControlAnswer {
    if (typeof token !== 'string') {
      return operation();
    }
    const known = this.answers.get(token);
    if (known?.request === request) {
      return known.answer;
    }
    if (known) {
      throw new PlatformException(
        'ValidationException',
        'the client token was used for a request with other parameters',
        { reason: 'IdempotentParameterMismatchException' },
      );
    }
    const answer = operation();
    this.answers.set(token, { request, answer });
    const [oldest] = this.answers.keys();
    if (this.answers.size > REMEMBERED && oldest !== undefined) {
      this.answers.delete(oldest);
    }
    return answer;
  }
}
