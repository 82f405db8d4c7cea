import type { FileHandle } from 'node:fs/promises';
import { pipeline, Transform, type Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import { fromRandomAccessReaderPromise, type Entry, type ZipFile } from 'yauzl';
import type { ApplicationFile } from './application-layer';
import { ArchiveReader } from './archive-reader';
import { ImageAssemblyError } from '../common/failures';
import { MAX_IMAGE_BYTES } from '../common/limits';
import { PIECE_BYTES } from '../../common/piece';

/** The high half of the external attributes is the mode of the file, where Unix made the archive. */
const MODE_SHIFT = 16;
const FILE_TYPE_MASK = 0o170_000;
const SYMBOLIC_LINK = 0o120_000;

/** The files of a zip archive. Each is checked when it is read. The archive must stay open until then. */
export async function filesOfZip(archive: FileHandle): Promise<ApplicationFile[]> {
  const files = new Map<string, ApplicationFile>();
  let bytes = 0;
  try {
    const { size } = await archive.stat();
    const zip = await fromRandomAccessReaderPromise(new ArchiveReader(archive), size, {
      autoClose: false,
      strictFileNames: true,
    });
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith('/')) {
        continue;
      }
      refuseOddEntry(entry, files);
      bytes += entry.uncompressedSize;
      files.set(entry.fileName, {
        path: entry.fileName,
        size: entry.uncompressedSize,
        open: () => openEntry(zip, entry),
      });
    }
  } catch (error) {
    throw error instanceof ImageAssemblyError
      ? error
      : invalid(`cannot be read (${error instanceof Error ? error.message : String(error)})`);
  }
  if (files.size === 0) {
    throw invalid('is empty');
  }
  if (bytes > MAX_IMAGE_BYTES) {
    throw new ImageAssemblyError(
      'ERR_IMAGE_TOO_LARGE',
      `the application has ${bytes} bytes; AgentCore Runtime allows images of ${MAX_IMAGE_BYTES}: ship less`,
    );
  }
  return [...files.values()];
}

function refuseOddEntry(entry: Entry, files: ReadonlyMap<string, ApplicationFile>): void {
  if (files.has(entry.fileName)) {
    throw invalid(`holds ${JSON.stringify(entry.fileName)} twice`);
  }
  if (((entry.externalFileAttributes >>> MODE_SHIFT) & FILE_TYPE_MASK) === SYMBOLIC_LINK) {
    throw invalid(`holds the symbolic link ${JSON.stringify(entry.fileName)}`);
  }
  if (!entry.canDecodeFileData()) {
    throw invalid(`holds ${JSON.stringify(entry.fileName)} encrypted, or compressed by another method than deflate`);
  }
}

async function openEntry(zip: ZipFile, entry: Entry): Promise<Readable> {
  const damaged = (detail = '') => invalid(`holds ${JSON.stringify(entry.fileName)} damaged${detail}`);
  let checksum = 0;
  let size = 0;
  const checked = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      checksum = crc32(chunk, checksum);
      size += chunk.length;
      done(size > entry.uncompressedSize ? damaged(' (too many bytes)') : null, chunk);
    },
    flush(done) {
      done(checksum === entry.crc32 && size === entry.uncompressedSize ? null : damaged());
    },
    destroy(error, done) {
      done(error === null || error instanceof ImageAssemblyError ? error : damaged(` (${error.message})`));
    },
  });
  const stored = await zip.openReadStreamPromise(entry, { decodeFileData: false }).catch((error: Error) => {
    throw damaged(` (${error.message})`);
  });
  // Whoever reads the checked bytes is told of what fails before; nobody may be reading any more.
  const told = () => undefined;
  // The decompression of yauzl gives 16 KB at a time.
  return entry.compressionMethod === 0
    ? pipeline(stored, checked, told)
    : pipeline(stored, createInflateRaw({ chunkSize: PIECE_BYTES }), checked, told);
}

function invalid(problem: string): ImageAssemblyError {
  return new ImageAssemblyError(
    'ERR_APPLICATION_INVALID',
    `the archive of the application ${problem}; a zip archive of regular files is allowed: ` +
      'build the application again',
  );
}
