import path from 'node:path';
import { isLibrary } from './native-binaries';
import { partOf, type ProgramFile } from './program-files';

/**
 * What wheels may expect of a machine with a desktop, by the policies of manylinux, and slim images do not have. All else
 * that they may expect is there.
 *
 * @see https://peps.python.org/pep-0599/#the-manylinux2014-policy
 */
const OF_A_DESKTOP = [
  'libGL.so.1',
  'libICE.so.6',
  'libSM.so.6',
  'libX11.so.6',
  'libXext.so.6',
  'libXrender.so.1',
  'libglib-2.0.so.0',
  'libgobject-2.0.so.0',
  'libgthread-2.0.so.0',
];

/** https://refspecs.linuxfoundation.org/elf/gabi4+/ch5.dynamic.html, in files of 64 bits. */
const ELF = 0x7f454c46;
const HEADER_LENGTH = 64;
const TABLE_OFFSET = 32;
const ENTRY_LENGTH_OFFSET = 54;
const ENTRIES_OFFSET = 56;
const LOADED = 1;
const DYNAMIC = 2;
const DYNAMIC_ENTRY_LENGTH = 16;
const NEEDED = 1n;
const NAMES = 5n;
const LONGEST_NAME = 256;

/** The libraries that a file of a bundle needs of the system, where no other file of the bundle is one. */
export interface NeededLibraries {
  readonly file: ProgramFile;
  readonly libraries: readonly string[];
}

/** What would not be loaded in a slim image, although the image is for its platform and has its C library. */
export function missedLibraries(files: readonly ProgramFile[]): NeededLibraries[] {
  const brought = new Set(files.map(({ name }) => path.posix.basename(name)));
  return files.filter(isLibrary).flatMap(file => {
    const libraries = neededBy(file).filter(name => OF_A_DESKTOP.includes(name) && !brought.has(name));
    return libraries.length === 0 ? [] : [{ file, libraries: libraries.sort() }];
  });
}

/** Empty for what is no such file, or cannot be read as one: whether it is for the platform is asked elsewhere. */
function neededBy(file: ProgramFile): string[] {
  const header = partOf(file, 0, HEADER_LENGTH);
  if (header.length < HEADER_LENGTH || header.readUInt32BE(0) !== ELF) {
    return [];
  }
  const length = header.readUInt16LE(ENTRY_LENGTH_OFFSET);
  const table = partOf(
    file,
    Number(header.readBigUInt64LE(TABLE_OFFSET)),
    length * header.readUInt16LE(ENTRIES_OFFSET),
  );
  const segments = entriesOf(table, length).map(entry => ({
    type: entry.readUInt32LE(0),
    offset: Number(entry.readBigUInt64LE(8)),
    address: Number(entry.readBigUInt64LE(16)),
    length: Number(entry.readBigUInt64LE(32)),
  }));
  const dynamic = segments.find(({ type }) => type === DYNAMIC);
  if (dynamic === undefined) {
    return [];
  }
  const entries = entriesOf(partOf(file, dynamic.offset, dynamic.length), DYNAMIC_ENTRY_LENGTH).map(entry => ({
    tag: entry.readBigInt64LE(0),
    value: Number(entry.readBigUInt64LE(8)),
  }));
  const names = entries.find(({ tag }) => tag === NAMES)?.value ?? NaN;
  const segment = segments.find(
    ({ type, address, length: size }) => type === LOADED && names >= address && names < address + size,
  );
  if (segment === undefined) {
    return [];
  }
  const start = segment.offset + names - segment.address;
  return entries
    .filter(({ tag }) => tag === NEEDED)
    .map(({ value }) =>
      partOf(file, start + value, LONGEST_NAME)
        .toString('latin1')
        .replace(/\0.*/s, ''),
    );
}

function entriesOf(table: Buffer, length: number): Buffer[] {
  const count = length < DYNAMIC_ENTRY_LENGTH ? 0 : Math.floor(table.length / length);
  return Array.from({ length: count }, (_, index) => table.subarray(index * length, (index + 1) * length));
}
