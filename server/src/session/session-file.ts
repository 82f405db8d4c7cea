import { constants } from 'node:fs';
import { appendFile, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { kernelUuid } from '../common/kernel-random';
import { decrypt, encrypt } from '../request-state/state-encryption';

/** The machine lacks something for a while, or the storage does not answer: the file may be as it was. */
const PASSING: readonly unknown[] = ['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN', 'EBUSY', 'EIO', 'ETIMEDOUT', 'ESTALE'];

/** Whether a file that could not be read may be read later. */
export function isPassing(error: unknown): boolean {
  return PASSING.includes((error as NodeJS.ErrnoException).code);
}

/** More than a session could have written: compaction comes long before. */
const LARGEST_FILE = 64 * 1024 * 1024;

/** Only the user that the server runs as. */
const MODE = 0o600;

/** Without creating it: a session that was deleted stays so. */
const APPEND = constants.O_WRONLY | constants.O_APPEND;

/**
 * The file of one session: a line for each entry, encrypted, with the id of the session and the number of the line in
 * it. A line that is of another session, at another place or changed is therefore noticed.
 */
export class SessionFile {
  private lines = 0;
  private size = 0;

  /** @param keys - the first one encrypts, every one decrypts */
  public constructor(
    private readonly path: string,
    private readonly id: string,
    private readonly keys: readonly Buffer[],
  ) {}

  public get bytes(): number {
    return this.size;
  }

  /**
   * Every entry; undefined when there is no such file.
   * @throws Error when it is not one of this session, damaged, or cannot be read
   */
  public async read(): Promise<unknown[] | undefined> {
    try {
      if ((await stat(this.path)).size > LARGEST_FILE) {
        throw new RangeError('it is too large');
      }
      // What comes after the last line end was being written when the process ended, and was sent to nobody.
      const lines = (await readFile(this.path, 'latin1')).split('\n').slice(0, -1);
      return lines.map((line, number) => this.decode(line, number));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        return undefined;
      }
      throw error;
    }
  }

  /** Replaces the file by one with these entries, at once or not at all. */
  public async write(entries: readonly unknown[]): Promise<void> {
    const text = entries.map((entry, number) => this.encode(entry, number)).join('');
    const fresh = `${this.path}.${kernelUuid()}.new`;
    try {
      await writeFile(fresh, text, { mode: MODE, flag: 'wx' });
      await rename(fresh, this.path);
    } catch (error) {
      await rm(fresh, { force: true });
      throw error;
    }
    this.lines = entries.length;
    this.size = text.length;
  }

  public async append(entry: unknown): Promise<void> {
    const line = this.encode(entry, this.lines);
    // The types name strings alone; `open` takes numbers as well.
    await appendFile(this.path, line, { flag: APPEND as unknown as string });
    this.lines += 1;
    this.size += line.length;
  }

  public async remove(): Promise<void> {
    await rm(this.path, { force: true });
  }

  private encode(entry: unknown, number: number): string {
    const plaintext = Buffer.from(JSON.stringify([this.id, number, entry]));
    return `${encrypt(this.keys[0]!, plaintext).toString('base64')}\n`;
  }

  private decode(line: string, number: number): unknown {
    const bytes = Buffer.from(line, 'base64');
    for (const key of this.keys) {
      const plaintext = decrypted(key, bytes);
      if (plaintext !== undefined) {
        const [id, place, entry] = JSON.parse(plaintext.toString()) as [unknown, unknown, unknown];
        if (id === this.id && place === number) {
          return entry;
        }
      }
    }
    throw new RangeError(`line ${number + 1} is damaged, or of another key`);
  }
}

function decrypted(key: Buffer, bytes: Buffer): Buffer | undefined {
  try {
    return decrypt(key, bytes);
  } catch {
    return undefined;
  }
}
