import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { JSONRPCMessage } from '@modelcontextprotocol/server';
import type { LogEntry } from '../../../server/src/common/log';
import { duringCalls, KeptSession } from '../../../server/src/session/kept-session';
import { SessionFile } from '../../../server/src/session/session-file';

const KEY = randomBytes(32);
const START = { principal: 'ann', initialize: { method: 'initialize' }, startedAt: 5 };
/** What the SDK stores first on each stream. */
const PRIMING = {} as JSONRPCMessage;

const progress = (step: number, padding = ''): JSONRPCMessage => ({
  jsonrpc: '2.0',
  method: 'notifications/progress',
  params: { step, padding },
});
const result = (id: number): JSONRPCMessage => ({ jsonrpc: '2.0', id, result: {} });

let folder: string;
let log: LogEntry[];
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'kept-session-'));
  log = [];
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

const open = (): SessionFile => new SessionFile(path.join(folder, 'file'), 'one', [KEY]);
const entries = (): Promise<unknown[] | undefined> => open().read();

async function begun(): Promise<KeptSession> {
  const kept = new KeptSession(START, open(), entry => log.push(entry));
  await kept.save();
  return kept;
}

/** As a process does that gets a request of the session. */
async function restored(): Promise<KeptSession> {
  const kept = (await KeptSession.restored(open(), entry => log.push(entry)))!;
  await kept.save();
  return kept;
}

async function after(kept: KeptSession, eventId: string): Promise<[string, JSONRPCMessage][]> {
  const events: [string, JSONRPCMessage][] = [];
  await kept.replayEventsAfter(eventId, { send: (...event) => Promise.resolve(void events.push(event)) });
  return events;
}

test('writes each entry once, and in order, however many come at a time', async () => {
  const kept = await begun();
  expect(await Promise.all([1, 2, 3].map(step => kept.storeEvent('_GET_stream', progress(step))))).toEqual([
    '1',
    '2',
    '3',
  ]);
  await kept.initialized();
  await kept.initialized();
  expect(await entries()).toEqual([
    { start: START },
    { restored: 0 },
    ...[1, 2, 3].map(step => ({ event: { eventId: step, streamId: '_GET_stream', message: progress(step) } })),
    { isInitialized: true },
  ]);
});

test('goes on in another process, and again, where it was', async () => {
  const first = await begun();
  await first.storeEvent('s', PRIMING);
  await first.initialized();
  const second = await restored();
  expect(second).toMatchObject({ start: START, generation: 1, isInitialized: true });
  expect(await second.storeEvent('s', progress(2))).toBe('2');
  const third = await restored();
  expect(third).toMatchObject({ generation: 2, isInitialized: true });
  expect(await third.getStreamIdForEventId('1')).toBe('s');
  expect(await after(third, '1')).toEqual([['2', progress(2)]]);
});

test('what did not end its handshake has none to repeat', async () => {
  await begun();
  expect((await restored()).isInitialized).toBe(false);
});

test('is none without a file, and refused where the file is of something else', async () => {
  expect(await KeptSession.restored(open(), () => undefined)).toBeUndefined();
  await open().write([{ restored: 0 }, { start: START }]);
  await expect(KeptSession.restored(open(), () => undefined)).rejects.toThrow('it does not begin with the start');
  await open().write([]);
  await expect(KeptSession.restored(open(), () => undefined)).rejects.toThrow('it does not begin with the start');
});

