import type { SessionLogEntry } from 'stateful-mcp-local';
import { printable, printableLine } from '../common/printable';

/** As much of a session id as tells sessions apart on a screen. */
export function shortSessionId(sessionId: string): string {
  return printableLine(sessionId.slice(0, 8));
}

/** A line of the log with where it comes from: a session, a process that has none yet, or the local runtime itself. */
export function logLine({ runtimeName, sessionId, pid, stream, line }: SessionLogEntry): string {
  const where = sessionId !== undefined ? shortSessionId(sessionId) : stream === 'runtime' ? '' : `process ${pid}`;
  const from = [runtimeName, where].filter(Boolean).join(' ');
  return from === '' ? printable(line) : `[${from}] ${printable(line)}`;
}

/** The last lines of the log, for when something fails. */
export class LogTail {
  private readonly lines: string[] = [];

  public constructor(private readonly size: number) {}

  public add(entry: SessionLogEntry): void {
    this.lines.push(logLine(entry));
    if (this.lines.length > this.size) {
      this.lines.shift();
    }
  }

  /** Gives back the lines since the last time. */
  public take(): string[] {
    return this.lines.splice(0);
  }
}
