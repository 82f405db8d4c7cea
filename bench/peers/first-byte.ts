import { compare, type Subject } from '../harness';
import { startServerProcess } from '../server-process';
import { startAll, type Contenders } from './contenders';
import { stopFronts } from './front';
import { openSession, timeToReport } from './raw-session';

/** How soon a progress notification arrives of a tool that sends it at once and answers 50 ms later. */
export async function benchPeerFirstByte({ server, localRuntime, others, sizes }: Contenders): Promise<void> {
  const direct = await startServerProcess(server);
  try {
    const fronts = await startAll([localRuntime, ...others]);
    const [reference, ...subjects] = await Promise.all([{ url: direct.url, name: 'direct' }, ...fronts].map(subject));
    if (!reference) {
      throw new Error('there is nothing to measure');
    }
    await compare({
      title: 'Start of a stream: from the call to its progress notification; the result follows after 50 ms',
      reference,
      subjects,
      rounds: sizes.rounds * 2,
      warmup: 3,
    });
  } finally {
    await stopFronts();
    await direct.stop();
  }
}

async function subject({ url, name }: { readonly url: string; readonly name: string }): Promise<Subject> {
  const { sessionId } = await openSession(url);
  const { reported } = await timeToReport(url, sessionId);
  return {
    name: reported ? name : `${name}: progress does not arrive, so the result`,
    run: async () => (await timeToReport(url, sessionId)).elapsedMs,
  };
}
