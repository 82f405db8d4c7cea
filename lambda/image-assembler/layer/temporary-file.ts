import { randomUUID } from 'node:crypto';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PIECE_BYTES } from '../../common/piece';

/**
 * A file without a name, for reading and writing. It is gone when its handle is closed or the process ends, however
 * that comes: a function that was killed leaves nothing behind for the next invocation to trip over.
 */
export async function temporaryFile(): Promise<FileHandle> {
  const name = path.join(tmpdir(), `image-assembler-${randomUUID()}`);
  const file = await open(name, 'wx+', 0o600);
  await unlink(name);
  return file;
}

/**
 * The content of such a file, or a part of it. A stream of Node.js would close the handle when its reader stops early.
 */
export async function* contentOf(file: FileHandle, start = 0, end = Number.POSITIVE_INFINITY): AsyncIterable<Buffer> {
  for (let position = start; position < end;) {
    const length = Math.min(PIECE_BYTES, end - position);
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, position);
    if (bytesRead === 0) {
      return;
    }
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
