import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { RandomAccessReader } from 'yauzl';
import { contentOf } from './temporary-file';

/**
 * Reads an archive in large pieces: yauzl's own reader takes 16 KB at a time, or 64 in Node.js 22, each with a change
 * of the thread.
 */
export class ArchiveReader extends RandomAccessReader {
  public constructor(private readonly archive: FileHandle) {
    super();
  }

  public override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(contentOf(this.archive, start, end));
  }

  public override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    this.archive
      .read(buffer, offset, length, position)
      .then(({ bytesRead }) => callback(bytesRead < length ? new Error('unexpected end') : null), callback);
  }
}
