import type { JSONRPCMessage } from '@modelcontextprotocol/server';
import { BoundedEventStore } from '../../../server/src/session/event-store';

function message(id: number, padding = ''): JSONRPCMessage {
  return { jsonrpc: '2.0', method: 'notifications/message', params: { id, padding } };
}

async function replayed(
  store: BoundedEventStore,
  after: string,
): Promise<{ streamId: string; events: [string, JSONRPCMessage][] }> {
  const events: [string, JSONRPCMessage][] = [];
  const streamId = await store.replayEventsAfter(after, {
    send: (id, event) => Promise.resolve(void events.push([id, event])),
  });
  return { streamId, events };
}

test('replays what came after an event, of its own stream only, without the priming event', async () => {
  const store = new BoundedEventStore({ maxEvents: 10, maxBytes: 10_000 });
  const first = await store.storeEvent('a', message(1));
  await store.storeEvent('b', message(2));
  await store.storeEvent('a', {} as JSONRPCMessage);
  const last = await store.storeEvent('a', message(3));
  expect(await replayed(store, first)).toEqual({ streamId: 'a', events: [[last, message(3)]] });
  expect(await store.getStreamIdForEventId(last)).toBe('a');
});

test('forgets the oldest events beyond the number, and refuses to replay across the gap', async () => {
  const store = new BoundedEventStore({ maxEvents: 2, maxBytes: 10_000 });
  const first = await store.storeEvent('a', message(1));
  const second = await store.storeEvent('a', message(2));
  const third = await store.storeEvent('a', message(3));
  expect(await store.getStreamIdForEventId(first)).toBeUndefined();
  await expect(replayed(store, first)).rejects.toThrow(RangeError);
  expect((await replayed(store, second)).events).toEqual([[third, message(3)]]);
});

test('forgets the oldest events beyond the bytes, but never the last one', async () => {
  const store = new BoundedEventStore({ maxEvents: 10, maxBytes: 300 });
  const first = await store.storeEvent('a', message(1, 'x'.repeat(200)));
  const second = await store.storeEvent('a', message(2, 'x'.repeat(400)));
  expect(await store.getStreamIdForEventId(first)).toBeUndefined();
  expect(await store.getStreamIdForEventId(second)).toBe('a');
});

test('keeps as many as just fit, and does not count what is gone', async () => {
  const bytes = JSON.stringify(message(1)).length;
  const store = new BoundedEventStore({ maxEvents: 10, maxBytes: 2 * bytes });
  const ids: string[] = [];
  for (const id of [1, 2, 3, 4]) {
    ids.push(await store.storeEvent('a', message(id)));
    expect(store.all()).toEqual(
      ids.slice(-2).map(eventId => ({ eventId: Number(eventId), streamId: 'a', message: message(Number(eventId)) })),
    );
  }
});
