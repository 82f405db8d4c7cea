import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
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
