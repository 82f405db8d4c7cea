import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import fileSystem from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { mountedPath, type FetchHandlerOptions } from 'stateful-mcp-server';
import type { LogEntry } from '../../../server/src/common/log';
import { SessionDirectory } from '../../../server/src/session/session-directory';
import { closeKits, INITIALIZE, initialize, JSON_HEADERS, post, URL_OF_KIT, type Kit } from '../kit';
import { counting, LIST } from './counting-kit';

const KEY = Buffer.from(Array.from({ length: 32 }, (_value, index) => index * 3)).toString('base64');
const OTHER_KEY = Buffer.from(Array.from({ length: 32 }, (_value, index) => index * 5)).toString('base64');

let sessionDirectory: string;
beforeEach(() => {
  sessionDirectory = path.join(mkdtempSync(path.join(os.tmpdir(), 'sessions-')), 'mcp');
  process.env.STATEFUL_MCP_REQUEST_STATE_KEY = KEY;
});
afterEach(async () => {
  jest.restoreAllMocks();
  delete process.env.STATEFUL_MCP_REQUEST_STATE_KEY;
  delete process.env.STATEFUL_MCP_MOUNTS;
  await closeKits();
  rmSync(path.dirname(sessionDirectory), { recursive: true, force: true });
});

/** Each is what a process is: nothing of the one before is in it. */
const kitOf = (options: FetchHandlerOptions = {}): Kit => counting({ sessionDirectory, ...options });
const file = (): string => path.join(sessionDirectory, readdirSync(sessionDirectory)[0]!);
const inSession = (id: string): Record<string, string> => ({
  'mcp-session-id': id,
  'mcp-protocol-version': '2025-11-25',
});
const list = async (kit: Kit, id: string): Promise<number> => (await post(kit, LIST, inSession(id))).status;

async function begin(kit: Kit, capabilities: object = {}): Promise<string> {
  const response = await post(kit, { ...INITIALIZE, params: { ...INITIALIZE.params, capabilities } });
  await response.text();
  const id = response.headers.get('mcp-session-id')!;
  await post(kit, { jsonrpc: '2.0', method: 'notifications/initialized' }, inSession(id));
  return id;
}

test('a session goes on in another process, with what the client declared', async () => {
  const id = await begin(kitOf(), { elicitation: {} });
  const next = kitOf();
  const response = await post(
    next,
    { jsonrpc: '2.0', id: 5, method: 'tools/call', params: { name: 'ask', arguments: {} } },
    inSession(id),
  );
  expect(response.status).toBe(200);
  const reader = response.body!.getReader();
  let text = '';
  while (!text.includes('elicitation/create')) {
    text += new TextDecoder().decode((await reader.read()).value);
  }
  const question = JSON.parse(/data: (\{.*elicitation\/create.*)/.exec(text)![1]!) as { id: string };
  expect(question.id).toMatch(/^1-/);
  // The answer to a question of the process before is for nobody.
  const answer = (answerId: unknown): Promise<Response> =>
    post(next, { jsonrpc: '2.0', id: answerId, result: { action: 'decline' } }, inSession(id));
  expect((await answer(0)).status).toBe(202);
  expect((await answer(question.id)).status).toBe(202);
  while (!text.includes('"id":5')) {
    text += new TextDecoder().decode((await reader.read()).value);
  }
  expect(text).toContain('decline');
  expect(next.log.filter(({ event }) => event === 'session-restored')).toMatchObject([{ sessionId: id, lostCalls: 0 }]);
});

test('a call that was being worked on ends with an error, once, where its client reads on', async () => {
  const first = kitOf();
  const id = await begin(first, { elicitation: {} });
  const call = await post(
    first,
    { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'ask', arguments: {} } },
    inSession(id),
  );
  const priming = new TextDecoder().decode((await call.body!.getReader().read()).value);
  const lastEventId = /^id: (\d+)/.exec(priming)![1]!;
  const resume = async (kit: Kit): Promise<string> => {
    const response = await kit.fetch(URL_OF_KIT, {
      headers: { ...inSession(id), accept: 'text/event-stream', 'last-event-id': lastEventId },
    });
    const reader = response.body!.getReader();
    let text = '';
    while (!text.includes('"id":7')) {
      text += new TextDecoder().decode((await reader.read()).value);
    }
    await reader.cancel();
    return text;
  };
  const text = await resume(kitOf());
  expect(text).toContain('call again');
  expect(text).toContain('elicitation/create');
  const third = await resume(kitOf());
  expect(third.match(/call again/g)).toHaveLength(1);
});

