const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/**
 * Follows the events of an event stream by their length, to the end of the empty line that ends each. How the stream is
 * cut into chunks makes no difference.
 */
export class EventLength {
  private length = 0;
  /** Whether a line feed would end the event: nothing has come since the last one, or only a carriage return. */
  private lineIsEmpty = false;

  public constructor(private readonly longest: number) {}

  /** Whether an event becomes too long with this chunk. */
  public exceededBy(chunk: Buffer): boolean {
    // Only what is near the limit has to be looked at byte by byte.
    if (this.length + chunk.length <= this.longest) {
      const end = lastEventEnd(chunk, this.lineIsEmpty);
      this.length = end < 0 ? this.length + chunk.length : chunk.length - end;
      this.lineIsEmpty = endsInEmptyLine(chunk, this.lineIsEmpty);
      return false;
    }
    for (const byte of chunk) {
      this.length++;
      if (this.length > this.longest) {
        return true;
      }
      if (byte === LINE_FEED) {
        this.length = this.lineIsEmpty ? 0 : this.length;
        this.lineIsEmpty = true;
      } else if (byte !== CARRIAGE_RETURN) {
        this.lineIsEmpty = false;
      }
    }
    return false;
  }
}

/**
 * Where the last event that ends in a chunk ends, or -1.
 *
 * @param lineIsEmpty - whether the line is that the chunk goes on with
 */
function lastEventEnd(chunk: Buffer, lineIsEmpty: boolean): number {
  // As a chunk usually ends.
  if (chunk.at(-1) === LINE_FEED && chunk.at(-2) === LINE_FEED) {
    return chunk.length;
  }
  const ends = ['\n\n', '\n\r\n'].map(end => {
    const at = chunk.lastIndexOf(end);
    return at < 0 ? -1 : at + end.length;
  });
  return Math.max(...ends, lineIsEmpty ? emptyLineEnd(chunk) : -1);
}

/** Where the empty line ends that a chunk begins with, or -1. */
function emptyLineEnd(chunk: Buffer): number {
  if (chunk.at(0) === LINE_FEED) {
    return 1;
  }
  return chunk.at(0) === CARRIAGE_RETURN && chunk.at(1) === LINE_FEED ? 2 : -1;
}

function endsInEmptyLine(chunk: Buffer, lineWasEmpty: boolean): boolean {
  const last = chunk.at(-1) === CARRIAGE_RETURN ? chunk.at(-2) : chunk.at(-1);
  return last === undefined ? lineWasEmpty : last === LINE_FEED;
}
