const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** Follows the events of an event stream by their length: an empty line ends each. */
export class EventLength {
  private length = 0;
  private lineIsEmpty = false;

  public constructor(private readonly longest: number) {}

  /** Whether an event becomes too long with this chunk. */
  public exceededBy(chunk: Buffer): boolean {
    // Only what is near the limit has to be looked at byte by byte.
    if (this.length + chunk.length <= this.longest) {
      const end = lastEventEnd(chunk);
      this.length = end < 0 ? this.length + chunk.length : chunk.length - end;
      this.lineIsEmpty = chunk.at(-1) === LINE_FEED;
      return false;
    }
    for (const byte of chunk) {
      if (byte === CARRIAGE_RETURN) {
        continue;
      }
      this.length = byte === LINE_FEED && this.lineIsEmpty ? 0 : this.length + 1;
      this.lineIsEmpty = byte === LINE_FEED;
      if (this.length > this.longest) {
        return true;
      }
    }
    return false;
  }
}

/** Where the last event that ends in a chunk ends, or -1. */
function lastEventEnd(chunk: Buffer): number {
  // As a chunk usually ends.
  if (chunk.at(-1) === LINE_FEED && chunk.at(-2) === LINE_FEED) {
    return chunk.length;
  }
  const ends = ['\n\n', '\n\r\n'].map(end => {
    const at = chunk.lastIndexOf(end);
    return at < 0 ? -1 : at + end.length;
  });
  return Math.max(...ends);
}
