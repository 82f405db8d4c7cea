import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { FetchHandlerOptions } from 'stateful-mcp-server';
import { SessionDirectory } from '../../../server/src/session/session-directory';
import { closeKits, INITIALIZE, initialize, messagesOf, openKit, post, URL_OF_KIT, type Kit } from '../kit';
import { counting, LIST } from './counting-kit';

let sessionDirectory: string;
beforeEach(() => {
  sessionDirectory = mkdtempSync(path.join(os.tmpdir(), 'sessions-'));
  const key = Buffer.from(Array.from({ length: 32 }, (_value, index) => index * 3));
  process.env.STATEFUL_MCP_REQUEST_STATE_KEY = key.toString('base64');
});
afterEach(async () => {
  jest.restoreAllMocks();
  delete process.env.STATEFUL_MCP_REQUEST_STATE_KEY;
  await closeKits();
  rmSync(sessionDirectory, { recursive: true, force: true });
});

const principal = (request: Request): string | undefined => request.headers.get('user') ?? undefined;
/** Each is what a process is: nothing of the one before is in it. */
const kitOf = (options: FetchHandlerOptions = {}): Kit => counting({ sessionDirectory, principal, ...options });
const status = async (kit: Kit, id: string, user = ''): Promise<number> => {
  const response = await post(kit, LIST, { 'mcp-session-id': id, ...(user && { user }) });
  await response.text();
  return response.status;
};

test('several sessions that go on at the same time are kept apart', async () => {
  const first = kitOf();
  const ids = [await initialize(first, { user: 'ann' }), await initialize(first, { user: 'bob' })];
  const next = kitOf();
  // Who has nothing to do with a session neither gets it nor keeps it from its own user.
  const statuses = await Promise.all([
    status(next, ids[0]!, 'bob'),
    status(next, ids[0]!, 'ann'),
    status(next, ids[1]!, 'bob'),
    status(next, ids[1]!, 'ann'),
  ]);
  expect(statuses).toEqual([404, 200, 200, 404]);
  expect(next.handler.sessionCount).toBe(2);
});

test('whoever begins a session with the id of one that is kept for another gets none, and ends none', async () => {
  const id = await initialize(kitOf(), { user: 'ann' });
  const next = kitOf();
  for (const user of ['bob', '']) {
    const response = await post(next, INITIALIZE, { 'mcp-session-id': id, ...(user && { user }) });
    expect(response.status).toBe(404);
    await response.text();
  }
  expect(next.handler.sessionCount).toBe(0);
  expect(await status(next, id, 'ann')).toBe(200);
  expect(await initialize(kitOf(), { 'mcp-session-id': id, user: 'ann' })).toBe(id);
});

test('an id that was not known is asked for anew', async () => {
  const next = kitOf();
  expect(await status(next, 'later')).toBe(404);
  expect(next.log.filter(({ level }) => level === 'error')).toEqual([]);
  expect(await initialize(kitOf(), { 'mcp-session-id': 'later' })).toBe('later');
  expect(await status(next, 'later')).toBe(200);
});

test('one that goes on ends as any other does', async () => {
  const id = await initialize(kitOf());
  const next = kitOf();
  expect(await status(next, id)).toBe(200);
  expect((await next.fetch(URL_OF_KIT, { method: 'DELETE', headers: { 'mcp-session-id': id } })).status).toBe(200);
  expect(await status(next, id)).toBe(404);
  expect(next.log.filter(({ event }) => event.startsWith('session-'))).toEqual([
    { level: 'info', event: 'session-restored', sessionId: id, sessions: 1, lostCalls: 0 },
    { level: 'info', event: 'session-stopped', sessionId: id, reason: 'deleted', sessions: 0 },
  ]);
  expect({ sessions: next.handler.sessionCount, files: readdirSync(sessionDirectory) }).toEqual({
    sessions: 0,
    files: [],
  });
});

test('one whose process ends is kept for the next', async () => {
  const first = kitOf();
  const id = await initialize(first);
  await first.handler.close();
  await new Promise(resolve => setTimeout(resolve, 20));
  for (const next of [kitOf(), kitOf()]) {
    expect(await status(next, id)).toBe(200);
    await next.handler.close();
  }
  expect(readdirSync(sessionDirectory)).toHaveLength(1);
});

test('nothing is kept of one whose lifetime has ended', async () => {
  const kit = kitOf({ sessionMaxLifetimeMs: 60 });
  await initialize(kit);
  expect(readdirSync(sessionDirectory)).toHaveLength(1);
  while (kit.handler.sessionCount > 0 || readdirSync(sessionDirectory).length > 0) {
    await new Promise(resolve => setTimeout(resolve, 5));
  }
  expect(kit.log).toContainEqual(expect.objectContaining({ event: 'session-stopped', reason: 'max-lifetime' }));
});

