import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ManualClock } from 'stateful-mcp-local';
import { respondJson } from '../../../local/src/http/exchange';
import type {
  ServerConnections,
  ServerRequestController,
  ServerResponseHandler,
} from '../../../local/src/http/server-connections';
import { requestLimits, type RequestLimits } from '../../../local/src/platform/limits';
import { forwardToPort } from '../../../local/src/request/port-forward';
import { TimeLimits } from '../../../local/src/request/time-limits';
import { until } from '../running';
import { open, post, startDoor, startOrigin } from './forwarding';

/** A door to a port of a session. What gets no answer is a 502 that says why. */
async function start(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  given: Partial<RequestLimits> = {},
) {
  const origin = await startOrigin(answer);
  const clock = new ManualClock();
  const limits = requestLimits(given);
  const over: number[] = [];
  const url = await startDoor(async exchange => {
    const timeLimits = new TimeLimits(clock, limits);
    await forwardToPort(
      exchange,
      {
        ...origin,
        path: '/at/the/port',
        failed: exception => {
          respondJson(exchange.response, 502, JSON.stringify(exception?.message ?? 'no answer'));
        },
      },
      timeLimits,
    );
    timeLimits.cancel();
    over.push(exchange.response.writableFinished ? 1 : 0);
  }, limits.payloadBytes);
  return { ...origin, url, clock, over };
}

const answered = async (response: Response): Promise<unknown> => ({
  status: response.status,
  body: (await response.json()) as unknown,
});

test('a request reaches its port without what is for the platform and for one connection', async () => {
  const { url, seen, port } = await start((request, response) => {
    response.end(JSON.stringify(request.headers));
  });
  const platform = {
    authorization: 'secret',
    'x-amz-date': 'now',
    'x-amz-content-sha256': 'hash',
    'x-amz-security-token': 'token',
    origin: 'http://localhost',
    te: 'trailers',
  };
  const headers = (await (await post(url, 'body', { headers: { ...platform, 'x-own': '1' } })).json()) as object;
  expect(headers).toMatchObject({ 'x-own': '1', host: `127.0.0.1:${port}`, 'content-length': '4' });
  for (const name of Object.keys(platform)) {
    expect(headers).not.toHaveProperty(name);
  }
  expect(seen).toEqual(['POST /at/the/port']);
});

test.each<[string, Record<string, string>, string | undefined]>([
  ['with its length', { 'content-length': '6' }, '6'],
  ['in chunks', { 'transfer-encoding': 'chunked' }, undefined],
])('a body goes on as it comes: %s', async (_, headers, length) => {
  let body = '';
  const { url, seen } = await start((request, response) => {
    request.setEncoding('utf8').on('data', text => (body += String(text)));
    request.once('end', () => response.end(JSON.stringify([request.headers['content-length'] ?? null, body])));
  });
  const request = open(url, headers);
  request.write('one');
  await until(() => seen.length === 1 && body === 'one');
  request.end('two');
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  expect(JSON.parse((await response.toArray()).join(''))).toEqual([length ?? null, 'onetwo']);
});

test.each([
  ['a length', { 'content-length': '5' }, '5'],
  ['chunks', {}, null],
])('an answer keeps its status, its headers and %s', async (_, framing, length) => {
  const { url, port } = await start((__, response) => {
    response.writeEarlyHints({ link: '</a>; rel=preload' });
    response.writeHead(207, { ...framing, location: `http://localhost:${port}/next`, 'keep-alive': 'no' });
    response.write('he');
    response.end('llo');
  });
  const response = await post(url);
  expect([response.status, response.headers.get('location'), response.headers.get('content-length')]).toEqual([
    207,
    '/next',
    length,
  ]);
  expect(response.headers.get('keep-alive')).not.toBe('no');
  expect(await response.text()).toBe('hello');
});

test('the head of an answer comes before its body', async () => {
  const { url } = await start((_, response) => {
    response.writeHead(200).flushHeaders();
  });
  const response = await post(url);
  expect(response.status).toBe(200);
  await response.body?.cancel();
});

test.each<[string, (request: IncomingMessage) => void]>([
  ['breaks', ({ socket }) => socket.destroy()],
  ['says what is not HTTP', ({ socket }) => socket.write('SSH-2.0\r\n')],
  [
    'frames its answer in an unknown way',
    ({ socket }) => socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n'),
  ],
])('a connection that %s is no answer', async (_, answer) => {
  const { url, over } = await start(answer);
  expect(await answered(await post(url))).toEqual({ status: 502, body: 'no answer' });
  await until(() => over.length === 1);
});

test('an answer that breaks off does not look whole', async () => {
  const { url } = await start(({ socket }) => {
    socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n', () =>
      setImmediate(() => socket.destroy()),
    );
  });
  await expect(post(url).then(response => response.text())).rejects.toThrow();
});

