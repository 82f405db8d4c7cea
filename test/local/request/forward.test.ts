import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { PlatformException } from '../../../local/src/platform/platform-errors';
import { until } from '../running';
import { MESSAGE, open, post, startForwarding, type ForwardingOptions } from './forwarding';

const OK = 'HTTP/1.1 200 OK\r\n';
const EVENT = 'event: message\ndata: {"step":1}\n\n';

const error = (message: string): object => ({ jsonrpc: '2.0', id: 7, error: { code: -32010, message } });
const echo = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  let body = '';
  for await (const chunk of request) {
    body += String(chunk);
  }
  response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers, body }));
};
const raw =
  (bytes: string) =>
  ({ socket }: IncomingMessage): void => {
    socket.write(bytes);
  };
const stream = (_: IncomingMessage, response: ServerResponse): void => {
  response.writeHead(200, { 'content-type': 'text/event-stream' }).write(EVENT);
};

interface Echoed {
  readonly headers: Record<string, string>;
  readonly body: string;
}

describe('a request reaches its server', () => {
  test('at the path of its session, with what the platform adds', async () => {
    const { url, invocations, over } = await startForwarding((...exchange) => void echo(...exchange), {
      session: { path: '/own', addedHeaders: ({ requestId }) => ['X-Added', `for ${requestId}`] },
    });
    const response = await post(url, MESSAGE, { headers: { 'x-own': '1' } });
    const [{ requestId = '' } = {}] = invocations;
    expect(await response.json()).toMatchObject({
      method: 'POST',
      url: '/own',
      headers: {
        'x-own': '1',
        'x-amzn-bedrock-agentcore-runtime-request-id': requestId,
        'x-added': `for ${requestId}`,
        'content-length': String(MESSAGE.length),
      },
      body: MESSAGE,
    });
    expect(response.headers.get('x-amzn-bedrock-agentcore-runtime-session-id')).toBe('runtime-session');
    await until(() => over.length === 1);
    expect(invocations[0]?.status).toBe(200);
  });

  test.each<[string, Record<string, string>, object]>([
    ['with its length', { 'content-length': '6' }, { 'content-length': '6' }],
    ['in chunks', { 'transfer-encoding': 'chunked' }, { 'transfer-encoding': 'chunked' }],
  ])('before its body has come, framed as it came: %s', async (_, headers, framing) => {
    const { url, seen } = await startForwarding((...exchange) => void echo(...exchange));
    const request = open(url, headers);
    request.write('one');
    await until(() => seen.length === 1);
    request.end('two');
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const echoed = JSON.parse(String((await response.toArray()).join(''))) as Echoed;
    expect(echoed.body).toBe('onetwo');
    const { 'content-length': length, 'transfer-encoding': coding } = echoed.headers;
    expect({ ...(length && { 'content-length': length }), ...(coding && { 'transfer-encoding': coding }) }).toEqual(
      framing,
    );
  });

  test('unless its body is too long when it is sent', async () => {
    const { url, seen } = await startForwarding((...exchange) => void echo(...exchange), {
      limits: { payloadBytes: 10 },
    });
    const response = await post(url);
    expect(await response.json()).toMatchObject({ error: { code: -32006 } });
    expect(seen).toEqual([]);
  });

  test.each<[Error, object]>([
    [new Error('broken'), { code: -32603, message: 'Internal error - Server error: broken' }],
    [new PlatformException('ConflictException', 'broken'), { code: -32005 }],
  ])('unless it cannot be made, which is told: %s', async (broken, expected) => {
    const { url, seen, over } = await startForwarding((...exchange) => void echo(...exchange), {
      session: {
        addedHeaders: () => {
          throw broken;
        },
      },
    });
    expect(await (await post(url)).json()).toMatchObject({ id: 7, error: expected });
    await until(() => over.length === 1);
    expect(seen).toEqual([]);
  });

  test('and sees its connection close when the body becomes too long on the way', async () => {
    let closed = false;
    const { url, seen } = await startForwarding(
      request => {
        request.resume().once('close', () => {
          closed = !request.complete;
        });
      },
      { limits: { payloadBytes: 10 } },
    );
    const request = open(url, { 'transfer-encoding': 'chunked' });
    request.write('one');
    await until(() => seen.length === 1);
    request.end('x'.repeat(10));
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    expect(JSON.parse((await response.toArray()).join(''))).toMatchObject({ error: { code: -32006 } });
    await until(() => closed);
  });
});

