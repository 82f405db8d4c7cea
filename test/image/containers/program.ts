import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { onEnd } from '../assembly/disposal';

const execute = promisify(execFile);

export interface ProgramOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a program to its end and gives what it wrote. */
export async function run(command: string, args: readonly string[], options: ProgramOptions = {}): Promise<string> {
  const { stdout } = await execute(command, args, { ...options, maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

/** Starts a program that goes on until the test ends. */
export function start(
  command: string,
  args: readonly string[],
  options: ProgramOptions = {},
): { process: ChildProcess; output: () => string } {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  onEnd(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });
  return { process: child, output: () => output };
}

/** Waits until something holds, looking every few milliseconds. */
export async function until(holds: () => Promise<boolean> | boolean, what: string, timeoutMs = 60_000): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await holds())) {
    if (Date.now() > end) {
      throw new Error(`waited ${timeoutMs / 1000} s in vain until ${what}`);
    }
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}
