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

/** https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html: 64 bits, the lowest byte first. */
const ELF_64 = Buffer.from('7f454c460201', 'hex');
const HEADER_LENGTH = 64;
const SEGMENTS_OFFSET = 32;
const SEGMENT_COUNT_OFFSET = 56;

/** https://refspecs.linuxfoundation.org/elf/gabi4+/ch5.pheader.html */
const SEGMENT_LENGTH = 56;
const LOADED = 1;
const DYNAMIC = 2;

/** https://refspecs.linuxfoundation.org/elf/gabi4+/ch5.dynamic.html */
const ENTRY_LENGTH = 16;
const NEEDED = 1;
const NAMES = 5;
const LENGTH_OF_NAMES = 10;

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
  if (header.length < HEADER_LENGTH || !header.subarray(0, ELF_64.length).equals(ELF_64)) {
    return [];
  }
  const count = header.readUInt16LE(SEGMENT_COUNT_OFFSET);
  const table = partOf(file, numberAt(header, SEGMENTS_OFFSET), count * SEGMENT_LENGTH);
  const segments = divided(table, SEGMENT_LENGTH).map(segment => ({
    type: segment.readUInt32LE(0),
    offset: numberAt(segment, 8),
    address: numberAt(segment, 16),
    length: numberAt(segment, 32),
  }));
  const dynamic = segments.find(({ type }) => type === DYNAMIC);
  const entries = dynamic === undefined ? [] : divided(partOf(file, dynamic.offset, dynamic.length), ENTRY_LENGTH);
  const valuesOf = (tag: number): number[] =>
    entries.flatMap(entry => (numberAt(entry, 0) === tag ? [numberAt(entry, 8)] : []));
  const [start = NaN] = valuesOf(NAMES);
  const [length = 0] = valuesOf(LENGTH_OF_NAMES);
  const loaded = segments.find(
    segment => segment.type === LOADED && start >= segment.address && start < segment.address + segment.length,
  );
  if (loaded === undefined) {
    return [];
  }
  const names = partOf(file, loaded.offset + start - loaded.address, length);
  return valuesOf(NEEDED).map(place => names.toString('latin1', place, names.indexOf(0, place)));
}

function numberAt(bytes: Buffer, offset: number): number {
  return Number(bytes.readBigUInt64LE(offset));
}

function divided(table: Buffer, length: number): Buffer[] {
  const count = Math.floor(table.length / length);
  return Array.from({ length: count }, (_, index) => table.subarray(index * length, (index + 1) * length));
}
