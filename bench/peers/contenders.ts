import { bundleFixture } from '../bundle-fixture';
import { startFront, type Front, type RunningFront } from './front';
import { installPeers, localRuntime, serveStdio } from './programs';
import type { Sizes } from './sizes';

/** What the rows are made of. */
export interface Contenders {
  /** The server, one file. */
  readonly server: string;
  readonly localRuntime: Front;
  /** What is measured besides: the peers, and what the server kit has to match them. */
  readonly others: readonly Front[];
  readonly sizes: Sizes;
  /** Removes what was installed. */
  readonly remove: () => void;
}

export function prepare(sizes: Sizes): Contenders {
  const server = bundleFixture('peer-server.ts');
  const { fronts, remove } = installPeers(server);
  return { server, localRuntime: localRuntime(server, 1), others: [serveStdio(server), ...fronts], sizes, remove };
}

/** Its name in a table: one process for all sessions is not the isolation of AgentCore, and easier to be fast with. */
export function nameOf({ name, processEach }: Front): string {
  return `${name} (${processEach ? 'a process for each session' : 'one process for all sessions'})`;
}

export interface Standing extends RunningFront {
  readonly name: string;
}

/** Starts fronts that are measured in turn with each other. */
export async function startAll(fronts: readonly Front[]): Promise<Standing[]> {
  const standing: Standing[] = [];
  for (const front of fronts) {
    standing.push({ ...(await startFront(front)), name: nameOf(front) });
  }
  return standing;
}
