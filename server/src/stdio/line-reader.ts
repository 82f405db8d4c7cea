import type { Readable } from 'node:stream';

const LINE_FEED = 0x0a;

/**
 * Calls `onLine` with each line of a stream. A line ends at `\n` alone: U+2028, U+2029 and a lone `\r` are text, and
 * `node:readline` splits at them. A line over the bound is not kept: it is told once, and skipped to its end.
 */
export function readLines(
  stream: Readable,
  maxBytes: number,
  onLine: (line: string) => void,
  onTooLong: () => void,
): void {
  let pieces: Buffer[] = [];
  let length = 0;
  let skipping = false;
  const keep = (piece: Buffer): void => {
    length += piece.length;
    if (length <= maxBytes) {
      pieces.push(piece);
    } else if (!skipping) {
      skipping = true;
      pieces = [];
      onTooLong();
    }
  };
  const end = (): void => {
    const line = Buffer.concat(pieces).toString();
    const isWhole = !skipping;
    [pieces, length, skipping] = [[], 0, false];
    if (isWhole) {
      onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
    }
  };
  stream.on('data', (chunk: Buffer) => {
    let start = 0;
    for (let stop = chunk.indexOf(LINE_FEED); stop >= 0; stop = chunk.indexOf(LINE_FEED, start)) {
      keep(chunk.subarray(start, stop));
      end();
      start = stop + 1;
    }
    if (start < chunk.length) {
      keep(chunk.subarray(start));
    }
  });
  stream.on('end', () => {
    if (length > 0) {
      end();
    }
  });
}
