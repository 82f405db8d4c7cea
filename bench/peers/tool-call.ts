import type { Client } from '@modelcontextprotocol/client';
import { compare } from '../harness';
import { startServerProcess } from '../server-process';
import { startAll, type Contenders, type Standing } from './contenders';
import { stopFronts } from './front';
import { cpuSeconds, proportionalBytes } from './process-tree';
import { closeAll, connectAll, echo } from './sdk-clients';

const CALLS_FOR_CPU = 1000;
/** 3000 calls: before that, what is measured is mostly how V8 gets to know the code. */
const WARMUP = 15;

/** What stands between adds to a tool call, and what it takes of the machine. */
export async function benchPeerToolCall({ server, localRuntime, others, sizes }: Contenders): Promise<void> {
  const direct = await startServerProcess(server);
  const clients: Client[] = [];
  try {
    const fronts = await startAll([localRuntime, ...others]);
    clients.push(...(await connectAll([direct.url, ...fronts.map(({ url }) => url)])));
    const [reference, ...subjects] = ['direct', ...fronts.map(({ name }) => name)].map((name, index) => ({
      name,
      run: () => meanCall(clients[index], sizes.calls),
    }));
    if (!reference) {
      throw new Error('there is nothing to measure');
    }
    await compare({
      title: `Tool call in a session (mean of ${sizes.calls} calls a sample, MCP SDK v2 client)`,
      reference,
      subjects,
      rounds: sizes.rounds,
      warmup: WARMUP,
      target: 'local runtime at most 1.28x direct, and below every peer with a process for each session',
    });
    await ownCost(fronts, clients.slice(1));
  } finally {
    await closeAll(clients);
    await stopFronts();
    await direct.stop();
  }
}

async function meanCall(client: Client | undefined, calls: number): Promise<number> {
  if (!client) {
    throw new Error('there is no client');
  }
  const began = performance.now();
  for (let call = 0; call < calls; call++) {
    await echo(client);
  }
  return (performance.now() - began) / calls;
}

async function ownCost(fronts: readonly Standing[], clients: readonly Client[]): Promise<void> {
  if (process.platform !== 'linux') {
    return console.log('\nLEFT OUT: memory and CPU of the programs between, which are read from /proc');
  }
  console.log(
    `\n### What the program between takes itself, its servers apart (one session)\n\n| | CPU seconds for ${CALLS_FOR_CPU} calls | proportional memory, MiB |\n|---|---:|---:|`,
  );
  for (const [index, { name, pid }] of fronts.entries()) {
    const before = cpuSeconds(pid);
    await meanCall(clients[index], CALLS_FOR_CPU);
    const seconds = cpuSeconds(pid) - before;
    console.log(`| ${name} | ${seconds.toFixed(2)} | ${(proportionalBytes([pid]) / 1024 / 1024).toFixed(1)} |`);
  }
}
