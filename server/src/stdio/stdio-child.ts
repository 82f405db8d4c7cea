import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { Admission, type Leave } from '../http/admission';
import { readLines } from './line-reader';

export interface StdioCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface StdioChildEvents {
  /** A line of standard output. */
  output(line: string): void;
  /** A line of standard output is longer than may be: the process is ended. */
  tooLong(maxBytes: number): void;
  /** A line of standard error. */
  errorOutput(line: string): void;
  /** Once, at the end. */
  ended(how: string): void;
}

/**
 * How long a process has to end after each of the two friendly ways to ask for it: the end of its standard input, and
 * SIGTERM.
 */
const END_STEP_MS = 2000;

/** The longest message: a result of several images fits; a line without an end must not fill this process. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;
const MAX_LOG_LINE_BYTES = 64 * 1024;

/** What a process may leave unread of its standard input before whoever writes to it has to wait. */
const MAX_UNREAD_BYTES = 8 * 1024 * 1024;

/** One listener for all of them, to be told of the end of this process. */
const running = new Set<StdioChild>();

function killRunning(): void {
  for (const child of running) {
    child.kill('SIGKILL');
  }
}

/**
 * A process that speaks by lines on its standard streams. With what it started itself it makes a process group, and
 * ends as one.
 */
export class StdioChild {
  public readonly pid: number | undefined;
  private readonly process: ChildProcessWithoutNullStreams;
  private readonly ended: Promise<void>;
  private readonly admission: Admission;
  private running = true;
  private ending: Promise<void> | undefined;

  public constructor({ command, args, cwd, environment }: StdioCommand, events: StdioChildEvents) {
    const child = spawn(command, args, {
      cwd,
      env: environment,
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
    });
    this.process = child;
    this.pid = child.pid;
    // What a process wrote before its end comes before it.
    readLines(
      child.stdout,
      MAX_LINE_BYTES,
      line => events.output(line),
      () => {
        events.tooLong(MAX_LINE_BYTES);
        // The answer in it is lost, and whoever waits for it is told by the end of the process.
        this.kill('SIGKILL');
      },
    );
    readLines(
      child.stderr,
      MAX_LOG_LINE_BYTES,
      line => events.errorOutput(line),
      () => events.errorOutput('(a line too long)'),
    );
    this.admission = new Admission(MAX_UNREAD_BYTES, () => (this.running ? child.stdin.writableLength : 0));
    // Writing to a process that has just ended fails; its end is told by the events.
    child.stdin.on('error', () => undefined);
    this.ended = new Promise(resolve => {
      const end = (how: string): void => {
        if (!this.running) {
          return;
        }
        this.running = false;
        running.delete(this);
        this.admission.changed();
        if (running.size === 0) {
          process.off('exit', killRunning);
        }
        events.ended(how);
        resolve();
      };
      // Whatever it still does, nobody would hear of it.
      child.stdout.once('end', () => void this.end());
      // Others of its group would keep its streams, and with them the session, open.
      child.once('exit', () => this.kill('SIGKILL'));
      child.once('error', error => end(`could not be started: ${error.message}`));
      child.once('close', (code, signal) => end(signal ? `was ended by ${signal}` : `ended with exit code ${code}`));
    });
    if (running.size === 0) {
      process.once('exit', killRunning);
    }
    running.add(this);
  }

  public send(line: string): void {
    this.process.stdin.write(`${line}\n`, () => this.admission.changed());
  }

  /** Resolves when the process takes a line of this size, or has ended. */
  public admit(bytes: number, signal: AbortSignal): Promise<Leave> {
    return this.admission.enter(bytes, signal);
  }

  /** Reads no more of its output: by and by it has to wait with writing. */
  public pause(): void {
    this.process.stdout.pause();
  }

  public resume(): void {
    this.process.stdout.resume();
  }

  /** Asks the process to end, by and by less friendly. Resolves when it has. */
  public end(): Promise<void> {
    return (this.ending ??= this.endProcess());
  }

  private async endProcess(): Promise<void> {
    this.process.stdin.end();
    const steps = [
      setTimeout(() => this.kill('SIGTERM'), END_STEP_MS),
      setTimeout(() => this.kill('SIGKILL'), 2 * END_STEP_MS),
    ];
    await this.ended;
    for (const step of steps) {
      clearTimeout(step);
    }
  }

  /** Sends a signal to the whole group. */
  public kill(signal: NodeJS.Signals): void {
    if (this.pid === undefined) {
      return;
    }
    try {
      process.kill(process.platform === 'win32' ? this.pid : -this.pid, signal);
    } catch {
      // There is nobody left in the group.
    }
  }
}
