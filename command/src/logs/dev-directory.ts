import { lstat, mkdir, readdir, readFile, rm, rmdir } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';

/** A `dev` that runs on this machine. */
export interface RunningDev {
  readonly url: string;
  readonly pid: number;
  readonly port: number;
  /** Its log: this description on the first line, then a line for each of the log. */
  readonly file: string;
}

/**
 * Where those that run leave their logs: only this user can read it.
 *
 * @returns `undefined` where somebody else has made it, or lets others in
 */
export async function devDirectory({ create }: { readonly create: boolean }): Promise<string | undefined> {
  const directory = path.join(process.env.XDG_RUNTIME_DIR || tmpdir(), `stateful-mcp-dev-${userInfo().uid}`);
  if (create) {
    await mkdir(directory, { recursive: true, mode: 0o700 });
  }
  const found = await lstat(directory).catch(() => undefined);
  const own =
    found?.isDirectory() && (process.platform === 'win32' || (found.uid === userInfo().uid && !(found.mode & 0o077)));
  return own ? directory : undefined;
}

/** Those that run now. What others have left that were killed is removed. */
export async function runningDevs(): Promise<RunningDev[]> {
  const directory = await devDirectory({ create: false });
  if (directory === undefined) {
    return [];
  }
  const names = (await readdir(directory)).filter(name => /^\d+\.jsonl$/.test(name));
  const found = await Promise.all(
    names.map(async (name): Promise<RunningDev[]> => {
      const file = path.join(directory, name);
      const dev = described(await readFile(file, 'utf8').catch(() => ''), file);
      if (dev !== undefined && isRunning(dev.pid)) {
        return [dev];
      }
      await rm(file, { force: true });
      return [];
    }),
  );
  return found.flat();
}

/** Removes the directory with the last log in it. */
export async function leaveDirectory(directory: string): Promise<void> {
  await rmdir(directory).catch(() => undefined);
}

function described(text: string, file: string): RunningDev | undefined {
  try {
    const { url, pid } = JSON.parse(text.split('\n', 1)[0] ?? '') as RunningDev;
    return { url, pid, port: Number(path.basename(file, '.jsonl')), file };
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
