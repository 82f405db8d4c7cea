import { readFileSync } from 'node:fs';
import os from 'node:os';
import { findProgram } from './search-path';

/** Which processors of this machine the next process runs on: each gets as many as a session may use, in turn. */
export class CpuAffinity {
  /** What cannot be limited here, for the log. */
  public readonly notes: readonly string[];

  private readonly taskset: string | undefined;
  private readonly processors: readonly number[];
  private next = 0;

  /**
   * @param vcpus - of a session; undefined for no limit
   * @param platform - for tests: the operating system
   */
  public constructor(
    private readonly vcpus: number | undefined,
    platform: NodeJS.Platform = process.platform,
  ) {
    const isTooLarge = vcpus !== undefined && os.availableParallelism() > vcpus;
    this.processors = isTooLarge && platform === 'linux' ? allowedProcessors() : [];
    this.taskset = this.processors.length > 0 ? findProgram('taskset') : undefined;
    const cause =
      platform === 'linux'
        ? 'taskset (util-linux) is not installed'
        : 'this operating system cannot keep a process on some of them';
    this.notes =
      isTooLarge && this.taskset === undefined
        ? [`servers see all ${os.availableParallelism()} processors instead of ${vcpus}: ${cause}`]
        : [];
  }

  /** The command that keeps a command, and all that it starts, on its processors. */
  public limit(command: readonly [string, ...string[]]): readonly [string, ...string[]] {
    if (this.taskset === undefined || this.vcpus === undefined) {
      return command;
    }
    const chosen = Array.from(
      { length: this.vcpus },
      (_, index) => this.processors[(this.next + index) % this.processors.length],
    );
    this.next = (this.next + this.vcpus) % this.processors.length;
    return [this.taskset, '--cpu-list', chosen.join(','), ...command];
  }
}

/** Those that this program may use, which in a container are not all of the machine. */
function allowedProcessors(): number[] {
  const [, list = ''] = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return list.split(',').flatMap(range => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
