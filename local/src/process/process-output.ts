import { StringDecoder } from 'node:string_decoder';
import type { Readable } from 'node:stream';
import { plainOutput, plainText } from '../common/plain-text';

/** One line of log. */
export interface SessionLogEntry {
  readonly runtimeName: string;
  /** The session whose process wrote the line. Absent when the process ended before it was given to a session. */
  readonly sessionId?: string;
  /** The process that wrote the line; this program for lines of the local runtime about no process. */
  readonly pid: number;
  /** `runtime`: the local runtime itself has something to say. */
  readonly stream: 'stdout' | 'stderr' | 'runtime';
  /**
   * Without its line end; lines longer than 64 KiB come in pieces. What a terminal obeys, but colours, is written out
   * (`\\u0007`).
   */
  readonly line: string;
}

export type SessionLog = (entry: SessionLogEntry) => void;

const TAIL_LINES = 50;
const HELD_LINES = 200;
const LONGEST_LINE = 64 * 1024;
const NAMES_AN_ERROR = /^(Uncaught )?[\w.]*(Error|Exception)\b/;
/** The last line of Node after an uncaught error. */
const NODE_VERSION = /^Node\.js v\d/;

/**
 * What a server process writes, by lines.
 *
 * A process waits in the pool before it has a session, and a session serves its first request before it has an id. The
 * last 200 lines written until then are held, and logged with the id once it is known. Earlier ones go to the log
 * without an id.
 */
export class ProcessOutput {
  private readonly recent: { readonly stream: 'stdout' | 'stderr'; readonly line: string }[] = [];
  private held: SessionLogEntry[] | undefined = [];
  private sessionId: string | undefined;

  public constructor(
    private readonly runtimeName: string,
    private readonly pid: number,
    private readonly log: SessionLog,
  ) {}

  /** Takes the lines of a stream of the process. */
  public follow(stream: 'stdout' | 'stderr', source: Readable): void {
    const decoder = new StringDecoder('utf8');
    let unfinished = '';
    source.on('data', (chunk: Buffer) => {
      const lines = (unfinished + decoder.write(chunk)).split(/\r?\n/);
      unfinished = lines.pop() ?? '';
      for (const line of lines) {
        this.logLine(stream, this.logPieces(stream, line));
      }
      unfinished = this.logPieces(stream, unfinished);
    });
    source.on('close', () => {
      unfinished += decoder.end();
      if (unfinished !== '') {
        this.logLine(stream, unfinished);
      }
    });
  }

  /** A line of the local runtime about this process. */
  public note(line: string): void {
    this.write({
      runtimeName: this.runtimeName,
      pid: this.pid,
      stream: 'runtime',
      line: plainText(line, LONGEST_LINE),
    });
  }

  /** From now on lines carry this id, and so do those that waited for it. */
  public identify(sessionId: string): void {
    this.sessionId = sessionId;
    this.flush();
  }

  /** No id will ever be known: what was held goes to the log without one. */
  public flush(): void {
    const held = this.held ?? [];
    this.held = undefined;
    for (const entry of held) {
      this.write(entry);
    }
  }

  /** The last lines, oldest first, at most 50. */
  public get tail(): readonly string[] {
    return this.recent.map(({ line }) => line);
  }

  /** The line on stderr that says why: the last one that names an error, else the last one with text. */
  public get lastErrorLine(): string | undefined {
    const lines = this.recent
      .filter(({ stream, line }) => stream === 'stderr' && line.trim() !== '' && !NODE_VERSION.test(line))
      .map(({ line }) => line.trim());
    return lines.filter(line => NAMES_AN_ERROR.test(line)).at(-1) ?? lines.at(-1);
  }

  /** Logs what of a line is too much, and gives the rest. */
  private logPieces(stream: 'stdout' | 'stderr', written: string): string {
    let rest = written;
    while (rest.length > LONGEST_LINE) {
      this.logLine(stream, rest.slice(0, LONGEST_LINE));
      rest = rest.slice(LONGEST_LINE);
    }
    return rest;
  }

  private logLine(stream: 'stdout' | 'stderr', written: string): void {
    const line = plainOutput(written);
    this.recent.push({ stream, line });
    if (this.recent.length > TAIL_LINES) {
      this.recent.shift();
    }
    this.write({ runtimeName: this.runtimeName, pid: this.pid, stream, line });
  }

  private write(entry: SessionLogEntry): void {
    if (!this.held) {
      const { sessionId } = this;
      return this.log(sessionId === undefined ? entry : { ...entry, sessionId: plainText(sessionId) });
    }
    this.held.push(entry);
    if (this.held.length > HELD_LINES) {
      this.log(this.held.shift() as SessionLogEntry);
    }
  }
}
