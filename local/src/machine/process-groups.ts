import { childrenOf, descendantsOf } from './process-tree';
import { ServerGuard } from './server-guard';

/**
 * The process groups of the servers that run, and the promise that none of them outlives this program:
 * not when it calls `process.exit`, and not when it is killed.
 */
const groups = new Set<number>();
let guard: ServerGuard | undefined;
let guardEnded: Promise<unknown> = Promise.resolve();

/**
 * Call before a server is started: what is started from now on with `PROGRAM_MARK` ends with this program, even when
 * this program ends before it knows of it.
 */
export function guardServers(): void {
  guard ??= new ServerGuard(groups);
}

/** From now on the group with this id ends with this program. */
export function adoptGroup(id: number): void {
  if (groups.size === 0) {
    process.on('exit', killAllGroups);
  }
  groups.add(id);
  guardServers();
  guard?.adopted(id);
}

/** Ends what is left of a group whose first process has ended, and forgets it. */
export function releaseGroup(id: number): void {
  signalGroup(id, 'SIGKILL');
  if (groups.delete(id)) {
    guard?.released(id);
  }
  if (groups.size > 0) {
    return;
  }
  process.off('exit', killAllGroups);
  guardEnded = guard?.end() ?? guardEnded;
  guard = undefined;
}

/** Whether there was anything to signal. */
export function signalGroup(id: number, signal: NodeJS.Signals): boolean {
  // 0, of a process that could not be started, would mean the group of this program.
  if (id <= 0) {
    return false;
  }
  try {
    return process.kill(-id, signal);
  } catch {
    return false;
  }
}

/**
 * Signals the processes in a sandbox, but neither the program that made it nor its first process inside. Whether there
 * was any.
 *
 * @param id - of the program that made it
 */
export function signalSandbox(id: number, signal: NodeJS.Signals): boolean {
  const inside = childrenOf(id).flatMap(first => descendantsOf(first));
  for (const pid of inside) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended meanwhile.
    }
  }
  return inside.length > 0;
}

/** Settles when no group is left and what watched over them has ended too. */
export async function watchEnded(): Promise<void> {
  if (groups.size === 0) {
    await guardEnded;
  }
}

function killAllGroups(): void {
  for (const id of groups) {
    signalGroup(id, 'SIGKILL');
  }
}
