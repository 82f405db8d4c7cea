import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { childrenOf, descendantsOf } from './process-tree';

/**
 * The process groups of the servers that run, and the promise that none of them outlives this program:
 * not when it calls `process.exit`, and not when it is killed.
 */
const groups = new Set<number>();
let guard: ChildProcess | undefined;
let guardEnded: Promise<unknown> = Promise.resolve();

/** From now on the group with this id ends with this program. */
export function adoptGroup(id: number): void {
  if (groups.size === 0) {
    process.on('exit', killAllGroups);
  }
  groups.add(id);
  guard ??= startGuard();
  tellGuard(`+ ${id}`);
}

/** Ends what is left of a group whose first process has ended, and forgets it. */
export function releaseGroup(id: number): void {
  signalGroup(id, 'SIGKILL');
  if (!groups.delete(id)) {
    return;
  }
  tellGuard(`- ${id}`);
  if (groups.size > 0) {
    return;
  }
  process.off('exit', killAllGroups);
  guard?.ref();
  guard?.stdin?.end();
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

/**
 * A shell that hears of each group on its stdin. When this program ends, however it ends, the pipe closes and the shell
 * kills the groups that are left.
 */
const GUARD = `
groups=' '
while read -r change group; do
  case $change in
    +) groups="$groups$group " ;;
    -) groups="\${groups%% "$group" *} \${groups#* "$group" }" ;;
  esac
done
for group in $groups; do kill -KILL "-$group"; done
`;

function startGuard(): ChildProcess {
  const shell = spawn('/bin/sh', ['-c', GUARD, 'stateful-mcp-local guard'], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guardEnded = new Promise(resolve => {
    shell.once('exit', resolve).once('error', resolve);
  });
  shell.unref();
  // Without a shell on the machine the exit hook is what is left, and so it is when the shell was killed.
  shell.stdin.on('error', () => {});
  (shell.stdin as Socket).unref();
  return shell;
}

function tellGuard(line: string): void {
  guard?.stdin?.write(`${line}\n`);
}
