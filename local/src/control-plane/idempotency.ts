import { PlatformException } from '../platform/platform-errors';
import type { ControlResponse } from './operation';

const REMEMBERED = 1000;

/** What was answered to each client token, so that a request which is sent again is not done again. */
export class Idempotency {
  private readonly responses = new Map<string, { readonly request: string; readonly response: ControlResponse }>();

  /** @throws PlatformException ValidationException, when the token was used for another request */
  public once(token: unknown, request: string, operation: () => ControlResponse): ControlResponse {
    if (typeof token !== 'string') {
      return operation();
    }
    const known = this.responses.get(token);
    if (known?.request === request) {
      return known.response;
    }
    if (known) {
      throw new PlatformException(
        'ValidationException',
        'the client token was used for a request with other parameters',
        { reason: 'IdempotentParameterMismatchException' },
      );
    }
    const response = operation();
    this.responses.set(token, { request, response });
    const [oldest] = this.responses.keys();
    if (this.responses.size > REMEMBERED && oldest !== undefined) {
      this.responses.delete(oldest);
    }
    return response;
  }
}