test('what is kept is encrypted, and for the user of the server alone', async () => {
  const id = await begin(kitOf());
  const content = readFileSync(file(), 'utf8');
  expect(content).not.toContain('initialize');
  expect(Buffer.from(content.split('\n')[0]!, 'base64').toString('latin1')).not.toContain('initialize');
  expect(path.basename(file())).not.toContain(id);
  expect(statSync(file()).mode & 0o777).toBe(0o600);
  expect(statSync(sessionDirectory).mode & 0o777).toBe(0o700);
});

test.each<[string, (whole: Buffer) => Buffer]>([
  ['empty', () => Buffer.alloc(0)],
  ['half of its first line', whole => whole.subarray(0, 40)],
  ['a changed byte', whole => Buffer.concat([Buffer.from(whole[0] === 65 ? 'B' : 'A'), whole.subarray(1)])],
  ['a line taken out', whole => Buffer.from(whole.toString().split('\n').slice(1).join('\n'))],
  ['two lines changed round', whole => Buffer.from(whole.toString().split('\n').sort().reverse().join('\n'))],
  ['no text at all', () => Buffer.from([0, 1, 2, 255, 10])],
])('a file with %s is a lost session, and no crash', async (_how, damage) => {
  const id = await begin(kitOf());
  writeFileSync(file(), damage(readFileSync(file())));
  const next = kitOf();
  const response = await post(next, LIST, inSession(id));
  expect([response.status, (await response.json()) as unknown]).toMatchObject([404, { error: { code: -32001 } }]);
  expect(next.log).toContainEqual(
    expect.objectContaining({ level: 'error', event: 'session-not-restored', sessionId: id }),
  );
  expect(readdirSync(sessionDirectory)).toEqual([]);
  expect(await list(next, await initialize(next))).toBe(200);
});

test.each(['EMFILE', 'ENFILE', 'ENOMEM', 'EIO'])(
  'a session that cannot be read for now (%s) is not lost',
  async code => {
    const id = await begin(kitOf());
    const next = kitOf();
    const lack = Object.assign(new Error(`${code}: for now`), { code });
    jest.spyOn(fileSystem, 'readFile').mockRejectedValue(lack);
    const response = await post(next, LIST, inSession(id));
    expect([response.status, (await response.json()) as unknown]).toMatchObject([
      503,
      { error: { message: expect.stringContaining('try again later') as string } },
    ]);
    expect((await post(next, INITIALIZE, { 'mcp-session-id': id })).status).toBe(503);
    expect(next.log).toContainEqual(expect.objectContaining({ event: 'session-not-restored', sessionId: id }));
    jest.restoreAllMocks();
    expect(await list(next, id)).toBe(200);
  },
);

test('a last line that was being written is left out', async () => {
  const id = await begin(kitOf());
  appendFileSync(file(), 'half of a li');
  const next = kitOf();
  expect(await list(next, id)).toBe(200);
  expect(await list(kitOf(), id)).toBe(200);
});

