import { RuntimeSet } from '../../../local/src/runtime/runtime-set';
import type { ServedRuntime } from '../../../local/src/runtime/served-runtime';
import type { Session } from '../../../local/src/session/session';

/** A runtime with sessions of these ids, and what it was told. */
function served(name: string, ...ids: readonly string[]): ServedRuntime & { readonly told: string[] } {
  const told: string[] = [];
  const sessions = ids.map(sessionId => ({ sessionId }) as Session);
  return {
    told,
    definition: { name },
    sessions: {
      running: sessions,
      find: (id: string) => sessions.find(({ sessionId }) => sessionId === id),
      describe: () => sessions.map(({ sessionId }) => ({ sessionId })),
    },
    close: (reason: string) => {
      told.push(reason);
      return Promise.resolve();
    },
  } as unknown as ServedRuntime & { readonly told: string[] };
}

const [one, two, unknown] = [served('one', 'a', 'b'), served('two', 'c'), served('unknown')];

function both(): RuntimeSet {
  const runtimes = new RuntimeSet();
  runtimes.register(one);
  runtimes.register(two);
  return runtimes;
}

test('a runtime that is registered is found by its name, until it is removed', () => {
  const runtimes = both();
  expect([runtimes.named('two'), runtimes.named('three')]).toEqual([two, undefined]);
  runtimes.remove(one);
  runtimes.remove(unknown);
  expect([runtimes.named('one'), runtimes.all]).toEqual([undefined, [two]]);
});

test('sessions are found among all runtimes, in the order of these', () => {
  const runtimes = both();
  expect(runtimes.findSession('c')?.sessionId).toBe('c');
  expect(runtimes.findSession('d')).toBeUndefined();
  expect(runtimes.liveSessions.map(({ sessionId }) => sessionId)).toEqual(['a', 'b', 'c']);
  expect(runtimes.describeSessions().map(({ sessionId }) => sessionId)).toEqual(['a', 'b', 'c']);
});

test('closing it closes every runtime', async () => {
  await both().close();
  expect([one.told, two.told, unknown.told]).toEqual([['closed'], ['closed'], []]);
});
