import type { FileHandle } from 'node:fs/promises';
import { contentOf, temporaryFile } from './temporary-file';

/** Bundles are below it, as a rule, and a function has a hundred times as much. */
const KEPT_IN_MEMORY_BYTES = 2 * 1024 ** 2;

/** Bytes that are written once and read as often as it takes: in memory, or in a temporary file when there are many. */
export class Spool {
  public size = 0;
  private pieces: Buffer[] = [];
  private file?: FileHandle;

  public async write(piece: Buffer): Promise<void> {
    this.size += piece.length;
    this.pieces.push(piece);
    if (this.size > KEPT_IN_MEMORY_BYTES) {
      const file = (this.file ??= await temporaryFile());
      await file.appendFile(Buffer.concat(this.pieces));
      this.pieces = [];
    }
  }

  public async *read(): AsyncIterable<Buffer> {
    yield* this.file === undefined ? this.pieces : contentOf(this.file);
  }

  public async close(): Promise<void> {
    this.pieces = [];
    await this.file?.close();
  }
}
