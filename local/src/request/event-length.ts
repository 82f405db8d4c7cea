const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/**
 * Follows the events of an event stream by their length, to the end of the empty line that ends each. A line ends with a
 * line feed, a carriage return, or both. How the stream is cut into chunks makes no difference.
 */
export class EventLength {
  private length = 0;
  /** The byte that came last. */
  private last: number | undefined;

  public constructor(private readonly longest: number) {}

  /** Whether an event becomes too long with this chunk. */
  public exceededBy(chunk: Buffer): boolean {
    if (this.length === 0 && this.last === CARRIAGE_RETURN && chunk.at(0) === LINE_FEED) {
      // The second half of the line end that ended an event.
      this.last = LINE_FEED;
      return this.exceededBy(chunk.subarray(1));
    }
    // Only what is near the limit has to be looked at byte by byte.
    if (this.length + chunk.length <= this.longest) {
      const end = lastEventEnd(chunk, this.last);
      this.length = end < 0 ? this.length + chunk.length : chunk.length - end;
      this.last = chunk.at(-1) ?? this.last;
      return false;
    }
    for (const byte of chunk) {
      this.length++;
      if (this.length > this.longest) {
        return true;
      }
      if (byte === LINE_FEED && this.last === CARRIAGE_RETURN) {
        // The second half of a line end, which may have been that of an event.
        this.length = this.length === 1 ? 0 : this.length;
      } else if (endsLine(byte) && endsLine(this.last)) {
        this.length = 0;
      }
      this.last = byte;
    }
    return false;
  }
}

/**
 * Where the last event that ends in a chunk ends, or -1.
 *
 * @param last - the byte before the chunk
 */
function lastEventEnd(chunk: Buffer, last: number | undefined): number {
  // As a chunk usually ends.
  if (chunk.at(-1) === LINE_FEED && chunk.at(-2) === LINE_FEED) {
    return chunk.length;
  }
  const ends = ['\n\n', '\n\r', '\r\r'].map(end => {
    const at = chunk.lastIndexOf(end);
    return at < 0 ? -1 : wholeLineEnd(chunk, at + 1);
  });
  return Math.max(...ends, endsLine(last) ? emptyLineEnd(chunk, last === CARRIAGE_RETURN ? 1 : 0) : -1);
}

/**
 * Where the empty line ends that a chunk begins with, or -1.
 *
 * @param left - how many bytes of the line end before it may still come
 */
function emptyLineEnd(chunk: Buffer, left: 0 | 1): number {
  const start = left === 1 && chunk.at(0) === LINE_FEED ? 1 : 0;
  return endsLine(chunk.at(start)) ? wholeLineEnd(chunk, start) : -1;
}

/** Where the line end ends that begins at a place. */
function wholeLineEnd(chunk: Buffer, start: number): number {
  return chunk.at(start) === CARRIAGE_RETURN && chunk.at(start + 1) === LINE_FEED ? start + 2 : start + 1;
}

function endsLine(byte: number | undefined): boolean {
  return byte === LINE_FEED || byte === CARRIAGE_RETURN;
}
