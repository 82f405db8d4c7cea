import { rawHeader } from './end-to-end-headers';

/** A message whose end cannot be told, or whose body is coded in a way that is not undone here. */
export class UnknownFraming extends Error {}

/** The only coding that the parsers on both sides undo (RFC 9112, section 6.1). */
const CHUNKED = 'chunked';
const DECIMAL = /^\d{1,15}$/;

/**
 * The length of a body by the head before it; undefined when it comes in chunks, ends with its connection, or there is
 * none.
 *
 * The one place where the framing of a message is made, for both directions: from what was read, never from a header
 * that is handed on.
 *
 * @throws UnknownFraming
 */
export function lengthOf(rawHeaders: readonly string[]): number | undefined {
  const coding = rawHeader(rawHeaders, 'transfer-encoding');
  const length = rawHeader(rawHeaders, 'content-length');
  if (coding !== undefined) {
    if (coding.toLowerCase() !== CHUNKED || length !== undefined) {
      throw new UnknownFraming(`a transfer coding other than ${CHUNKED} alone: ${coding}`);
    }
    return undefined;
  }
  if (length !== undefined && !DECIMAL.test(length)) {
    throw new UnknownFraming(`a length that is no number: ${length}`);
  }
  return length === undefined ? undefined : Number(length);
}
