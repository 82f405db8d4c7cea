import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { serveStdio, type HttpListener, type LogEntry, type ServeStdioOptions } from 'stateful-mcp-server';
import { INITIALIZE, JSON_HEADERS, messagesOf } from '../kit';

const SERVER = path.join(__dirname, '../fixtures', 'slow-stdio-server.mjs');
/** Megabytes that may be on their way: what the bridge keeps, what the sockets of both sides keep, and a line. */
const MOST_ON_THE_WAY = 40;

const listeners: HttpListener[] = [];
afterEach(() => Promise.all(listeners.splice(0).map(listener => listener.close())));

interface Bridge {
  readonly url: string;
  /** How many lines a process says to have `written` or `read`. */
  readonly lines: (what: 'written' | 'read', sessionId: string) => number;
}

async function bridge(options: ServeStdioOptions = {}): Promise<Bridge> {
  const log: LogEntry[] = [];
  const listener = await serveStdio(process.execPath, [SERVER], {
    host: '127.0.0.1',
    port: 0,
    drainTimeoutMs: 0,
    log: entry => log.push(entry),
    ...options,
  });
  listeners.push(listener);
  const lines = (what: string, sessionId: string): number =>
    log
      .filter(entry => entry['sessionId'] === sessionId && String(entry['line']).startsWith(what))
      .reduce((most, { line }) => Math.max(most, Number(String(line).split(' ')[1])), 0);
  return { url: listener.url, lines };
}

function post(url: string, message: object, sessionId?: string, headers: object = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { ...JSON_HEADERS, ...(sessionId !== undefined && { 'mcp-session-id': sessionId }), ...headers },
    body: JSON.stringify({ jsonrpc: '2.0', ...message }),
  });
}

async function newSession(url: string): Promise<string> {
  const response = await post(url, INITIALIZE);
  await response.text();
  return response.headers.get('mcp-session-id')!;
}

const callOf = (name: string, count = 0): object => ({
  id: name,
  method: 'tools/call',
  params: { name, arguments: { count } },
});

/** A call whose answer nobody reads yet. */
async function unread(url: string, sessionId: string, count: number): Promise<IncomingMessage> {
  const sent = request(url, { method: 'POST', headers: { ...JSON_HEADERS, 'mcp-session-id': sessionId } });
  sent.end(JSON.stringify({ jsonrpc: '2.0', ...callOf('pour', count) }));
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return response;
}

/** The number at which a process stands still. */
async function standstill(count: () => number): Promise<number> {
  for (let before = -1; before !== count() || before === 0;) {
    before = count();
    await delay(700);
  }
  return count();
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await delay(20);
  }
}

describe('a client that does not read', () => {
  test('has its process wait and no other, and gets everything when it reads on', async () => {
    const { url, lines } = await bridge();
    const [slow, other] = [await newSession(url), await newSession(url)];
    const response = await unread(url, slow, 200);
    expect(await standstill(() => lines('written', slow))).toBeLessThan(MOST_ON_THE_WAY);

    expect(await messagesOf(await post(url, callOf('pour', 5), other))).toHaveLength(6);
    await until(() => lines('written', other) === 5);
    expect(lines('written', slow)).toBeLessThan(MOST_ON_THE_WAY);

    let text = '';
    for await (const chunk of response.setEncoding('utf8')) {
      text += String(chunk);
    }
    const messages = text
      .split('\n')
      .filter(line => line.startsWith('data: {'))
      .map(line => JSON.parse(line.slice(6)) as { params?: { data: { index: number; PADDING: string } } });
    expect(messages.slice(0, -1).map(({ params }) => params?.data.index)).toEqual(
      Array.from({ length: 200 }, (_, index) => index + 1),
    );
    expect(messages.slice(0, -1).every(({ params }) => params?.data.PADDING.length === 1_000_000)).toBe(true);
    expect(messages.at(-1)).toMatchObject({ id: 'pour', result: {} });
  }, 180_000);

  test('and goes away lets its process go on', async () => {
    const { url, lines } = await bridge();
    const sessionId = await newSession(url);
    const response = await unread(url, sessionId, 60);
    expect(await standstill(() => lines('written', sessionId))).toBeLessThan(MOST_ON_THE_WAY);
    response.destroy();
    await until(() => lines('written', sessionId) === 60);
    expect(await messagesOf(await post(url, { id: 1, method: 'ping' }, sessionId))).toMatchObject([{ id: 1 }]);
  });

  test('can end its session', async () => {
    const { url, lines } = await bridge();
    const sessionId = await newSession(url);
    const response = await unread(url, sessionId, 60);
    await standstill(() => lines('written', sessionId));
    const headers = { 'mcp-session-id': sessionId };
    expect((await fetch(url, { method: 'DELETE', headers })).status).toBe(200);
    expect((await post(url, { id: 1, method: 'ping' }, sessionId)).status).toBe(404);
    response.on('error', () => undefined).destroy();
  });
});

