import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack, type Pack } from 'tar-stream';
import { PIECE_BYTES } from './piece';
import type { OpenBlob } from './registry-client';
import { Spool } from './spool';

/** A file of the application, with a path relative to its root, in `/`. */
export interface ApplicationFile {
  readonly path: string;
  readonly size: number;
  readonly open: () => Promise<NodeJS.ReadableStream>;
}

/** A layer of an image. */
export interface ApplicationLayer {
  /** The digest of the compressed layer, which names it in the registry. */
  readonly digest: string;
  readonly size: number;
  /** The digest of the uncompressed layer, which names it in the configuration of the image. */
  readonly diffId: string;
  readonly open: OpenBlob;
  dispose(): Promise<void>;
}

/** The time, the owner and the mode of everything in a layer: neither the machine that zipped the files nor the zip format may matter. */
const ENTRY = { mtime: new Date(0), uid: 0, gid: 0, mode: 0o755 };

/** The tenth byte of a gzip header tells the system that wrote it. 255 is «unknown»: https://www.rfc-editor.org/rfc/rfc1952#page-8 */
const OPERATING_SYSTEM_OFFSET = 9;
const UNKNOWN_OPERATING_SYSTEM = 255;

/** How many pieces are read ahead of the compression, which takes most of the time and has a thread of its own. */
const PIECES_AHEAD = 4;

/**
 * Packs files into a layer below a folder of the root. Equal files give equal bytes, whatever their order.
 *
 * @param uncompressed told the digest of the uncompressed layer, while the end of it is being compressed
 */
export async function createApplicationLayer(
  files: readonly ApplicationFile[],
  folder: string,
  signal: AbortSignal,
  uncompressed: (diffId: string) => void = () => undefined,
): Promise<ApplicationLayer> {
  const layer = new Spool();
  // Whoever reads it is told of its failure; nobody may be reading yet.
  const archive = pack().on('error', () => undefined);
  try {
    const digests = { uncompressed: '', compressed: '' };
    const written = pipeline(
      Readable.from(inPieces(hashed(archive as AsyncIterable<unknown> as AsyncIterable<Buffer>, (diffId) => {
        digests.uncompressed = diffId;
        uncompressed(diffId);
      })), { highWaterMark: PIECES_AHEAD }),
      createGzip({ chunkSize: PIECE_BYTES }),
      withoutOperatingSystem,
      async (chunks: AsyncIterable<Buffer>) => {
        for await (const chunk of hashed(chunks, digest => void (digests.compressed = digest))) {
          await layer.write(chunk);
        }
      },
      { signal },
    );
    await Promise.all([written, addEntries(archive, files, folder.slice(1))]);
    return { digest: digests.compressed, size: layer.size, diffId: digests.uncompressed, open: () => layer.read(), dispose: () => layer.close() };
  } catch (error) {
    archive.destroy();
    await layer.close();
    // The pipeline tells that it was aborted, not why.
    signal.throwIfAborted();
    throw error;
  }
}

async function addEntries(archive: Pack, files: readonly ApplicationFile[], root: string): Promise<void> {
  try {
    const entries = new Map<string, ApplicationFile | undefined>();
    for (const file of files) {
      const name = `${root}/${file.path}`;
      for (let slash = name.indexOf('/'); slash !== -1; slash = name.indexOf('/', slash + 1)) {
        entries.set(name.slice(0, slash + 1), undefined);
      }
      entries.set(name, file);
    }
    for (const [name, file] of [...entries].sort(([left], [right]) => (left < right ? -1 : 1))) {
      if (file === undefined) {
        archive.entry({ ...ENTRY, name, type: 'directory' });
      } else {
        const entry = archive.entry({ ...ENTRY, name, type: 'file', size: file.size });
        await pipeline(await file.open(), entry);
      }
    }
    archive.finalize();
  } catch (error) {
    archive.destroy(error as Error);
    throw error;
  }
}

async function* hashed(chunks: AsyncIterable<Buffer>, done: (digest: string) => void): AsyncIterable<Buffer> {
  const hash = createHash('sha256');
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
  done(`sha256:${hash.digest('hex')}`);
}

/** Puts small chunks together, such as the headers of tar. */
async function* inPieces(chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  let pending: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    pending.push(chunk);
    size += chunk.length;
    if (size >= PIECE_BYTES) {
      yield joined(pending);
      pending = [];
      size = 0;
    }
  }
  yield joined(pending);
}

function joined(chunks: readonly Buffer[]): Buffer {
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

async function* withoutOperatingSystem(chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  let position = 0;
  for await (const chunk of chunks) {
    const offset = OPERATING_SYSTEM_OFFSET - position;
    if (offset >= 0 && offset < chunk.length) {
      chunk[offset] = UNKNOWN_OPERATING_SYSTEM;
    }
    position += chunk.length;
    yield chunk;
  }
}
