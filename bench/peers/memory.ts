import { startServerProcess, stopAll } from '../server-process';
import { nameOf, type Contenders } from './contenders';
import { startFront, type Front } from './front';
import { processTree, proportionalBytes } from './process-tree';
import { openSession } from './raw-session';
import { inGroups } from './sdk-clients';

/** What a start leaves behind is collected meanwhile. */
const SETTLE_MS = 5000;

interface Held {
  readonly processes: number;
  readonly bytes: number;
}

/**
 * Memory of idle sessions, the program between and its pool included, against as many server processes with a session
 * each and nothing between.
 */
export async function benchPeerMemory({ server, localRuntime, others, sizes: { idle } }: Contenders): Promise<void> {
  if (process.platform !== 'linux') {
    return console.log('\nLEFT OUT: memory of idle sessions, which is read from /proc');
  }
  console.log(
    `\n### Memory of ${idle} idle sessions (proportional set size of all processes)\n\n| | processes | MiB | MiB a session | ratio to the reference |\n|---|---:|---:|---:|---|`,
  );
  const reference = await bare(server, idle);
  row(`${idle} bare server processes`, idle, reference);
  for (const front of [localRuntime, ...others]) {
    row(nameOf(front), idle, await behind(front, idle), reference);
  }
  console.log('\nTarget: local runtime at most 1.05x the bare server processes');
}

function row(name: string, idle: number, { processes, bytes }: Held, reference?: Held): void {
  const mebibytes = bytes / 1024 / 1024;
  const ratio = reference ? `${(bytes / reference.bytes).toFixed(2)}x` : 'reference';
  console.log(`| ${name} | ${processes} | ${mebibytes.toFixed(0)} | ${(mebibytes / idle).toFixed(1)} | ${ratio} |`);
}

async function bare(server: string, idle: number): Promise<Held> {
  const servers = await inGroups(
    Array.from({ length: idle }, () => server),
    script => startServerProcess(script),
  );
  try {
    await inGroups(servers, ({ url }) => openSession(url));
    return await held(servers.map(({ pid }) => pid));
  } finally {
    await stopAll(servers);
  }
}

async function behind(front: Front, idle: number): Promise<Held> {
  const { url, pid, stop } = await startFront(front);
  try {
    await inGroups(
      Array.from({ length: idle }, () => url),
      openSession,
    );
    return await held([pid]);
  } finally {
    await stop();
  }
}

async function held(roots: readonly number[]): Promise<Held> {
  await new Promise(resolve => setTimeout(resolve, SETTLE_MS));
  const pids = roots.flatMap(processTree).map(({ pid }) => pid);
  return { processes: pids.length, bytes: proportionalBytes(pids) };
}