describe('a client that goes away', () => {
  test.each<[string, (request: IncomingMessage, response: ServerResponse) => void]>([
    ['before the answer', () => {}],
    ['within it', stream],
  ])('ends the request at its server, %s', async (_, answer) => {
    let closed = false;
    const { url, seen, over } = await startForwarding((request, response) => {
      response.once('close', () => {
        closed = true;
      });
      answer(request, response);
    });
    const client = new AbortController();
    const pending = post(url, MESSAGE, { signal: client.signal }).then(response => response.text());
    await until(() => seen.length === 1);
    expect(over).toEqual([]);
    client.abort();
    await expect(pending).rejects.toThrow();
    await until(() => closed && over.length === 1);
  });
});

describe('an answer of the server', () => {
  test('is told to its session, which says what the client hears of it', async () => {
    const told: unknown[] = [];
    const { url } = await startForwarding(
      (_, response) => {
        response.writeEarlyHints({ link: '</style.css>; rel=preload' });
        response.writeHead(201, { 'mcp-session-id': 'of-the-server', 'x-own': 'yes' }).end('{}');
      },
      {
        session: {
          responded: (_, ...answer) => {
            told.push(answer);
            return { mcpSessionId: 'of-the-client', runtimeSessionId: 'runtime' };
          },
        },
      },
    );
    const response = await post(url);
    expect(told).toEqual([[201, 'of-the-server']]);
    expect([response.status, response.headers.get('mcp-session-id'), response.headers.get('x-own')]).toEqual([
      201,
      'of-the-client',
      'yes',
    ]);
  });

  test('is hidden where its session says so', async () => {
    const { url, over, invocations } = await startForwarding((_, response) => response.writeHead(503).end('secret'), {
      session: { hidesAnswer: status => status === 503 },
    });
    const response = await post(url);
    expect([response.status, await response.json()]).toEqual([
      200,
      error('Received error (503) from runtime. Please check your CloudWatch logs for more information.'),
    ]);
    await until(() => over.length === 1);
    expect(invocations[0]?.failure?.name).toBe('RuntimeClientError');
  });

  test('begins with its head, before the first event', async () => {
    const { url } = await startForwarding((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    });
    const response = await post(url);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    await response.body?.cancel();
  });

  test('names no process', async () => {
    const { url } = await startForwarding(({ headers }, response) => {
      response.writeHead(200, { location: `http://${headers.host}/next` }).end();
    });
    expect((await post(url)).headers.get('location')).toBe('/next');
  });

  test.each<[string, string, number, boolean]>([
    ['that is as long as allowed', 'data: 123\n\n', 11, true],
    ['that is longer', 'data: 1234\n\n', 11, false],
  ])('may have an event %s', async (_, event, chunkBytes, passes) => {
    const { url } = await startForwarding(
      (__, response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).end(event),
      { limits: { chunkBytes } },
    );
    const text = await (await post(url)).text();
    expect(text).toBe(
      passes
        ? event
        : `\n\nevent: message\ndata: ${JSON.stringify(error(`an event of the server is longer than 11 bytes`))}\n\n`,
    );
  });

  test('that is no event stream has no such limit', async () => {
    const { url } = await startForwarding((_, response) => response.end('x'.repeat(100)), {
      limits: { chunkBytes: 11 },
    });
    expect(await (await post(url)).text()).toHaveLength(100);
  });

  test('breaks after its first bytes where that is planned', async () => {
    const { url, over } = await startForwarding(stream, { fault: { dropStream: true } });
    const response = await post(url);
    await expect(response.text()).rejects.toThrow();
    await until(() => over.length === 1);
  });
});