describe('a process that does not read', () => {
  const PADDED = { method: 'notifications/padded', params: { padding: 'x'.repeat(1_000_000) } };

  /** A session whose process rests, and messages to it, of which some are taken. */
  async function resting({ url }: Bridge, count: number) {
    const sessionId = await newSession(url);
    const [{ result }] = (await messagesOf(await post(url, callOf('rest'), sessionId))) as [
      { result: { content: [{ text: string }] } },
    ];
    let taken = 0;
    const sent = Array.from({ length: count }, async () => {
      const { status } = await post(url, PADDED, sessionId);
      taken += status === 202 ? 1 : 0;
      return status;
    });
    return { sessionId, pid: Number(result.content[0].text), sent, taken: () => taken };
  }

  test('has its clients wait and no others, and gets everything when it reads on', async () => {
    const ours = await bridge();
    const { sessionId, pid, sent, taken } = await resting(ours, 100);
    expect(await standstill(taken)).toBeLessThan(MOST_ON_THE_WAY);

    const other = await newSession(ours.url);
    expect((await post(ours.url, PADDED, other)).status).toBe(202);
    expect(taken()).toBeLessThan(MOST_ON_THE_WAY);

    process.kill(pid, 'SIGUSR2');
    expect(new Set(await Promise.all(sent))).toEqual(new Set([202]));
    await until(() => ours.lines('read', sessionId) === 100);
  });

  test('does not have anybody else wait, who would learn by it that there is such a session', async () => {
    const ours = await bridge({ principal: ({ headers }) => headers.get('x-user') ?? undefined });
    const { sessionId, pid, sent, taken } = await resting(ours, 50);
    await standstill(taken);
    for (const id of [sessionId, 'of-nobody']) {
      const response = await post(ours.url, PADDED, id, { 'x-user': 'somebody else' });
      expect([response.status, await response.json()]).toMatchObject([
        404,
        { error: { message: 'Session not found' } },
      ]);
    }
    expect(taken()).toBeLessThan(MOST_ON_THE_WAY);
    process.kill(pid, 'SIGUSR2');
    expect(new Set(await Promise.all(sent))).toEqual(new Set([202]));
    await until(() => ours.lines('read', sessionId) === 50);
  });

  test('does not keep whoever waits when the session ends', async () => {
    const ours = await bridge();
    const { sessionId, sent, taken } = await resting(ours, 30);
    await standstill(taken);
    await fetch(ours.url, { method: 'DELETE', headers: { 'mcp-session-id': sessionId } });
    const statuses = await Promise.all(sent);
    expect(taken()).toBeLessThan(30);
    expect(statuses.filter(status => status === 404)).toHaveLength(30 - taken());
  });

  test('takes a message that is larger than all that may wait', async () => {
    const ours = await bridge({ maxRequestBodySize: 64 * 1024 * 1024 });
    const sessionId = await newSession(ours.url);
    const large = { method: 'notifications/large', params: { padding: 'x'.repeat(9_000_000) } };
    expect((await post(ours.url, large, sessionId)).status).toBe(202);
    expect((await post(ours.url, large, sessionId)).status).toBe(202);
    expect(await messagesOf(await post(ours.url, { id: 2, method: 'ping' }, sessionId))).toMatchObject([{ id: 2 }]);
  });
});