test('a body that is too long does not reach its port', async () => {
  const { url, connections } = await start((_, response) => response.end('reached'), { payloadBytes: 10 });
  const dispatched = jest.spyOn(connections, 'dispatch');
  expect(await answered(await post(url, 'x'.repeat(11)))).toEqual({
    status: 502,
    body: 'payload: must be at most 10 bytes',
  });
  expect(await (await post(url, 'short')).text()).toBe('reached');
  expect(dispatched).toHaveBeenCalledTimes(1);
});

test('a port sees its connection close when the body becomes too long', async () => {
  let closed = false;
  const { url, seen } = await start(
    request => {
      request.resume().once('close', () => {
        closed = !request.complete;
      });
    },
    { payloadBytes: 10 },
  );
  const request = open(url, { 'transfer-encoding': 'chunked' });
  request.write('one');
  await until(() => seen.length === 1);
  request.end('x'.repeat(10));
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  expect(response.statusCode).toBe(502);
  await until(() => closed);
});

test.each<[string, (response: ServerResponse) => void]>([
  ['before the answer', () => {}],
  ['within it', response => response.write('a')],
])('a client that goes away ends the request at its port: %s', async (_, answer) => {
  let closed = false;
  const { url, seen, over } = await start((__, response) => {
    response.once('close', () => {
      closed = true;
    });
    answer(response);
  });
  const client = new AbortController();
  const pending = post(url, 'body', { signal: client.signal }).then(response => response.text());
  await until(() => seen.length === 1);
  client.abort();
  await expect(pending).rejects.toThrow();
  await until(() => closed && over.length === 1);
});

test('the time of a request is over before the answer', async () => {
  let closed = false;
  const { url, seen, clock, over } = await start((_, response) => {
    response.once('close', () => {
      closed = true;
    });
  });
  const pending = post(url);
  await until(() => seen.length === 1);
  clock.advance(900_000);
  expect(await answered(await pending)).toEqual({ status: 502, body: 'the request took longer than 900 s' });
  await until(() => closed && over.length === 1);
});

test('an answer may last as long as a stream, and is broken off then', async () => {
  const { url, clock } = await start((_, response) => response.write('a'));
  const response = await post(url);
  const reader = response.body?.getReader();
  await reader?.read();
  clock.advance(3_599_999);
  const next = reader?.read();
  clock.advance(1);
  await expect(next).rejects.toThrow();
});

/** A door to a port that the test speaks for. */
function startSpoken(dispatch: (told: ServerResponseHandler) => void, over = (): void => {}): Promise<string> {
  const connections = {
    dispatch: (_: unknown, told: ServerResponseHandler) => {
      dispatch(told);
    },
  } as unknown as ServerConnections;
  return startDoor(exchange =>
    forwardToPort(
      exchange,
      {
        port: 1,
        connections,
        path: '/',
        failed: () => {
          respondJson(exchange.response, 502, '"no answer"');
        },
      },
      new TimeLimits(new ManualClock(), requestLimits({})),
    ).then(over),
  );
}

test('a request that is given up before its turn is not sent', async () => {
  let handler: ServerResponseHandler | undefined;
  let isOver = false;
  const url = await startSpoken(
    told => {
      handler = told;
    },
    () => {
      isOver = true;
    },
  );
  const request = open(url).end();
  await until(() => handler !== undefined);
  request.destroy();
  await until(() => isOver);
  const abort = jest.fn();
  handler?.onRequestStart({ abort } as unknown as ServerRequestController);
  expect(abort).toHaveBeenCalledTimes(1);
});

test('a port waits for a client that does not read, and goes on when it does', async () => {
  let isPaused = false;
  const controller = {
    rawHeaders: [],
    pause: () => (isPaused = true),
    resume: () => (isPaused = false),
    abort: () => {},
  } as unknown as ServerRequestController;
  let handler: ServerResponseHandler | undefined;
  const url = await startSpoken(told => {
    handler = told;
    told.onRequestStart(controller);
    told.onResponseStart(controller, 200);
  });
  const request = open(url).end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  handler?.onResponseData(controller, Buffer.from('short'));
  expect(isPaused).toBe(false);
  handler?.onResponseData(controller, Buffer.alloc(8 * 1024 * 1024));
  expect(isPaused).toBe(true);
  let received = 0;
  response.on('data', (chunk: Buffer) => (received += chunk.length));
  await until(() => !isPaused);
  handler?.onResponseEnd(controller);
  await once(response, 'end');
  expect(received).toBe(5 + 8 * 1024 * 1024);
});

test('a request that cannot be sent has no answer', async () => {
  const url = await startSpoken(() => {
    throw new Error('closed');
  });
  expect(await answered(await post(url))).toEqual({ status: 502, body: 'no answer' });
});
