import { compareRequests } from './requests';
import { compareResponses } from './responses';
import { startPair, type Differing } from './pair';

const AT_ONCE = 24;

/** How many messages were compared with what Node.js makes of them, and where that is something else. */
export interface Compared {
  readonly count: number;
  readonly differing: readonly Differing[];
}

/** Compares messages until there were so many, or the time is over. */
export async function compareMany(
  kind: 'requests' | 'responses',
  count: number,
  limitMs: number,
  seed: number,
): Promise<Compared> {
  const pair = await startPair(kind === 'requests' ? 'echo' : 'script');
  const compare = kind === 'requests' ? compareRequests : compareResponses;
  const endsAt = performance.now() + limitMs;
  const differing: Differing[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count && performance.now() < endsAt) {
      const found = await compare(pair, seed + next++);
      if (found) {
        differing.push(found);
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  } finally {
    await pair.close();
  }
  return { count: next, differing };
}
