import { answerException, type ErrorDialect, type ErrorTexts } from './error-encoding';
import type { Exchange } from './exchange';
import { PlatformException } from './platform-errors';

/**
 * Answers a request whose time is over before a server has it. Its connection ends where the rest of its body would have to be waited for.
 *
 * @returns the status of the answer
 */
export function answerTimeOver(exchange: Exchange, exception: PlatformException, dialect: ErrorDialect, texts: ErrorTexts): number {
  const { body, answer } = exchange;
  if (body.hasCome) return answerException(exchange, exception, dialect, texts);
  answer.once('close', () => { body.abandon(); });
  const stalled = new PlatformException(exception.name, `${exception.message}: its body has not come`, { ...exception.details, headers: ['Connection', 'close', ...exception.details.headers ?? []] });
  return answerException(exchange, stalled, dialect, texts);
}
