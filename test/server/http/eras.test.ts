import type { LogEntry } from 'stateful-mcp-server';
import { HttpFace, type LegacyEra } from '../../../server/src/http/http-face';
import { OpenCalls } from '../../../server/src/http/open-calls';
import { JSON_HEADERS, modernRequest, URL_OF_KIT } from '../kit';

// What of a request the two eras get to see, and what becomes of what they do with it.

const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

/** A server whose eras note their requests, and answer by one function. */
function openFace(respond: () => Promise<Response> = () => Promise.resolve(new Response(null, { status: 202 }))) {
  const seen = { legacy: [] as Request[], modern: [] as Request[] };
  const log: LogEntry[] = [];
  const era = (name: keyof typeof seen): LegacyEra => ({
    count: 0,
    handle: request => {
      seen[name].push(request);
      return respond();
    },
    close: () => Promise.resolve(),
  });
  const options = { log: (entry: LogEntry) => void log.push(entry) };
  const warmup = () => Promise.resolve(new Response());
  return { seen, log, face: new HttpFace(new OpenCalls(), era('legacy'), era('modern'), warmup, options) };
}

const posted = (message: object, accept = JSON_HEADERS.accept): Request =>
  new Request(URL_OF_KIT, {
    method: 'POST',
    headers: { ...JSON_HEADERS, accept },
    body: JSON.stringify(message),
  });

test.each(['*/*', 'application/*, text/*', JSON_HEADERS.accept])(
  'the SDK reads %s in its own spelling',
  async accept => {
    const { face, seen } = openFace();
    await face.fetch(posted(LIST, accept));
    expect(seen.modern).toEqual([]);
    expect(seen.legacy.map(({ url, method, headers }) => [url, method, headers.get('accept')])).toEqual([
      [URL_OF_KIT, 'POST', 'application/json, text/event-stream'],
    ]);
  },
);

test('a legacy request that is spelled anew ends with the one that came', async () => {
  const { face, seen } = openFace();
  const gone = new AbortController();
  await face.fetch(new Request(posted(LIST, '*/*'), { signal: gone.signal }));
  expect(seen.legacy[0]!.signal.aborted).toBe(false);
  gone.abort();
  expect(seen.legacy[0]!.signal.aborted).toBe(true);
});

test.each(['*/*', 'application/json', JSON_HEADERS.accept])(
  'a modern request that accepts %s comes as it is',
  async accept => {
    const { face, seen } = openFace();
    const request = new Request(URL_OF_KIT, modernRequest({ name: 'echo' }));
    request.headers.set('accept', accept);
    await face.fetch(request);
    expect(seen).toEqual({ legacy: [], modern: [request] });
    expect(seen.modern[0]).toBe(request);
    expect(request.headers.get('accept')).toBe(accept);
  },
);

test.each([
  ['POST', 'Not Acceptable: Client must accept both application/json and text/event-stream', 1],
  ['GET', 'Not Acceptable: Client must accept text/event-stream', null],
])('%s that accepts no answer is told what to accept', async (method, message, id) => {
  const { face, seen } = openFace();
  const body = method === 'POST' ? JSON.stringify(LIST) : undefined;
  const request = new Request(URL_OF_KIT, { method, headers: { ...JSON_HEADERS, accept: 'text/html' }, body });
  const response = await face.fetch(request);
  expect(response.status).toBe(406);
  expect(await response.json()).toMatchObject({ id, error: { message } });
  expect(seen.legacy).toEqual([]);
});

const withoutStack = Object.assign(new Error('it broke'), { stack: undefined });

test.each<[string, unknown, RegExp]>([
  ['an error, with its place', new Error('it broke'), /^Error: it broke\n {4}at .*eras\.test/],
  ['an error that has no place', withoutStack, /^it broke$/],
  ['something else', 'it broke', /^it broke$/],
])('the log has what an era throws, and the client no details: %s', async (_what, thrown, message) => {
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what authors throw
  const { face, log } = openFace(() => Promise.reject(thrown));
  const response = await face.fetch(posted(LIST));
  expect(response.status).toBe(500);
  expect(await response.json()).toMatchObject({ id: 1, error: { message: 'Internal server error' } });
  expect(log).toMatchObject([
    { level: 'error', event: 'request-failed', message: expect.stringMatching(message) as string },
    { event: 'request', status: 500 },
  ]);
});

test.each([
  [202, 400],
  [404, 404],
  [401, 401],
])('an answer that is none gets %d from its session, and its client %d', async (status, expected) => {
  const { face } = openFace(() => Promise.resolve(new Response(null, { status })));
  expect((await face.fetch(posted({ jsonrpc: '2.0', id: 1, result: 'accept' }))).status).toBe(expected);
});
