import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';

/** Variable by which a server, and whatever it starts, is known to belong to the program that has started it. */
const MARK = 'STATEFUL_MCP_LOCAL_RUNTIME';
const PROGRAM = randomUUID();

/** What the environment of every server needs, so that it is found by the guard. */
export const PROGRAM_MARK: Readonly<Record<string, string>> = { [MARK]: PROGRAM };

/** A guard that lives shorter than this is not started again at once. */
const SHORT_LIFE_MS = 1000;

/**
 * A function of the shell: which processes carry the mark `$1=$2`, by what `ps -axwwE -o pid=,command=` of macOS says.
 * There, the environment follows the arguments, a space before each variable.
 */
export const MARKED_BY_PS = `
marked_by_ps() {
  while read -r pid command; do
    case " $command " in *" $1=$2 "*) echo "$pid" ;; esac
  done
}
`;

/**
 * A shell that hears of each process group on its stdin. When the program ends, however it ends, the pipe closes and
 * the shell ends the groups that are left. Then it ends whatever carries the mark of the program: the program may have
 * started it and not lived to tell of it. A process that is between `fork` and `exec` has no mark yet, so it looks
 * several times. Nothing is left when it is told that all is over.
 *
 * `$1` and `$2` are name and value of the mark: together they would be found in the list of processes.
 */
export const GUARD_SCRIPT = `${MARKED_BY_PS}
groups=' '
while read -r change group; do
  case $change in
    +) groups="$groups$group " ;;
    -) case $groups in *" $group "*) groups="\${groups%% "$group" *} \${groups#* "$group" }" ;; esac ;;
    .) exit ;;
  esac
done
for group in $groups; do kill -KILL "-$group"; done
end_marked() {
  if [ -d /proc/self ]; then
    for file in $(grep -lsF "$1=$2" /proc/[0-9]*/environ); do
      pid=\${file#/proc/}
      pid=\${pid%/environ}
      kill -KILL "-$pid" "$pid"
    done
  else
    for pid in $(ps -axwwE -o pid=,command= | marked_by_ps "$1" "$2"); do
      kill -KILL "-$pid" "$pid"
    done
  fi
}
for pause in 0 0.1 0.4 0.5 1; do
  sleep $pause
  end_marked "$1" "$2"
done
`;

/** What ends the servers of this program when it can no longer do so itself. */
export class ServerGuard {
  private shell: ChildProcess;
  private ended: Promise<void>;
  private isOver = false;

  /** @param groups - the process groups that live, for a guard that takes the place of one that was killed */
  public constructor(private readonly groups: Iterable<number>) {
    [this.shell, this.ended] = this.start();
  }

  public adopted(group: number): void {
    this.tell(`+ ${group}`);
  }

  public released(group: number): void {
    this.tell(`- ${group}`);
  }

  /** Nothing is left to watch over. Settles when the shell has ended. */
  public end(): Promise<void> {
    this.isOver = true;
    this.shell.ref();
    this.tell('.');
    this.shell.stdin?.end();
    return this.ended;
  }

  private start(): [ChildProcess, Promise<void>] {
    const startedAt = performance.now();
    const shell = spawn('/bin/sh', ['-c', GUARD_SCRIPT, 'stateful-mcp-local guard', MARK, PROGRAM], {
      detached: true,
      // Not its environment: a program that is itself a server of another local runtime carries a mark.
      env: { PATH: process.env.PATH },
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    shell.unref();
    // Undefined when this program has too many files open to start one.
    const stdin = shell.stdin as Socket | undefined;
    stdin?.on('error', () => {});
    stdin?.unref();
    const ended = new Promise<void>(resolve => {
      // Until there is a shell, the exit hook is what is left.
      for (const event of ['error', 'exit']) {
        shell.once(event, () => {
          resolve();
          const isNew = performance.now() - startedAt < SHORT_LIFE_MS;
          setTimeout(
            () => {
              this.startAgain();
            },
            isNew ? SHORT_LIFE_MS : 0,
          ).unref();
        });
      }
    });
    return [shell, ended];
  }

  private startAgain(): void {
    if (this.isOver) {
      return;
    }
    [this.shell, this.ended] = this.start();
    for (const group of this.groups) {
      this.adopted(group);
    }
  }

  private tell(line: string): void {
    this.shell.stdin?.write(`${line}\n`);
  }
}
