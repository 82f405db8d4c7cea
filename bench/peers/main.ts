// `npm run bench:peers`: the local runtime against programs of others that put a server of standard input and output
// behind HTTP. `npm run bench:peers -- tool-call memory` runs the rows named; the sizes are in sizes.ts, `--smoke`
// makes all of them small.
import os from 'node:os';
import { stopAll } from '../server-process';
import { prepare, type Contenders } from './contenders';
import { benchPeerFirstByte } from './first-byte';
import { stopFronts } from './front';
import { benchPeerMemory } from './memory';
import { benchProxy } from './proxy/proxy';
import { benchPeerSessionStart } from './session-start';
import { readArguments } from './sizes';
import { benchPeerThroughput } from './throughput';
import { benchPeerToolCall } from './tool-call';

const benches: Readonly<Record<string, (contenders: Contenders) => Promise<void>>> = {
  'tool-call': benchPeerToolCall,
  'session-start': benchPeerSessionStart,
  'first-byte': benchPeerFirstByte,
  throughput: benchPeerThroughput,
  memory: benchPeerMemory,
  proxy: benchProxy,
};

async function main(): Promise<void> {
  const { sizes, rows } = readArguments(process.argv.slice(2));
  const unknown = rows.filter(row => !(row in benches));
  if (unknown.length > 0) {
    throw new Error(`no row named ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}`);
  }
  const load = os
    .loadavg()
    .map(value => value.toFixed(1))
    .join(' ');
  console.log(
    `Node ${process.version}, ${os.cpus().length} cores (${os.cpus()[0]?.model.trim() ?? 'unknown'}), load before ${load}, ${new Date().toISOString().slice(0, 10)}`,
  );
  const contenders = prepare(sizes);
  try {
    for (const [row, bench] of Object.entries(benches)) {
      if (rows.length === 0 || rows.includes(row)) {
        await bench(contenders);
      }
    }
  } finally {
    await end();
    contenders.remove();
  }
}

async function end(): Promise<void> {
  await Promise.all([stopFronts(), stopAll()]);
}

// Interrupted, it leaves nothing behind but what is told to end.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void end().then(() => process.exit(1)));
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