test('ends the calls that were not answered, each on its stream, and those alone', async () => {
  const first = await begun();
  await duringCalls([7, 8, 9], async () => {
    await first.storeEvent('batch', PRIMING);
    await first.storeEvent('batch', result(8));
    await first.storeEvent('batch', progress(1));
    await first.storeEvent('batch', { jsonrpc: '2.0', id: 9, error: { code: -1, message: 'no' } });
    // Questions have ids of their own.
    await first.storeEvent('batch', { jsonrpc: '2.0', id: 7, method: 'elicitation/create' });
    // What the handler tells all has no call.
    await first.storeEvent('_GET_stream', progress(2));
  });
  await duringCalls([10], async () => {
    await first.storeEvent('done', PRIMING);
    await first.storeEvent('done', result(10));
  });
  await duringCalls(['text'], () => first.storeEvent('single', PRIMING));
  // A process that ends before it told anybody leaves them to the next.
  await restored();
  const second = await restored();
  expect((await entries())!.slice(0, 4)).toEqual([
    { start: START },
    { restored: 2 },
    { calls: [7], streamId: 'batch' },
    { calls: ['text'], streamId: 'single' },
  ]);
  expect(await second.endLostCalls()).toBe(2);
  const last = await second.storeEvent('other', PRIMING);
  const told = { code: -32000, message: expect.stringContaining('call again') as string };
  const lost = (await entries())!.slice(-3, -1);
  expect(lost).toEqual([
    { event: { eventId: Number(last) - 2, streamId: 'batch', message: { jsonrpc: '2.0', id: 7, error: told } } },
    { event: { eventId: Number(last) - 1, streamId: 'single', message: { jsonrpc: '2.0', id: 'text', error: told } } },
  ]);
  expect(await second.endLostCalls()).toBe(0);
  expect(await (await restored()).endLostCalls()).toBe(0);
});

test('keeps nothing of what is repeated, even when that fails', async () => {
  const kept = await begun();
  const repeat = kept.replaying(async () => {
    expect(await kept.storeEvent('s', progress(1))).toBe('0');
    await kept.initialized();
    throw new Error('it broke');
  });
  await expect(repeat).rejects.toThrow('it broke');
  expect(await entries()).toEqual([{ start: START }, { restored: 0 }]);
  expect(await kept.storeEvent('s', progress(1))).toBe('1');
});

test('leaves out of its file what nobody can ask for any more, once that is large', async () => {
  const kept = await begun();
  const large = 'x'.repeat(1024 * 1024);
  let before = 0;
  let steps = 0;
  while (statSync(path.join(folder, 'file')).size > before) {
    before = statSync(path.join(folder, 'file')).size;
    steps += 1;
    await kept.storeEvent('s', progress(steps, large));
  }
  expect(before).toBeGreaterThan(8 * 1024 * 1024);
  expect(before).toBeLessThan(12 * 1024 * 1024);
  expect(await entries()).toHaveLength(3);
  expect(await (await restored()).storeEvent('s', progress(0))).toBe(String(steps + 1));
});

test('is removed for good: what comes after it is not written', async () => {
  const kept = await begun();
  await kept.remove();
  await kept.remove();
  expect(await kept.storeEvent('s', PRIMING)).toBe('1');
  expect({ files: readdirSync(folder), log }).toEqual({ files: [], log: [] });
});

test('a write that fails is logged once and costs what is kept, and not the session', async () => {
  const kept = await begun();
  rmSync(path.join(folder, 'file'));
  expect(await kept.storeEvent('s', progress(1))).toBe('1');
  expect(await kept.storeEvent('s', progress(2))).toBe('2');
  expect(await after(kept, '1')).toEqual([['2', progress(2)]]);
  expect(log).toEqual([
    { level: 'error', event: 'session-not-kept', message: expect.stringContaining('ENOENT') as string },
  ]);
  expect(readdirSync(folder)).toEqual([]);
});

// What comes after it was sent and is not in the file: the session would go on in the past.
test.each(['append', 'write'] as const)('no file stays behind that lacks what was sent: %s', async how => {
  const kept = await begun();
  jest.spyOn(SessionFile.prototype, how).mockRejectedValueOnce(new Error('ENOSPC: no space left on device'));
  expect(await kept.storeEvent('s', progress(1))).toBe('1');
  await kept.save();
  expect(await kept.storeEvent('s', progress(2))).toBe('2');
  expect(readdirSync(folder)).toEqual([]);
  expect(log).toEqual([
    { level: 'error', event: 'session-not-kept', message: 'Error: ENOSPC: no space left on device' },
  ]);
});

test('of an unkept session nothing is written, and its events are there all the same', async () => {
  const kept = KeptSession.unkept();
  await kept.save();
  expect(await kept.storeEvent('s', PRIMING)).toBe('1');
  await kept.storeEvent('s', progress(1));
  expect(await after(kept, '1')).toEqual([['2', progress(1)]]);
  await kept.remove();
});