test('the file of another session is not taken for this one', async () => {
  const first = kitOf();
  const id = await begin(first);
  const own = file();
  const other = await begin(first);
  const others = readdirSync(sessionDirectory).map(name => path.join(sessionDirectory, name));
  writeFileSync(
    others.find(name => name !== own)!,
    readFileSync(own),
  );
  expect(await list(kitOf(), other)).toBe(404);
  expect(await list(kitOf(), id)).toBe(200);
});

test('another key reads nothing; an earlier key of a rotation does', async () => {
  const id = await begin(kitOf());
  process.env.STATEFUL_MCP_REQUEST_STATE_KEY = `${OTHER_KEY},${KEY}`;
  expect(await list(kitOf(), id)).toBe(200);
  process.env.STATEFUL_MCP_REQUEST_STATE_KEY = KEY;
  expect(await list(kitOf(), id)).toBe(404);
});

test('a session that was deleted, or is over, is not restored', async () => {
  const first = kitOf();
  const id = await begin(first);
  await first.fetch(URL_OF_KIT, { method: 'DELETE', headers: { ...JSON_HEADERS, ...inSession(id) } });
  expect(await list(kitOf(), id)).toBe(404);
  expect(readdirSync(sessionDirectory)).toEqual([]);
  const old = await begin(first);
  expect(await list(kitOf({ sessionMaxLifetimeMs: 1 }), old)).toBe(404);
  expect(readdirSync(sessionDirectory)).toEqual([]);
});

