import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MCP_SESSION_ID, RUNTIME_SESSION_ID } from 'stateful-mcp-contract';
import { ObservedFetch } from '../../../../lambda/release-check/caller/observed-fetch';

// The sessions of a check, and calls that are denied for the permission is new.

const statuses: number[] = [];
let requests = 0;
const server = createServer((request, response) => {
  requests++;
  request.resume();
  response.writeHead(statuses.shift() ?? 200, { [MCP_SESSION_ID]: `answered-${requests}` }).end('body');
});
const sessionIds = new Set<string>();
const denied: number[] = [];

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
beforeEach(() => {
  requests = statuses.length = denied.length = 0;
  sessionIds.clear();
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const urlOf = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
const observed = (...pausesMs: number[]): ObservedFetch['fetch'] =>
  new ObservedFetch(sessionIds, pausesMs, pause => denied.push(pause)).fetch;

test('the ids of sessions are noted, of what is asked and of what is answered', async () => {
  await observed()(urlOf(), { method: 'POST', body: 'a', headers: { [RUNTIME_SESSION_ID]: 'asked' } });
  await observed()(urlOf());
  expect([...sessionIds]).toEqual(['asked', 'answered-1', 'answered-2']);
});

test('what is denied is tried again, so many times in all', async () => {
  const fetch = observed(1, 2, 3);
  statuses.push(403, 403, 200, 403, 403, 403);
  expect(await (await fetch(urlOf())).text()).toBe('body');
  expect(denied).toEqual([1, 2]);
  expect((await fetch(urlOf())).status).toBe(403);
  expect(denied).toEqual([1, 2, 3]);
  expect(requests).toBe(5);
  expect((await fetch(urlOf())).status).toBe(403);
  expect(requests).toBe(6);
});

test('a refusal whose body does not end is let go', async () => {
  const isOver = new Promise(resolve => {
    const endless = createServer((_request, response) => {
      response.once('close', resolve);
      response.writeHead(403).write('body');
      endless.close();
    });
    endless.listen(0, '127.0.0.1', () => {
      const url = `http://127.0.0.1:${(endless.address() as AddressInfo).port}/`;
      // Nobody listens any more when it is tried again.
      void observed(1)(url).catch(() => undefined);
    });
  });
  await isOver;
  expect(denied).toEqual([1]);
});

test('any other refusal is none that a permission mends', async () => {
  statuses.push(401, 429);
  const fetch = observed(1);
  expect((await fetch(urlOf())).status).toBe(401);
  expect((await fetch(urlOf())).status).toBe(429);
  expect(denied).toEqual([]);
});

test('the end of a call ends the wait', async () => {
  statuses.push(403);
  const end = new AbortController();
  const fetch = new ObservedFetch(sessionIds, [600_000], () => {
    setImmediate(() => {
      end.abort();
    });
  }).fetch;
  await expect(fetch(urlOf(), { signal: end.signal })).rejects.toMatchObject({ name: 'AbortError' });
  expect(requests).toBe(1);
});