test('one that does not begin by `initialize` is none, and leaves no server behind', async () => {
  const log = { maxLifetimeMs: 60_000, maxSessions: 9, log: () => undefined };
  const directory = SessionDirectory.of({ sessionDirectory }, log)!;
  const closed = jest.fn();
  const kit = openKit(
    server => {
      server.server.onclose = closed;
    },
    { sessionDirectory },
  );
  const principalOfNobody = await principalKept();
  await directory.begin('odd', { principal: principalOfNobody, initialize: LIST, startedAt: Date.now() });
  expect(await status(kit, 'odd')).toBe(404);
  expect(kit.handler.sessionCount).toBe(0);
  expect(closed).toHaveBeenCalledTimes(1);
  expect(kit.log.filter(({ event }) => event.startsWith('session-'))).toEqual([]);

  /** What is written of a caller who is not told apart. */
  async function principalKept(): Promise<string> {
    const id = await initialize(kitOf());
    return (await directory.find(id))!.start!.principal;
  }
});

test.each([true, false])('the server is told that the client is initialized when it was: %s', async wasInitialized => {
  const initialized = jest.fn();
  const open = (): Kit =>
    openKit(
      server => {
        server.server.oninitialized = initialized;
      },
      { sessionDirectory },
    );
  const id = await initialize(open());
  const headers = { 'mcp-session-id': id };
  const notification = { jsonrpc: '2.0', method: 'notifications/initialized' };
  if (wasInitialized) {
    await post(kitOf({ principal: undefined }), notification, headers);
  }
  const ping = { jsonrpc: '2.0', id: 5, method: 'ping' };
  const next = open();
  expect(await messagesOf(await post(next, ping, headers))).toMatchObject([{ id: 5, result: {} }]);
  expect(initialized).toHaveBeenCalledTimes(wasInitialized ? 1 : 0);
  // And it is told but once: here, or in a process after this one.
  await post(next, notification, headers);
  initialized.mockClear();
  await messagesOf(await post(open(), ping, headers));
  expect(initialized).toHaveBeenCalledTimes(1);
});

test('one that was not opened is not kept', async () => {
  const kit = kitOf();
  expect((await post(kit, { ...INITIALIZE, params: {} })).status).toBe(200);
  expect(readdirSync(sessionDirectory)).toEqual([]);
});

/** The directory by itself, and what it logs. */
function directoryOf(maxLifetimeMs = 60_000, maxSessions = 9): { directory: SessionDirectory; log: unknown[] } {
  const log: unknown[] = [];
  const settings = { maxLifetimeMs, maxSessions, log: (entry: unknown) => void log.push(entry) };
  return { directory: SessionDirectory.of({ sessionDirectory }, settings)!, log };
}

test('what an earlier version has kept goes on', async () => {
  const name = '7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed.session';
  const lines = [
    'dRgL+EuXMktS5kPXe2El+NAfvxcWEndDG7ztC0G0Y9ieYWSV1P3GPuznEpj/aIBm8no9iE7k0snwWQunMfEJoVb4HTowtLDSVlaDfjOy/QzXvwqnw8HEfP5HfvDGu6m+NDakM4f3wdqbsHIZ490ZbfucU8QlRsZMpREz5XyVWojWN+f5LdJZuNVd',
    '1abOHTRAay1Y/1GMdxgGO3gNhiJyf6jW72Ce+hDR9ZbyFp3oOOIsRIkJ9cFJ12xM5flBlWpwgbiGd1g36Ds/gfr85/YWdwsq',
  ];
  writeFileSync(path.join(sessionDirectory, name), `${lines.join('\n')}\n`);
  const { directory, log } = directoryOf(Number.MAX_SAFE_INTEGER);
  expect([await directory.find('one'), log]).toMatchObject([
    { start: { principal: 'ann', initialize: { method: 'initialize' }, startedAt: 5 }, generation: 1 },
    [],
  ]);
});

test.each([20_000, 50_000])('one that goes on after %i ms lives for the rest of its lifetime', async age => {
  const { directory } = directoryOf();
  const startedAt = Date.now() - age;
  await directory.begin('old', { principal: '', initialize: INITIALIZE, startedAt });
  const timers = jest.spyOn(globalThis, 'setTimeout');
  const next = kitOf({ principal: undefined, sessionMaxLifetimeMs: 60_000, sessionIdleTimeoutMs: 900_000 });
  expect(await status(next, 'old')).toBe(200);
  const rest = timers.mock.calls.map(([, ms]) => ms ?? 0).filter(ms => ms > 1000 && ms <= 60_000 - age);
  expect(rest.length).toBeGreaterThan(0);
  expect(timers.mock.calls.map(([, ms]) => ms)).not.toContain(60_000);
});

test('one that its own user initializes anew begins anew', async () => {
  const id = await initialize(kitOf(), { user: 'ann' });
  const next = kitOf();
  expect(await initialize(next, { 'mcp-session-id': id, user: 'ann' })).toBe(id);
  expect(next.log.filter(({ event }) => event.startsWith('session-'))).toEqual([
    { level: 'info', event: 'session-started', sessionId: id, sessions: 1 },
  ]);
  expect(readdirSync(sessionDirectory)).toHaveLength(1);
});

test('a file that goes while the others are counted does no harm', async () => {
  symlinkSync(path.join(sessionDirectory, 'gone'), path.join(sessionDirectory, `${'a'.repeat(64)}.session`));
  const { directory, log } = directoryOf();
  await directory.begin('one', { principal: '', initialize: INITIALIZE, startedAt: Date.now() });
  expect([readdirSync(sessionDirectory).length, log]).toEqual([2, []]);
});