test('an idle session is freed, and goes on in the same process', async () => {
  const kit = kitOf({ sessionIdleTimeoutMs: 500 });
  const id = await begin(kit);
  while (kit.handler.sessionCount > 0) {
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  expect(await list(kit, id)).toBe(200);
});

test('to another principal the session does not exist', async () => {
  const principal = (request: Request): string | undefined => request.headers.get('user') ?? undefined;
  const first = kitOf({ principal });
  const response = await post(first, INITIALIZE, { user: 'ann' });
  await response.text();
  const id = response.headers.get('mcp-session-id')!;
  const next = kitOf({ principal });
  expect((await post(next, LIST, { ...inSession(id), user: 'bob' })).status).toBe(404);
  expect((await post(next, LIST, { ...inSession(id), user: 'ann' })).status).toBe(200);
});

test('requests that come at the same time restore a session once', async () => {
  const id = await begin(kitOf());
  const next = kitOf();
  const statuses = await Promise.all([1, 2, 3].map(() => list(next, id)));
  expect(statuses).not.toContain(404);
  expect(statuses).toContain(200);
  expect(next.log.filter(({ event }) => event === 'session-restored')).toHaveLength(1);
});

test('a session that is kept is not told to be lost while there is no room for it', async () => {
  const id = await begin(kitOf());
  const next = kitOf({ maxSessions: 1 });
  const other = await begin(next);
  expect(await list(next, id)).toBe(503);
  await next.fetch(URL_OF_KIT, { method: 'DELETE', headers: { ...JSON_HEADERS, ...inSession(other) } });
  expect(await list(next, id)).toBe(200);
});

test.each(['../../etc/passwd', '..', '/etc/passwd', 'a/b', 'a'.repeat(101), 'a\\b', '.'])(
  'the id %p reads and writes no file',
  async id => {
    expect(await list(kitOf(), id)).toBe(404);
  },
);

test('no more sessions are kept than are allowed; what nobody ended makes room', async () => {
  const kit = kitOf({ maxSessions: 1 });
  await begin(kit);
  const other = kitOf({ maxSessions: 1 });
  const id = await begin(other);
  expect(await list(other, id)).toBe(200);
  expect(readdirSync(sessionDirectory)).toHaveLength(1);
  expect(other.log).toContainEqual(expect.objectContaining({ event: 'session-not-kept' }));
  utimesSync(file(), new Date(0), new Date(0));
  expect(await list(kitOf(), await begin(kitOf({ maxSessions: 1 })))).toBe(200);
});

test('a directory that cannot be written costs what is kept, and not the session', async () => {
  writeFileSync(path.dirname(sessionDirectory) + '/file', '');
  const kit = counting({ sessionDirectory: `${path.dirname(sessionDirectory)}/file/mcp` });
  const id = await begin(kit);
  expect(await list(kit, id)).toBe(200);
  expect(kit.log).toContainEqual(expect.objectContaining({ level: 'error', event: 'session-not-kept', sessionId: id }));
});

test('only its own files are counted and removed; one that was being written makes room, too', async () => {
  const own = `${'a'.repeat(64)}.session`;
  const others = ['notes.txt', `${own}.bak`, `x${own}`, `${'a'.repeat(63)}.session`, `${own}.new`];
  mkdirSync(sessionDirectory);
  for (const name of [...others, `${own}.0f-1a.new`]) {
    writeFileSync(path.join(sessionDirectory, name), '');
    utimesSync(path.join(sessionDirectory, name), new Date(0), new Date(0));
  }
  const id = await begin(kitOf({ maxSessions: 1 }));
  const left = readdirSync(sessionDirectory);
  expect(left).toEqual(expect.arrayContaining(others));
  expect(left).toHaveLength(others.length + 1);
  expect(await list(kitOf(), id)).toBe(200);
  // As long as it may still be written, it counts.
  writeFileSync(path.join(sessionDirectory, `${own}.0f-1a.new`), '');
  const full = kitOf({ maxSessions: 2 });
  await begin(full);
  expect(full.log).toContainEqual(
    expect.objectContaining({ level: 'error', message: 'RangeError: 2 sessions are kept already' }),
  );
});

test('a session lives as long as it may since it began, in whatever process', async () => {
  const log: LogEntry[] = [];
  const open = (maxLifetimeMs: number): SessionDirectory =>
    SessionDirectory.of({ sessionDirectory }, { maxLifetimeMs, maxSessions: 9, log: entry => log.push(entry) })!;
  const start = { principal: '', initialize: {}, startedAt: 1_000_000 };
  await open(500).begin('one', start);
  jest.spyOn(Date, 'now').mockReturnValue(1_000_400);
  const kept = (await open(500).find('one'))!;
  expect(open(500).remainingMs(kept)).toBe(100);
  expect(await open(401).find('one')).toBeDefined();
  expect(readdirSync(sessionDirectory)).toHaveLength(1);
  expect(await open(400).find('one')).toBeUndefined();
  expect(readdirSync(sessionDirectory)).toEqual([]);
  expect(log).toEqual([]);
});

test('an option that is no absolute path, and one without a key, are refused', () => {
  for (const [given, got] of [
    ['sessions', '"sessions"'],
    [5, '5'],
  ] as const) {
    expect(() => counting({ sessionDirectory: given as string })).toThrow(
      `\`sessionDirectory\` must be an absolute path such as "/mnt/session/mcp", got ${got}`,
    );
  }
  delete process.env.STATEFUL_MCP_REQUEST_STATE_KEY;
  expect(() => kitOf()).toThrow(/needs `STATEFUL_MCP_REQUEST_STATE_KEY`/);
});

test('a path below a file system of the local runtime is where that says', () => {
  process.env.STATEFUL_MCP_MOUNTS = JSON.stringify({ '/mnt/session/': '/tmp/one', '/mnt/notes': '/tmp/two' });
  expect(
    ['/mnt/session', '/mnt/session/mcp', '/mnt/notes/a.txt', '/mnt/notesx', '/mnt/session/../x', '/data'].map(name =>
      mountedPath(name),
    ),
  ).toEqual(['/tmp/one', '/tmp/one/mcp', '/tmp/two/a.txt', '/mnt/notesx', '/mnt/session/../x', '/data']);
  for (const none of ['', 'no JSON']) {
    process.env.STATEFUL_MCP_MOUNTS = none;
    expect(mountedPath('/mnt/session')).toBe('/mnt/session');
  }
});
