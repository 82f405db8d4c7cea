import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { lock } from 'proper-lockfile';

/** A process that holds a lock says so this often; one that has not for this long is gone. */
const STALE_MS = 15_000;
const LOOK_AGAIN_MS = 200;

/** The text of a file, or `undefined` when there is none. */
export async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}

/** Writes a file that only this user can read, in one step: nobody ever reads half of it. */
export async function writePrivate(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const unfinished = `${file}.${randomUUID()}`;
  try {
    await writeFile(unfinished, text, { mode: 0o600 });
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

/**
 * Does something that only one process may do at a time.
 *
 * @param file - what the lock is for; the lock is beside it
 * @param work - what is done meanwhile
 * @param signal - ends the wait for the lock
 */
export async function exclusively<T>(file: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const release = await acquire(file, signal);
  try {
    return await work();
  } finally {
    await release();
  }
}

async function acquire(file: string, signal?: AbortSignal): Promise<() => Promise<void>> {
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await lock(file, {
        realpath: false,
        stale: STALE_MS,
        // A machine that slept loses its lock; what it writes is still whole.
        onCompromised: () => undefined,
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') {
        throw error;
      }
    }
    await new Promise(resolve => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}
