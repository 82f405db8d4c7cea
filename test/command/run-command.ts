// Runs the built command as a person's shell would, without a terminal. `npm test` builds it first.
import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from './assembly';

export const COMMAND = path.resolve(__dirname, '..', '..', 'command', 'dist', 'stateful-mcp.mjs');

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly pid: number;
  /** What was printed so far, on both streams. */
  output(): string;
  /** Settles once the output contains this. */
  until(text: string): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** Ends its standard input, where that was left open. */
  endInput(): void;
  readonly finished: Promise<Finished>;
  /** Server processes that it started and that still run. */
  serversLeft(): number[];
  /** What is left in its folder for temporary files. */
  filesLeft(): string[];
}

const running = new Set<ChildProcess>();

/** Ends what a failed test has left running. */
export function endCommands(): void {
  for (const child of running) {
    child.kill('SIGKILL');
  }
}

export function start(
  args: readonly string[],
  {
    cwd,
    env = {},
    input = '',
    open = false,
  }: { cwd?: string; env?: Record<string, string>; input?: string; open?: boolean } = {},
): Running {
  const temporary = temporaryFolder();
  const inherited = { PATH: process.env.PATH ?? '', HOME: temporary, TMPDIR: temporary };
  const child = spawn(process.execPath, [COMMAND, ...args], {
    cwd: cwd ?? temporary,
    env: { ...inherited, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => undefined).write(input);
  if (!open) {
    child.stdin.end();
  }
  running.add(child);
  child.once('exit', () => running.delete(child));
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const finished = new Promise<Finished>((resolve, reject) => {
    child.once('error', reject).once('close', code => resolve({ code, stdout, stderr }));
  });
  return {
    pid: child.pid ?? 0,
    output: () => stdout + stderr,
    until: text =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if ((stdout + stderr).includes(text)) {
            resolve();
          }
        };
        child.stdout.on('data', check);
        child.stderr.on('data', check);
        child.once('close', () => reject(new Error(`ended without printing "${text}":\n${stdout}${stderr}`)));
        check();
      }),
    signal: name => child.kill(name),
    endInput: () => child.stdin.end(),
    finished,
    serversLeft: () =>
      readdirSync(temporary).flatMap(file => {
        const pid = Number(/^pid-(\d+)$/.exec(file)?.[1]);
        return isRunning(pid) ? [pid] : [];
      }),
    filesLeft: () => readdirSync(temporary).filter(file => !file.startsWith('pid-')),
  };
}

export function run(...parameters: Parameters<typeof start>): Promise<Finished> {
  return start(...parameters).finished;
}

export function isRunning(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch {
    return false;
  }
}
