import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';

/**
 * Resident memory of the processes of this machine by their groups: bytes by the id of the group. Pages that several
 * processes share count for each.
 */
export async function memoryOfGroups(): Promise<ReadonlyMap<number, number>> {
  return sumByGroup(process.platform === 'linux' ? residentFromProc() : await residentFromPs());
}

/**
 * Memory of one group with the pages that its processes share counted once: what a server that forks its workers really
 * uses. Slow to read, so for the few groups where it matters. The same as the resident memory where it cannot be read.
 */
export function sharedOnceMemoryOf(group: number, residentBytes: number): number {
  if (process.platform !== 'linux') {
    return residentBytes;
  }
  try {
    const pids = residentFromProc()
      .filter(({ pgid }) => pgid === group)
      .map(({ pid }) => pid);
    return pids.length > 1 ? pids.reduce((total, pid) => total + proportionalBytes(pid), 0) : residentBytes;
  } catch {
    return residentBytes;
  }
}

export interface ProcessMemory {
  readonly pid: number;
  readonly pgid: number;
  readonly bytes: number;
}

/**
 * One read a process of the whole machine: less than following the children of each thread of each session, and it
 * finds those whose parent has ended.
 */
function residentFromProc(): ProcessMemory[] {
  return readdirSync('/proc')
    .filter(name => /^\d/.test(name))
    .flatMap(name => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
        // The name, in parentheses, may itself have spaces and parentheses. After it: state, parent, group; the resident
        // pages are the 22nd.
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ', 22);
        return [{ pid: Number(name), pgid: Number(fields[2]), bytes: Number(fields[21]) * pageBytes() }];
      } catch {
        // It ended meanwhile.
        return [];
      }
    });
}

async function residentFromPs(): Promise<ProcessMemory[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,pgid=,rss=']);
  return residentByPs(stdout);
}

/** By what `ps -A -o pid=,pgid=,rss=` says. */
export function residentByPs(output: string): ProcessMemory[] {
  return output
    .trim()
    .split('\n')
    .map(line => {
      const [pid = 0, pgid = 0, kilobytes = 0] = line.trim().split(/\s+/).map(Number);
      return { pid, pgid, bytes: kilobytes * 1024 };
    });
}

function proportionalBytes(pid: number): number {
  return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]) * 1024;
}

let pageSize: number | undefined;

/** 4 KiB on most machines, 16 or 64 on some for arm64. */
function pageBytes(): number {
  pageSize ??= Number(/^KernelPageSize:\s+(\d+)/m.exec(readFileSync('/proc/self/smaps', 'latin1'))?.[1] ?? 4) * 1024;
  return pageSize;
}

function sumByGroup(processes: readonly ProcessMemory[]): ReadonlyMap<number, number> {
  const groups = new Map<number, number>();
  for (const { pgid, bytes } of processes) {
    groups.set(pgid, (groups.get(pgid) ?? 0) + bytes);
  }
  return groups;
}
