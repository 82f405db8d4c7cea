import { request } from 'node:http';
import { once } from 'node:events';
import { newRuntime, sessionServer, startRuntime, until } from '../running';

async function* chunks(response: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    yield decoder.decode(chunk, { stream: true });
  }
}

describe.each(['listen', 'fetch'] as const)('by %s', way => {
  async function open(): Promise<{ send: (request: Request) => Promise<Response>; log: string[] }> {
    const log: string[] = [];
    const runtime = newRuntime({ runtimes: [sessionServer()], log: ({ line }) => log.push(line) });
    await runtime.ready;
    if (way === 'fetch') {
      return { send: request => runtime.fetch(request), log };
    }
    const { url } = await runtime.listen();
    return { send: request => fetch(new Request(url + new URL(request.url).pathname, request)), log };
  }
  const post = (body: unknown, init: RequestInit = {}): Request =>
    new Request('http://localhost/mcp', { method: 'POST', body: JSON.stringify(body), ...init });
  const call = (name: string, args: object, init?: RequestInit): Request =>
    post({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } }, init);

  test('the events of an answer come one by one', async () => {
    const { send } = await open();
    const response = await send(call('stream', { steps: 3, intervalMs: 100 }));
    const arrivals: number[] = [];
    for await (const chunk of chunks(response)) {
      arrivals.push(...Array.from(chunk.matchAll(/"step"/g), () => performance.now()));
    }
    expect(arrivals).toHaveLength(3);
    // Collected at the end they would come in the same moment.
    expect((arrivals[2] as number) - (arrivals[0] as number)).toBeGreaterThan(100);
  });

  test('the head of a stream comes before its first event', async () => {
    const { send } = await open();
    const started = performance.now();
    const response = await send(call('stream', { steps: 1, intervalMs: 400 }));
    expect(performance.now() - started).toBeLessThan(350);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    await response.text();
  });

  test('a GET stream flows until the client ends it, and the server hears of the end', async () => {
    const { send, log } = await open();
    const client = new AbortController();
    const response = await send(call('stream', { steps: 1000, intervalMs: 10 }, { signal: client.signal }));
    const stream = chunks(response);
    expect((await stream.next()).value).toContain('"step":1');
    client.abort();
    await until(() => log.includes('stream aborted by the client'));
    await expect(stream.next()).rejects.toThrow();
    const get = await send(new Request('http://localhost/mcp', { headers: { accept: 'text/event-stream' } }));
    const events = chunks(get);
    await events.next();
    expect((await events.next()).value).toContain('"pid"');
    await events.return(undefined);
  });

  test('an abort before the answer begins rejects the request, and the server hears of it', async () => {
    const { send, log } = await open();
    const client = new AbortController();
    const pending = send(call('hang', {}, { signal: client.signal }));
    setTimeout(() => {
      client.abort();
    }, 50);
    await expect(pending).rejects.toMatchObject({ name: 'AbortError' });
    await until(() => log.includes('call given up by the client'));
  });

  test('a body of 20 MB passes through, with and without a known length', async () => {
    const { send } = await open();
    const size = 20_000_000;
    const sized = await send(new Request('http://localhost/mcp', { method: 'POST', body: Buffer.alloc(size, 'x') }));
    expect(await sized.json()).toMatchObject({ result: { length: size } });
    const piece = new Uint8Array(size / 20);
    let sent = 0;
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(piece);
        sent++;
        if (sent === 20) {
          controller.close();
        }
      },
    });
    const streamed = await send(
      new Request('http://localhost/mcp', { method: 'POST', body: stream, duplex: 'half' } as RequestInit),
    );
    expect(await streamed.json()).toMatchObject({ result: { length: size } });
  });

  test('a DELETE and an answer without a body pass through', async () => {
    const { send } = await open();
    const initialized = await send(post({ jsonrpc: '2.0', id: 1, method: 'initialize' }));
    const headers = { 'mcp-session-id': initialized.headers.get('mcp-session-id') as string };
    expect((await send(post({ jsonrpc: '2.0', method: 'notifications/initialized' }, { headers }))).status).toBe(202);
    expect((await send(new Request('http://localhost/mcp', { method: 'DELETE', headers }))).status).toBe(200);
  });
});

test('a request body reaches the server while it is being sent', async () => {
  const { url, endpoint } = await startRuntime({
    runtimes: [
      {
        name: 'echo',
        command: [
          process.execPath,
          '-e',
          `
    require('node:http').createServer((request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      request.on('data', chunk => response.write('got ' + chunk + ';')).on('end', () => response.end('end'));
    }).listen(process.env.PORT, process.env.HOST);
  `,
        ],
      },
    ],
  });
  expect(endpoint.url).toBe(`${url}/mcp`);
  const upload = request(`${url}/mcp`, { method: 'POST', headers: { 'mcp-session-id': 'any' } });
  upload.write('one');
  const [response] = (await once(upload, 'response')) as [NodeJS.ReadableStream];
  expect(String((await once(response, 'data'))[0])).toBe('got one;');
  upload.write('two');
  expect(String((await once(response, 'data'))[0])).toBe('got two;');
  upload.end();
  response.resume();
  await once(response, 'end');
});

const HEAD = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';
const CHUNKS = '5\r\nfirst\r\n6\r\nsecond\r\n';
const END = '0\r\n\r\n';

test.each([
  ['in one packet', [HEAD + CHUNKS + END]],
  ['head, body and end apart', [HEAD, CHUNKS, END]],
  ['body and end together', [HEAD, CHUNKS + END]],
  ['with a known length', ['HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\nfirstsecond']],
  ['until the connection ends', ['HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n', 'firstsecond', null]],
])('an answer arrives whole however the server sends it: %s', async (_, packets) => {
  const script = `
    require('node:net').createServer(socket => socket.on('error', () => {}).on('data', async () => {
      for (const packet of JSON.parse(process.env.PACKETS)) {
        if (packet === null) socket.end(); else socket.write(packet);
        await new Promise(resolve => setTimeout(resolve, 30));
      }
    })).listen(process.env.PORT, process.env.HOST);
  `;
  const { endpoint } = await startRuntime({
    runtimes: [
      { name: 'packets', command: [process.execPath, '-e', script], environment: { PACKETS: JSON.stringify(packets) } },
    ],
  });
  const response = await endpoint.call('any', {}, 'any');
  expect(await response.text()).toBe('firstsecond');
});

test('a stream that says nothing for longer than idle connections are kept stays open', async () => {
  const { endpoint } = await startRuntime();
  const response = await endpoint.call('stream', { steps: 1, intervalMs: 1500 });
  expect(await response.text()).toContain('streamed');
});
