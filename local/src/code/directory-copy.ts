import { constants, chmodSync, readdirSync, rmSync } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, readlink, realpath, stat, symlink } from 'node:fs/promises';
import path from 'node:path';

const WRITE_BITS = 0o222;

/**
 * Copies a directory as an archive of it would be unpacked: links that lead out of it become what they lead to, those that
 * lead nowhere are left out. Where the file system can share content, nothing is written.
 */
export async function copyDirectory(from: string, to: string): Promise<void> {
  await copyInto(from, to, await realpath(from));
}

async function copyInto(from: string, to: string, root: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await Promise.all(
    (await readdir(from, { withFileTypes: true })).map(async entry => {
      const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
      if (entry.isSymbolicLink()) {
        return copyLink(source, target, root);
      }
      if (entry.isDirectory()) {
        return copyInto(source, target, root);
      }
      if (entry.isFile()) {
        await copyFile(source, target, constants.COPYFILE_FICLONE);
      }
    }),
  );
}

async function copyLink(source: string, target: string, root: string): Promise<void> {
  const real = await realpath(source).catch(() => undefined);
  if (real === undefined) {
    return;
  }
  const link = await readlink(source);
  if (!path.isAbsolute(link) && !path.relative(root, real).startsWith('..')) {
    return symlink(link, target);
  }
  if ((await stat(real)).isDirectory()) {
    return copyInto(real, target, real);
  }
  await copyFile(real, target, constants.COPYFILE_FICLONE);
}

/** Takes the permission to write away from everybody; it does not bind the superuser. */
export async function makeReadOnly(directory: string): Promise<void> {
  const entries = await readdir(directory, { withFileTypes: true });
  await Promise.all(
    entries.map(async entry => {
      const file = path.join(directory, entry.name);
      if (entry.isDirectory()) {
        return makeReadOnly(file);
      }
      if (entry.isFile()) {
        await chmod(file, (await stat(file)).mode & ~WRITE_BITS);
      }
    }),
  );
  await chmod(directory, (await stat(directory)).mode & ~WRITE_BITS);
}

/** Removes a directory, also one that is read-only. Synchronous, for the end of a program. */
export function removeDirectory(directory: string): void {
  try {
    rmSync(directory, { recursive: true, force: true });
  } catch {
    makeWritable(directory);
    rmSync(directory, { recursive: true, force: true });
  }
}

function makeWritable(directory: string): void {
  chmodSync(directory, 0o700);
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) {
      makeWritable(path.join(directory, entry.name));
    }
  }
}
