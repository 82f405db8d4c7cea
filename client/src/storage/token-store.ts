import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { stateDirectory } from 'stateful-mcp-contract';
import { exclusively, readText, writePrivate } from './private-file';

/** Where the tokens of `oauth()` are kept, each entry a text under a key. */
export interface TokenStore {
  read(key: string): Promise<string | undefined>;
  write(key: string, text: string): Promise<void>;
  remove(key: string): Promise<void>;
  /** Does something while nobody else, in this process or another, does so for the same key. */
  exclusively<T>(key: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
}

/**
 * Keeps tokens in files that only this user can read (mode 0600), written in one step.
 *
 * @param directory - `stateful-mcp/tokens` in `XDG_STATE_HOME`, or in `~/.local/state`, when left out
 */
export function fileTokenStore(directory = path.join(stateDirectory(), 'tokens')): TokenStore {
  const fileOf = (key: string): string => path.join(directory, `${nameOf(key)}.json`);
  return {
    read: key => readText(fileOf(key)),
    write: (key, text) => writePrivate(fileOf(key), text),
    remove: key => rm(fileOf(key), { force: true }),
    exclusively: (key, work, signal) => exclusively(fileOf(key), work, signal),
  };
}

/** Keeps tokens as long as the process runs. */
export function memoryTokenStore(): TokenStore {
  const texts = new Map<string, string>();
  /** They never reject. */
  const last = new Map<string, Promise<unknown>>();
  return {
    read: key => Promise.resolve(texts.get(key)),
    write: (key, text) => Promise.resolve(void texts.set(key, text)),
    remove: key => Promise.resolve(void texts.delete(key)),
    exclusively: (key, work, signal) => {
      const next = waited(last.get(key) ?? Promise.resolve(), signal).then(work);
      last.set(key, Promise.allSettled([last.get(key), next]));
      return next;
    },
  };
}

/** Waits until work has ended, whatever became of it, and no longer than until the signal is aborted. */
function waited(work: Promise<unknown>, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    void work.then(() => resolve());
  });
}

/** Keys are URLs and client ids, which are no names of files. */
function nameOf(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 32);
}
