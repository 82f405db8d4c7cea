import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { nodeListener } from '../../../server/src/http/node-listener';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  jest.restoreAllMocks();
  for (const close of closers.splice(0)) {
    await close();
  }
});

/** Serves by a function, and gives the port. */
async function listen(fetch: (request: Request) => Promise<Response>): Promise<number> {
  const server = createServer(nodeListener(fetch)).listen(0, '127.0.0.1');
  closers.push(() => {
    server.closeAllConnections();
    return new Promise(resolve => server.close(resolve));
  });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function opened(port: number, text: string): { readonly socket: Socket; readonly received: () => string } {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  closers.push(() => socket.destroy());
  let received = '';
  socket.setEncoding('latin1').on('data', part => {
    received += String(part);
  });
  socket.write(text);
  return { socket, received: () => received };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}

async function answerOf(port: number, method = 'GET'): Promise<IncomingMessage> {
  const [response] = (await once(get({ port, host: '127.0.0.1', method, agent: false }), 'response')) as [
    IncomingMessage,
  ];
  response.resume();
  await once(response, 'end');
  return response;
}

const GET = 'GET /mcp HTTP/1.1\r\nHost: localhost\r\n\r\n';
const EVENTS = { headers: { 'content-type': 'text/event-stream' } };

/** An event stream of so many bytes, or without an end, which notes what was taken of it. */
function events(total = Infinity, size = 64 * 1024) {
  const seen = { pulled: 0, cancelled: false };
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        seen.pulled += size;
        controller.enqueue(new Uint8Array(size).fill(0x61));
        if (seen.pulled >= total) {
          controller.close();
        }
      },
      cancel() {
        seen.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { seen, response: new Response(body, EVENTS) };
}

test.each<[number, BodyInit | null, string | undefined]>([
  [200, 'four', '4'],
  [200, null, '0'],
  [204, null, undefined],
  [304, null, undefined],
])('a response of status %d with the body %j has the length %s', async (status, body, length) => {
  const port = await listen(() => Promise.resolve(new Response(body, { status })));
  const { headers } = await answerOf(port);
  expect(headers['content-length']).toBe(length);
  expect(headers['transfer-encoding']).toBeUndefined();
});

test('a request has the headers that were sent, and no others', async () => {
  let seen: [string, string][] = [];
  const port = await listen(({ headers }) => {
    seen = [...headers];
    return Promise.resolve(new Response());
  });
  const { received } = opened(port, 'GET / HTTP/1.1\r\nHost: localhost\r\nX-A: 1\r\nX-A: 2\r\n\r\n');
  await until(() => received() !== '');
  expect(seen).toEqual([
    ['host', 'localhost'],
    ['x-a', '1, 2'],
  ]);
});

test('a connection serves one request after the other', async () => {
  const port = await listen(async request => new Response(await request.text()));
  const head = 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\n';
  const { socket, received } = opened(port, `${head}one`);
  await until(() => received().endsWith('one'));
  socket.write(`${head}two`);
  await until(() => received().endsWith('two'));
  expect(received().match(/HTTP\/1\.1 200 /g)).toHaveLength(2);
});

test('a request that was answered is not aborted, also when its connection ends', async () => {
  const signals: AbortSignal[] = [];
  const port = await listen(request => {
    signals.push(request.signal);
    return Promise.resolve(new Response('a'));
  });
  await answerOf(port);
  await new Promise(resolve => setTimeout(resolve, 50));
  expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
});

test('a server that throws ends the connection: its client does not wait', async () => {
  const port = await listen(() => Promise.reject(new Error('it broke')));
  await expect(answerOf(port)).rejects.toMatchObject({ code: 'ECONNRESET' });
});

test('a client that leaves before its stream begins ends the stream', async () => {
  const { seen, response } = events();
  const port = await listen(async ({ signal }) => {
    socket.destroy();
    await once(signal, 'abort');
    return response;
  });
  const { socket } = opened(port, GET);
  await until(() => seen.cancelled);
});

test('a client that does not read stops its stream, and gets all of it when it does', async () => {
  const total = 24 * 1024 * 1024;
  const { seen, response } = events(total);
  const port = await listen(() => Promise.resolve(response));
  const { socket } = opened(port, GET);
  socket.pause();
  let before = -1;
  await until(() => seen.pulled > 0);
  while (before !== seen.pulled) {
    before = seen.pulled;
    await new Promise(resolve => setTimeout(resolve, 300));
  }
  expect(seen.pulled).toBeLessThan(total);
  socket.resume();
  await until(() => socket.bytesRead > total);
});

test('a client that leaves while its stream waits for it ends the stream', async () => {
  const { seen, response } = events();
  const port = await listen(() => Promise.resolve(response));
  const { socket } = opened(port, GET);
  socket.pause();
  await until(() => seen.pulled > 0);
  await new Promise(resolve => setTimeout(resolve, 100));
  socket.resetAndDestroy();
  await until(() => seen.cancelled);
});

describe('a request that is answered before it was sent', () => {
  const LENGTH = 8 * 1024 * 1024;
  const HEAD = `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${LENGTH}\r\n\r\n`;
  const refuse = () => Promise.resolve(new Response('no', { status: 413 }));

  test('is read to its end, and then its connection closes', async () => {
    const { socket, received } = opened(await listen(refuse), HEAD);
    await until(() => received().endsWith('no'));
    expect(received()).toMatch(/^HTTP\/1\.1 413 .*\r\nconnection: close\r\n/is);
    const broken = jest.fn();
    socket.on('error', broken);
    socket.write(Buffer.alloc(LENGTH));
    await once(socket, 'end');
    expect(socket.bytesWritten).toBe(HEAD.length + LENGTH);
    expect(broken).not.toHaveBeenCalled();
  });

  test.each<[string, string, (request: Request) => unknown]>([
    ['that should have no body', HEAD.replace('POST', 'GET'), () => undefined],
    ['that somebody still reads', HEAD, ({ body }) => body?.getReader()],
  ])('gets its answer, also one %s', async (_which, head, read) => {
    const port = await listen(request => {
      read(request);
      return refuse();
    });
    const { socket, received } = opened(port, head);
    await once(socket, 'close');
    expect(received()).toMatch(/^HTTP\/1\.1 413 .*no$/s);
  });

  test('is not waited for without an end', async () => {
    const wait = setTimeout;
    jest
      .spyOn(globalThis, 'setTimeout')
      .mockImplementation((work: () => void, ms?: number) => wait(work, ms === 5000 ? 50 : ms));
    const { socket, received } = opened(await listen(refuse), HEAD);
    await once(socket, 'close');
    expect(received()).toMatch(/no$/);
  });

  test('nor is its time left running when it has ended', async () => {
    const wait = jest.spyOn(globalThis, 'setTimeout');
    const clear = jest.spyOn(globalThis, 'clearTimeout');
    const { socket } = opened(await listen(refuse), HEAD);
    socket.write(Buffer.alloc(LENGTH));
    await once(socket, 'close');
    const index = wait.mock.calls.findIndex(([, ms]) => ms === 5000);
    const discarding: unknown = wait.mock.results[index]?.value;
    expect(discarding).toBeDefined();
    expect(clear.mock.calls.some(([timer]) => timer === discarding)).toBe(true);
  });
});
