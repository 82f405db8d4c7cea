import { sandboxed } from '../machine/bubblewrap';
import type { CpuAffinity } from '../machine/cpu-affinity';
import type { StartedServer } from '../machine/sandbox-files';
import { findProgram } from '../machine/search-path';
import { preloadedFiles } from '../snapshot/snapshot-mode';
import { MOUNTS_VARIABLE } from 'stateful-mcp-contract';

/** What keeps a server from the rest of the machine. */
export interface Confinement {
  readonly cpus: CpuAffinity;
  readonly isolation: 'none' | 'bubblewrap';
}

/** The command that starts a server within its limits. */
export function confinedCommand(
  server: StartedServer,
  { cpus, isolation }: Confinement,
): readonly [string, ...string[]] {
  // A program that is missing is started as it is, for the error that says so.
  if (findProgram(server.command[0], server.environment.PATH, server.cwd) === undefined) {
    return server.command;
  }
  if (isolation === 'none') {
    return cpus.limit(server.command);
  }
  const mounts = JSON.parse(server.environment[MOUNTS_VARIABLE] ?? '{}') as Record<string, string>;
  return cpus.limit(sandboxed(server, { readable: preloadedFiles(), mounts }));
}
