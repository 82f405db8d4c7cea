import type { Client } from '@modelcontextprotocol/client';
import { compareOneByOne, type PassingSubject, type Subject } from '../harness';
import { startServerProcess, stopAll } from '../server-process';
import { nameOf, type Contenders } from './contenders';
import { startFront, type Front } from './front';
import { closeAll, connectAll, echo, inGroups } from './sdk-clients';

const ROUNDS = 5;
/**
 * Windows: 3000 to 4000 calls of a single session, as for the latency. Before that, what is measured is mostly how V8
 * gets to know the code.
 */
const WARMUP = 2;
const PROCESS_EACH = 'direct (a process for each session)';

/** Tool calls a second of many sessions at once, each with one call after the other. */
export async function benchPeerThroughput(contenders: Contenders): Promise<void> {
  for (const sessions of contenders.sizes.sessions) {
    await throughput(contenders, sessions);
  }
}

async function throughput({ server, localRuntime, others, sizes }: Contenders, sessions: number): Promise<void> {
  const direct = await startServerProcess(server);
  const run: Run = clients => () => callsPerSecond(clients, sizes.windowMs);
  const clients: Client[] = [];
  try {
    clients.push(...(await connectAll(Array.from({ length: sessions }, () => direct.url))));
    await compareOneByOne({
      title: `Tool calls a second of ${sessions} session${sessions > 1 ? 's' : ''} at once (MCP SDK v2 clients in one process)`,
      reference: { name: 'direct (one process for all sessions)', run: run(clients) },
      subjects: [
        bareProcesses(server, sessions, run),
        ...[localRuntime, ...others].map(front => behind(front, sessions, run)),
      ],
      rounds: Math.min(ROUNDS, sizes.rounds),
      warmup: WARMUP,
      unit: 'calls/s',
      // The servers that the runtime stands in front of. One process for all has its code compiled once, and cores need
      // not switch.
      alsoAgainst: PROCESS_EACH,
      target: `local runtime at least 0.85x ${PROCESS_EACH}`,
    });
  } finally {
    await closeAll(clients);
    await direct.stop();
  }
}

type Run = (clients: readonly Client[]) => Subject['run'];

function behind(front: Front, sessions: number, run: Run): PassingSubject {
  const name = nameOf(front);
  return {
    name,
    start: async () => {
      const { url, stop } = await startFront(front);
      const clients = await connectAll(Array.from({ length: sessions }, () => url));
      return { name, run: run(clients), stop: () => closeAll(clients).then(stop) };
    },
  };
}

function bareProcesses(server: string, sessions: number, run: Run): PassingSubject {
  const name = PROCESS_EACH;
  return {
    name,
    start: async () => {
      const servers = await inGroups(
        Array.from({ length: sessions }, () => server),
        script => startServerProcess(script),
      );
      const clients = await connectAll(servers.map(({ url }) => url));
      return { name, run: run(clients), stop: () => closeAll(clients).then(() => stopAll(servers)) };
    },
  };
}

async function callsPerSecond(clients: readonly Client[], windowMs: number): Promise<number> {
  const began = performance.now();
  let calls = 0;
  await Promise.all(
    clients.map(async client => {
      while (performance.now() - began < windowMs) {
        await echo(client);
        calls++;
      }
    }),
  );
  return (calls / (performance.now() - began)) * 1000;
}
