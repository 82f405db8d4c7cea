import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { descendantsOf } from './process-tree';

/** What the processes of one group have used. */
export interface ProcessUsage {
  /** Milliseconds of user and system time, with those of children which have ended. */
  readonly cpuMs: number;
  /** Resident memory. Pages that several processes share count for each. */
  readonly memoryBytes: number;
}

/** USER_HZ; Linux has it at 100 a second on every architecture that Node.js runs on. */
const MS_PER_TICK = 10;

/**
 * What a process group has used; undefined when nothing of it is left.
 *
 * Reads synchronously: it is called right before a process is told to end, and the files of /proc are read from memory.
 */
export function usageOfGroup(group: number): ProcessUsage | undefined {
  return process.platform === 'linux' ? fromProc(group) : fromPs(group);
}

function fromProc(group: number): ProcessUsage | undefined {
  // Most groups are one process: the children of each are followed instead of reading the whole of /proc.
  return sum(
    [group, ...descendantsOf(group)].flatMap(pid => {
      try {
        return [processFromProc(pid)];
      } catch {
        // It ended meanwhile.
        return [];
      }
    }),
  );
}

function processFromProc(pid: number): ProcessUsage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name, in parentheses, may itself have spaces and parentheses; utime is the twelfth field after it.
  const ticks = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 15)
    .reduce((total, field) => total + Number(field), 0);
  const peakKilobytes = Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  return { cpuMs: ticks * MS_PER_TICK, memoryBytes: peakKilobytes * 1024 };
}

function fromPs(group: number): ProcessUsage | undefined {
  // Without an output when this program has too many files open to start one.
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pgid=,rss=,time='], { encoding: 'utf8' }) as { stdout?: string };
  return usageByPs(stdout ?? '', group);
}

/** What a group has used, by what `ps -A -o pgid=,rss=,time=` says. */
export function usageByPs(output: string, group: number): ProcessUsage | undefined {
  return sum(
    output.split('\n').flatMap(line => {
      const [pgid, kilobytes = '0', time = '0'] = line.trim().split(/\s+/);
      return Number(pgid) === group ? [{ cpuMs: secondsOf(time) * 1000, memoryBytes: Number(kilobytes) * 1024 }] : [];
    }),
  );
}

/** Seconds of `[[days-]hours:]minutes:seconds[.hundredths]`. */
export function secondsOf(time: string): number {
  const [days, rest] = time.includes('-') ? (time.split('-', 2) as [string, string]) : ['0', time];
  return Number(days) * 86_400 + rest.split(':').reduce((total, part) => total * 60 + Number(part), 0);
}

function sum(usages: readonly ProcessUsage[]): ProcessUsage | undefined {
  if (usages.length === 0) {
    return undefined;
  }
  return {
    cpuMs: usages.reduce((total, { cpuMs }) => total + cpuMs, 0),
    memoryBytes: usages.reduce((total, { memoryBytes }) => total + memoryBytes, 0),
  };
}
