import { readFileSync } from 'node:fs';

/** Position of `flags` after the name of the program in /proc/PID/stat, and the flag of a process that ends. */
const FLAGS = 6;
const PF_EXITING = 0x4;
/** Of signal 9 in the masks of /proc/PID/status. */
const SIGKILL_BIT = 1n << 8n;

/**
 * Whether a process of this program has ended or is about to. The system knows before this program is told: its memory
 * is taken down before its connections are closed. Undefined where the system does not say (not on Linux).
 */
export function isEnding(pid: number): boolean | undefined {
  if (process.platform !== 'linux') {
    return undefined;
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ', FLAGS + 1);
    const pending = /^SigPnd:\s+(\w+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? '0';
    return (
      'ZX'.includes(fields[0] as string) ||
      (Number(fields[FLAGS]) & PF_EXITING) !== 0 ||
      (BigInt(`0x${pending}`) & SIGKILL_BIT) !== 0n
    );
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? true : undefined;
  }
}
