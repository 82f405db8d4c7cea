import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  realpathSync,
  statSync,
  writeFileSync,
  type Stats,
} from 'node:fs';
import path from 'node:path';
import { InputProblem } from '../common/input-problem';
import { recall, remember } from './cache';

/** A file of a bundle, by its path there, which has `/` between folders: in memory, or a file of this machine. */
export type ProgramFile = {
  readonly name: string;

  /** It is made of other files of the bundle, and does not count in what identifies that. */
  readonly derived?: boolean;

  /** Left out, it is executable where it is so on this machine. */
  readonly executable?: true;
} & (
  | { readonly contents: Uint8Array }
  | {
      readonly source: string;

      /** The SHA-256 of what is in it, where that is known. */
      readonly sha256?: string;
    }
);

export function sizeOf(file: ProgramFile): number {
  return 'contents' in file ? file.contents.length : statSync(file.source).size;
}

export function contentsOf(file: ProgramFile): Uint8Array {
  return 'contents' in file ? file.contents : readFileSync(file.source);
}

/** The first bytes of a file, fewer where it is shorter. */
export function beginningOf(file: ProgramFile, length: number): Buffer {
  return partOf(file, 0, length);
}

/** Bytes of a file, fewer where it ends. */
export function partOf(file: ProgramFile, start: number, length: number): Buffer {
  if ('contents' in file) {
    return Buffer.from(file.contents.subarray(start, start + length));
  }
  const descriptor = openSync(file.source, 'r');
  try {
    const there = Math.max(0, Math.min(length, fstatSync(descriptor).size - start));
    const bytes = Buffer.alloc(there);
    return bytes.subarray(0, there === 0 ? 0 : readSync(descriptor, bytes, 0, there, start));
  } finally {
    closeSync(descriptor);
  }
}

/** Names all files that are not made of others, and what is in them, whatever their order. */
export function digestOf(files: readonly ProgramFile[]): string {
  const sorted = files
    .filter(({ derived }) => derived !== true)
    .sort((left, right) => (left.name < right.name ? -1 : 1));
  // What did not change since a synthesis before is not read again: modules may have thousands of files.
  const states = sorted.map(file => [
    file.name,
    'contents' in file || file.sha256 ? sha256Of(file) : stateOf(file.source),
    isExecutable(file),
  ]);
  const known = recall(['digest', states]);
  if (typeof known === 'string') {
    return known;
  }
  const digest = createHash('sha256');
  for (const file of sorted) {
    digest.update(`${file.name}\0${isExecutable(file) ? 'x' : ''}\0${sha256Of(file)}\n`);
  }
  const result = digest.digest('hex');
  remember(['digest', states], result);
  return result;
}

/** Tells whether a file was written to since; empty when there is none. Of a folder, whether a file came or went. */
export function stateOf(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) {
    return '';
  }
  const { mtimeMs, ctimeMs, ino, size, mode } = stats;
  return stats.isDirectory() ? String(mtimeMs) : [mtimeMs, ctimeMs, ino, size, mode].join(' ');
}

export function sha256Of(file: ProgramFile): string {
  return 'source' in file && file.sha256 !== undefined
    ? file.sha256
    : createHash('sha256').update(contentsOf(file)).digest('hex');
}

function isExecutable(file: ProgramFile): boolean {
  return file.executable ?? ('source' in file && (statSync(file.source).mode & 0o111) !== 0);
}

/**
 * The files below a folder, in the order of their names. Links are followed: what they lead to travels in their place.
 *
 * @param leaveOut - tells by its path, with `/` between folders, that a file or a folder with all that is in it stays
 * behind
 */
export function filesBelow(folder: string, leaveOut: (name: string) => boolean = () => false): ProgramFile[] {
  const visit = (below: string, above: readonly string[]): ProgramFile[] => {
    const current = realpathSync(path.join(folder, below));
    if (above.includes(current)) {
      throw new InputProblem(
        `${path.join(folder, below)} is a link to a folder that it is in, and what links lead to travels along: remove it`,
      );
    }
    return readdirSync(current)
      .sort()
      .flatMap(entry => {
        const name = below === '' ? entry : `${below}/${entry}`;
        if (leaveOut(name)) {
          return [];
        }
        const source = path.join(folder, name);
        return isDirectory(source) ? visit(name, [...above, current]) : [{ name, source }];
      });
  };
  return visit('', []);
}

function isDirectory(source: string): boolean {
  const stats = statsOf(source);
  if (stats === undefined) {
    if (lstatSync(source, { throwIfNoEntry: false }) === undefined) {
      throw new InputProblem(`${source} has a name that is not in UTF-8, and cannot travel along: rename it`);
    }
    throw new InputProblem(
      `${source} is a link that leads nowhere (to ${readlinkSync(source)}), and what links lead to travels along: remove it`,
    );
  }
  if (!stats.isDirectory() && !stats.isFile()) {
    throw new InputProblem(`${source} is neither a file nor a folder, which alone can travel along: remove it`);
  }
  return stats.isDirectory();
}

/** Undefined for a link that leads nowhere, or to itself. */
function statsOf(source: string): Stats | undefined {
  try {
    return statSync(source, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOOP') {
      return undefined;
    }
    throw error;
  }
}

/** Writes files with the modes that the runtime wants, 644 or 755, whatever those of this machine and its umask are. */
export function writeFiles(folder: string, files: readonly ProgramFile[]): void {
  const folders = new Set<string>();
  for (const file of files) {
    const target = path.join(folder, file.name);
    for (let parent = path.dirname(target); parent !== folder && !folders.has(parent); parent = path.dirname(parent)) {
      mkdirSync(parent, { recursive: true });
      folders.add(parent);
    }
    if ('contents' in file) {
      writeFileSync(target, file.contents);
    } else {
      copyFileSync(file.source, target);
    }
    chmodSync(target, isExecutable(file) ? 0o755 : 0o644);
  }
  for (const created of folders) {
    chmodSync(created, 0o755);
  }
}
