import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CommandError } from '../common/command-error';

/** What a file of a host says, and where it really is. */
export interface HostFile {
  readonly path: string;
  /** `undefined` where there is no such file yet. */
  readonly text: string | undefined;
}

/** Follows links: a file of settings may be one into a repository of those. */
export async function readHostFile(file: string): Promise<HostFile> {
  try {
    const real = await realpath(file);
    return { path: real, text: await readFile(real, 'utf8') };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return { path: file, text: undefined };
    }
    throw unusable(file, error);
  }
}

/**
 * Writes a file of a host in one step, with what it said before beside it. Nothing is written when another program has
 * changed it meanwhile.
 *
 * @param isPrivate - whether a new file is for this user alone
 * @returns the copy of what it said before
 */
export async function writeHostFile(
  file: HostFile,
  text: string,
  { isPrivate }: { readonly isPrivate: boolean },
): Promise<string | undefined> {
  const unfinished = `${file.path}.${randomUUID()}`;
  try {
    await mkdir(path.dirname(file.path), { recursive: true });
    const backup = file.text === undefined ? undefined : `${file.path}.${stamp()}.bak`;
    const mode = backup === undefined ? (isPrivate ? 0o600 : 0o644) : (await stat(file.path)).mode & 0o777;
    await writeFile(unfinished, text, { mode });
    if ((await readHostFile(file.path)).text !== file.text) {
      throw new CommandError(`${file.path} was changed by another program meanwhile: run the command again`);
    }
    if (backup !== undefined) {
      await copyFile(file.path, backup);
    }
    await rename(unfinished, file.path);
    return backup;
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error instanceof CommandError ? error : unusable(file.path, error);
  }
}

function stamp(): string {
  return new Date().toISOString().replace(/[-:.]/g, '');
}

function unusable(file: string, cause: unknown): CommandError {
  const { code, message } = cause as NodeJS.ErrnoException;
  return new CommandError(
    `${file} cannot be used (${code ?? message}): check its permissions, or use \`--print\``,
    undefined,
    {
      cause,
    },
  );
}
