import { compare } from '../harness';
import { startServerProcess } from '../server-process';
import { startAll, type Contenders, type Standing } from './contenders';
import { stopFronts } from './front';
import { localRuntime } from './programs';
import { closeSession, openSession } from './raw-session';

/**
 * The next process of a pool starts meanwhile, and what was ended ends: neither is to take time from the sample that
 * follows.
 */
const SETTLE_MS = 1000;
const ASK_EVERY_MS = 5;

/**
 * From the initialize request to its complete answer: with a process started for the session, and with one that waited.
 */
export async function benchPeerSessionStart({
  server,
  localRuntime: pooled,
  others,
  sizes,
}: Contenders): Promise<void> {
  try {
    const fronts = await startAll([localRuntime(server, 0), pooled, ...others]);
    await compare({
      title: 'Start of a session: from the initialize request to its complete answer',
      reference: { name: 'the server alone, from its spawn', run: () => byHand(server) },
      subjects: fronts.map(front => ({ name: front.name, run: () => start(front) })),
      rounds: sizes.rounds,
      warmup: 2,
      target: 'pooled at most 15 ms; without a pool at most 1.15x the server alone',
    });
  } finally {
    await stopFronts();
  }
}

async function byHand(server: string): Promise<number> {
  const { url, startMs, stop } = await startServerProcess(server, [], ASK_EVERY_MS);
  const { answeredMs } = await openSession(url);
  await stop();
  return startMs + answeredMs;
}

async function start({ url }: Standing): Promise<number> {
  const { sessionId, answeredMs } = await openSession(url);
  await closeSession(url, sessionId);
  await new Promise(resolve => setTimeout(resolve, SETTLE_MS));
  return answeredMs;
}
