import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ; Linux has it at 100 on every architecture that Node.js runs on. */
const TICKS_PER_SECOND = 100;

/** A process, told from a later one with the same id by when it started. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startedAt: string;
}

/** A process and all that came of it, as far as they live. Linux only. */
export function processTree(root: number): ProcessIdentity[] {
  const found: ProcessIdentity[] = [];
  const pids = [root];
  for (const pid of pids) {
    try {
      found.push({ pid, startedAt: statFields(pid)[19] ?? '' });
      pids.push(...childrenOf(pid));
    } catch {
      // It ended meanwhile.
    }
  }
  return found;
}

/**
 * Proportional set size of processes: a page that several share counts once in all. Of those that ended meanwhile,
 * nothing.
 */
export function proportionalBytes(pids: readonly number[]): number {
  return pids.reduce((total, pid) => total + pssOf(pid), 0);
}

/** User and system time of one process, without its children. */
export function cpuSeconds(pid: number): number {
  const [user = 0, system = 0] = statFields(pid).slice(11, 13).map(Number);
  return (user + system) / TICKS_PER_SECOND;
}

/** Ends those of the processes that still run. */
export function endAll(processes: readonly ProcessIdentity[]): void {
  for (const { pid, startedAt } of processes) {
    try {
      if (statFields(pid)[19] === startedAt) {
        process.kill(pid, 'SIGKILL');
      }
    } catch {
      // It ended by itself.
    }
  }
}

function pssOf(pid: number): number {
  try {
    return Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/**
 * The fields of /proc/PID/stat that follow the name, which may itself have spaces and parentheses: the first is the
 * state.
 */
function statFields(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap(task =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')
      .split(' ')
      .filter(text => text !== '')
      .map(Number),
  );
}
