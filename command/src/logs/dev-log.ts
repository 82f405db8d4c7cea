import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { devDirectory, leaveDirectory, type RunningDev } from './dev-directory';
import type { LogLine, LogQuery } from './log-line';

/** A log begins anew when it is as large as this: whoever follows it has read it by then. */
const LARGEST_BYTES = 16 * 1024 * 1024;
const BETWEEN_LOOKS_MS = 250;

/** The log of a `dev`, where other processes of this user find it for as long as it runs. */
export class DevLog {
  private bytes = 0;

  private constructor(
    private readonly file: string,
    private readonly description: string,
    private readonly url: string,
  ) {
    this.begin();
  }

  /** @returns `undefined` where there is no place that only this user can read */
  public static async open(url: string): Promise<DevLog | undefined> {
    const directory = await devDirectory({ create: true }).catch(() => undefined);
    if (directory === undefined) {
      return undefined;
    }
    const file = path.join(directory, `${new URL(url).port}.jsonl`);
    rmSync(file, { force: true });
    return new DevLog(file, `${JSON.stringify({ url, pid: process.pid })}\n`, url);
  }

  /** Never throws: a log that cannot be written must not end the servers. */
  public add(message: string, session?: string): void {
    const line = `${JSON.stringify({ at: new Date(), from: this.url, ...(session && { stream: session }), message })}\n`;
    try {
      if (this.bytes + line.length > LARGEST_BYTES) {
        this.begin();
      }
      appendFileSync(this.file, line);
      this.bytes += line.length;
    } catch {
      // The disk is full, or somebody has removed it.
    }
  }

  public async close(): Promise<void> {
    rmSync(this.file, { force: true });
    await leaveDirectory(path.dirname(this.file));
  }

  private begin(): void {
    writeFileSync(this.file, this.description, { mode: 0o600 });
    this.bytes = this.description.length;
  }
}

/** Lines of the log of a `dev`, until it has ended. */
export async function* devLogLines(
  { file }: RunningDev,
  { since, filter = '', follow, signal }: LogQuery,
): AsyncGenerator<LogLine> {
  const handle = await open(file, 'r');
  const chunk = Buffer.alloc(64 * 1024);
  try {
    let position = 0;
    let unfinished = Buffer.alloc(0);
    for (;;) {
      const { size, nlink } = await handle.stat();
      if (size < position) {
        position = 0;
        unfinished = Buffer.alloc(0);
      }
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, position);
      position += bytesRead;
      const read = Buffer.concat([unfinished, chunk.subarray(0, bytesRead)]);
      const end = read.lastIndexOf(0x0a) + 1;
      unfinished = read.subarray(end);
      yield* linesIn(read.subarray(0, end).toString('utf8')).filter(
        ({ at, message }) => at >= since && message.includes(filter),
      );
      if (bytesRead > 0) {
        continue;
      }
      // Removed: it has ended, and everything was read.
      if (!follow || nlink === 0) {
        return;
      }
      await sleep(BETWEEN_LOOKS_MS, undefined, { signal });
    }
  } finally {
    await handle.close();
  }
}

function linesIn(text: string): LogLine[] {
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as Omit<LogLine, 'at'> & { readonly at?: string })
    .flatMap(({ at, ...line }) => (at === undefined ? [] : [{ ...line, at: new Date(at) }]));
}
