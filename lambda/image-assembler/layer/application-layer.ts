import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack, type Pack } from 'tar-stream';
import type { CompressedBlocks } from './compressed-blocks';
import { gzipped } from './gzip';
import type { OpenBlob } from '../registry/registry-client';
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

/**
 * The time, the owner and the mode of everything in a layer: neither the machine that zipped the files nor the zip
 * format may matter.
 */
const ENTRY = { mtime: new Date(0), uid: 0, gid: 0, mode: 0o755 };

/** What packing takes besides the files. */
export interface PackingOptions {
  readonly signal: AbortSignal;
  readonly blocks: CompressedBlocks;
  /** Told the digest of the uncompressed layer, while the end of it is being compressed. */
  readonly uncompressed?: (diffId: string) => void;
}

/** Packs files into a layer below a folder of the root. Equal files give equal bytes, whatever their order. */
export async function createApplicationLayer(
  files: readonly ApplicationFile[],
  folder: string,
  options: PackingOptions,
): Promise<ApplicationLayer> {
  const { signal } = options;
  const layer = new Spool();
  // Whoever reads it is told of its failure; nobody may be reading yet.
  const archive = pack().on('error', () => undefined);
  const digests = { uncompressed: '', compressed: '' };
  const uncompressed = hashed(archive as AsyncIterable<unknown> as AsyncIterable<Buffer>, diffId => {
    digests.uncompressed = diffId;
    options.uncompressed?.(diffId);
  });
  const written = pipeline(
    Readable.from(gzipped(uncompressed, options.blocks)),
    async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of hashed(chunks, digest => void (digests.compressed = digest))) {
        await layer.write(chunk);
      }
    },
    { signal },
  );
  try {
    await Promise.all([written, addEntries(archive, files, folder.slice(1))]);
  } catch (error) {
    archive.destroy();
    // What is written last may open the file of the layer.
    await Promise.allSettled([written]);
    await layer.close();
    // The pipeline tells that it was aborted, not why.
    signal.throwIfAborted();
    throw error;
  }
  return {
    digest: digests.compressed,
    size: layer.size,
    diffId: digests.uncompressed,
    open: () => layer.read(),
    dispose: () => layer.close(),
  };
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
        // Nobody would listen to the failure of an entry that waits for its file to be opened.
        const content = await file.open();
        await pipeline(content, archive.entry({ ...ENTRY, name, type: 'file', size: file.size }));
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
