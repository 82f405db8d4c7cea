import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stateDirectory } from 'stateful-mcp-contract';

const KEPT_LINES = 500;

/** The lines of earlier chats, in a file that only this user can read. A line that begins with a space is not kept. */
export class LineHistory {
  /** @param lines - newest first, as readline has them */
  private constructor(
    private readonly file: string,
    private lines: string[],
  ) {}

  public static async open(file = path.join(stateDirectory(), 'chat-history')): Promise<LineHistory> {
    const text = await readFile(file, 'utf8').catch(() => '');
    return new LineHistory(
      file,
      text.split('\n').filter(line => line !== ''),
    );
  }

  public get newestFirst(): string[] {
    return [...this.lines];
  }

  public add(line: string): void {
    if (line.trim() !== '' && !line.startsWith(' ')) {
      this.lines = [line, ...this.lines.filter(other => other !== line)].slice(0, KEPT_LINES);
    }
  }

  /** Never rejects: a chat is worth more than its history. */
  public async save(): Promise<void> {
    try {
      await mkdir(path.dirname(this.file), { recursive: true, mode: 0o700 });
      await writeFile(this.file, `${this.lines.join('\n')}\n`, { mode: 0o600 });
    } catch {
      // The place cannot be written.
    }
  }
}
