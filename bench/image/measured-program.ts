import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

export interface MeasuredRun {
  readonly milliseconds: number;
  /** Of the process alone; 0 where the system has no /proc. */
  readonly peakMemoryBytes: number;
}

const POLL_MS = 10;

/** Runs a program to its end. */
export async function measured(command: string, args: readonly string[], cwd?: string): Promise<MeasuredRun> {
  const start = performance.now();
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', chunk => (output += String(chunk)));
  child.stderr.on('data', chunk => (output += String(chunk)));
  let peakMemoryBytes = 0;
  const poll = setInterval(() => {
    peakMemoryBytes = Math.max(peakMemoryBytes, highWaterMark(child.pid));
  }, POLL_MS);
  const [code] = (await once(child, 'close')) as [number | null];
  const milliseconds = performance.now() - start;
  clearInterval(poll);
  if (code !== 0) {
    throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${output}`);
  }
  return { milliseconds, peakMemoryBytes };
}

function highWaterMark(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
