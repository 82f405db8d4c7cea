import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';

/** A file of a bundle, by its path there, which has `/` between folders: in memory, or a file of this machine. */
export type ProgramFile = { readonly name: string } & ({ readonly contents: Uint8Array } | { readonly source: string });

export function sizeOf(file: ProgramFile): number {
  return 'contents' in file ? file.contents.length : statSync(file.source).size;
}

export function contentsOf(file: ProgramFile): Uint8Array {
  return 'contents' in file ? file.contents : readFileSync(file.source);
}

/** The first bytes of a file, fewer where it is shorter. */
export function beginningOf(file: ProgramFile, length: number): Buffer {
  if ('contents' in file) {
    return Buffer.from(file.contents.subarray(0, length));
  }
  const descriptor = openSync(file.source, 'r');
  try {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(descriptor, bytes, 0, length, 0));
  } finally {
    closeSync(descriptor);
  }
}

/** Names all files and what is in them, whatever their order. */
export function digestOf(files: readonly ProgramFile[]): string {
  const digest = createHash('sha256');
  for (const file of [...files].sort((left, right) => (left.name < right.name ? -1 : 1))) {
    digest.update(`${file.name}\0${sizeOf(file)}\0`).update(contentsOf(file));
  }
  return digest.digest('hex');
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
      throw new Error(`${path.join(folder, below)} is a link to a folder that it is in`);
    }
    return readdirSync(current)
      .sort()
      .flatMap(entry => {
        const name = below === '' ? entry : `${below}/${entry}`;
        if (leaveOut(name)) {
          return [];
        }
        const source = path.join(folder, name);
        return statSync(source).isDirectory() ? visit(name, [...above, current]) : [{ name, source }];
      });
  };
  return visit('', []);
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
    chmodSync(target, 'source' in file && (statSync(file.source).mode & 0o111) !== 0 ? 0o755 : 0o644);
  }
  for (const created of folders) {
    chmodSync(created, 0o755);
  }
}