const HEAD = `${OK}content-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n${EVENT.length.toString(16)}\r\n${EVENT}\r\n`;
const drop = ({ socket }: IncomingMessage): void => {
  socket.destroy();
};
const dropAfter =
  (bytes: string) =>
  ({ socket }: IncomingMessage): void => {
    socket.write(bytes, () => setImmediate(() => socket.destroy()));
  };
const ended: ForwardingOptions = { session: { whyEnded: () => Promise.resolve('it ended') } };

describe('a connection that the server drops', () => {
  test.each<[string, ForwardingOptions, number, object]>([
    ['without a reason', {}, 200, error('the server closed the connection without a response')],
    ['with the end of its process', ended, 200, error('it ended')],
    ['to a client without MCP', { ...ended, dialect: 'native' }, 424, { message: 'it ended' }],
  ])('before its answer is an error: %s', async (_, options, status, expected) => {
    const { url, over } = await startForwarding(drop, options);
    const response = await post(url);
    expect([response.status, await response.json()]).toEqual([status, expected]);
    await until(() => over.length === 1);
  });

  test('within an event stream is its last event, where the process has ended', async () => {
    const { url } = await startForwarding(dropAfter(HEAD), ended);
    expect(await (await post(url)).text()).toBe(
      `${EVENT}\n\nevent: message\ndata: ${JSON.stringify(error('it ended'))}\n\n`,
    );
  });

  test('within the stream of a GET ends it, for there is no request to answer', async () => {
    const { url } = await startForwarding(dropAfter(HEAD), ended);
    expect(await (await fetch(`${url}/any`)).text()).toBe(EVENT);
  });

  test.each<[string, string, ForwardingOptions]>([
    ['an event stream that can be resumed', 'text/event-stream', {}],
    ['one whose connection closes after it', 'text/event-stream\r\nconnection: close', {}],
    ['what is no event stream', 'application/json', ended],
    ['an event stream of no MCP', 'text/event-stream', { ...ended, dialect: 'native' }],
  ])('does not look like an end: %s', async (_, type, options) => {
    const { url } = await startForwarding(
      dropAfter(`${OK}content-type: ${type}\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n`),
      options,
    );
    const response = await post(url);
    await expect(response.text()).rejects.toThrow();
  });
});

describe('a response that is none', () => {
  test.each<[string, (request: IncomingMessage) => void]>([
    ['not HTTP', raw('SSH-2.0-OpenSSH_9.2\r\n')],
    [
      'an upgrade that nobody asked for',
      raw('HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n'),
    ],
    ['an unknown frame', raw(`${OK}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`)],
    ['of two lengths', raw(`${OK}content-length: 5\r\ncontent-length: 6\r\n\r\nhello`)],
    ['a head without an end', raw(`${OK}x-long: ${'x'.repeat(200_000)}\r\n`)],
  ])('is an error that says so at once: %s', async (_, answer) => {
    const { url } = await startForwarding(answer, {
      session: { whyEnded: () => new Promise(() => {}) },
    });
    expect(await (await post(url)).json()).toEqual(
      error(expect.stringContaining('the response of the server is not valid HTTP/1.1: ') as unknown as string),
    );
  });

  // What the platform had to say would not fit, and the client would wait for the rest.
  test.each([['POST'], ['GET']])('of a length that it does not have is broken off: %s', async method => {
    const { url } = await startForwarding(
      dropAfter(`${OK}content-length: 1000\r\ncontent-type: text/event-stream\r\n\r\n${EVENT}`),
      ended,
    );
    const response = await fetch(`${url}/any`, { method, ...(method === 'POST' && { body: MESSAGE }) });
    await expect(response.text()).rejects.toThrow();
  });
});
