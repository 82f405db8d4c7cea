import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { isAlive, startRuntime, until } from '../running';

/** A connection on which a test says each byte. */
class Wire {
  public received = '';
  public readonly socket: Socket;

  public constructor(url: string) {
    this.socket = connect(Number(new URL(url).port), '127.0.0.1')
      .setNoDelay(true)
      .on('error', () => {});
    this.socket.on('data', (bytes: Buffer) => {
      this.received += bytes.toString('latin1');
    });
  }

  /** Sends each piece in a packet of its own. */
  public async send(...pieces: string[]): Promise<void> {
    for (const piece of pieces) {
      this.socket.write(piece, 'latin1');
      await new Promise(resolve => setTimeout(resolve, 20));
    }
  }

  /** The next answers, once so many have come whole. */
  public async answers(count: number): Promise<string[]> {
    const all = (): string[] =>
      this.received.split(/(?=HTTP\/1\.1 )/).filter(answer => /\r\n\r\n[^]*(\}|0\r\n\r\n)$/.test(answer));
    await until(() => all().length >= count);
    return all();
  }
}

function call(tool: string, id: number, args: object = {}, sessionId = 'any', headers = ''): string {
  const body = JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: tool, arguments: args } });
  return `POST /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: application/json, text/event-stream\r\nMcp-Session-Id: ${sessionId}\r\nContent-Length: ${body.length}\r\n${headers}\r\n${body}`;
}

test('requests in every form follow one another on one connection, whole ones and others', async () => {
  const { url, endpoint } = await startRuntime();
  const sessionId = await endpoint.initialize();
  const wire = new Wire(url);
  const whole = (id: number): string => call('slow', id, { ms: 1 }, sessionId);
  await wire.send(whole(1));
  await wire.answers(1);
  await wire.send(whole(2));
  await wire.answers(2);
  const cut = whole(3);
  await wire.send(cut.slice(0, 60), cut.slice(60, 300), cut.slice(300));
  await wire.answers(3);
  await wire.send(call('slow', 4, { ms: 1 }, sessionId, 'Expect: 100-continue\r\n'));
  await until(() => wire.received.includes('"id":4'));
  await wire.send(whole(5));
  await until(() => wire.received.includes('"id":5'));
  expect([...wire.received.matchAll(/"id":(\d)/g)].map(([, id]) => id)).toEqual(['1', '2', '3', '4', '5']);
  wire.socket.destroy();
});

test('a request that comes while another is answered waits for its turn', async () => {
  const { url, endpoint } = await startRuntime();
  const sessionId = await endpoint.initialize();
  const wire = new Wire(url);
  await wire.send(
    call('slow', 1, { ms: 300 }, sessionId),
    call('slow', 2, { ms: 1 }, sessionId),
    call('slow', 3, { ms: 1 }, sessionId),
  );
  const answers = await wire.answers(3);
  expect(answers.map(answer => /"id":(\d)/.exec(answer)?.[1])).toEqual(['1', '2', '3']);
  wire.socket.destroy();
});

test('more than fits waits at the client, and is answered too', async () => {
  const { url, endpoint } = await startRuntime();
  const sessionId = await endpoint.initialize();
  const wire = new Wire(url);
  const padding = 'x'.repeat(12_000);
  await wire.send(call('slow', 1, { ms: 300 }, sessionId));
  await wire.send(...Array.from({ length: 8 }, (_, index) => call('slow', index + 2, { ms: 1, padding }, sessionId)));
  await until(() => wire.received.includes('"id":9'));
  expect([...wire.received.matchAll(/"id":(\d)/g)].map(([, id]) => Number(id))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  wire.socket.destroy();
});

test('a client that goes away while it waits is noticed', async () => {
  const { url, endpoint, log } = await startRuntime();
  const sessionId = await endpoint.initialize();
  const wire = new Wire(url);
  await wire.send(call('hang', 1, {}, sessionId));
  wire.socket.destroy();
  await until(() => log.some(({ line }) => line === 'call given up by the client'));
});

test('an answer says how long the connection is kept, and has a date', async () => {
  const { url } = await startRuntime();
  const wire = new Wire(url);
  await wire.send('GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const [answer = ''] = await wire.answers(1);
  expect(answer).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
  expect(answer).toMatch(/\r\nDate: \w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT\r\n/);
  expect(answer).toContain('\r\nConnection: keep-alive\r\nKeep-Alive: timeout=65\r\n');
  wire.socket.destroy();
});

const PIECES = 60;
const PIECE = 1_000_000;
/** What the system itself holds of it, twice, for there are two connections. */
const PIECES_IN_BETWEEN = 40;

test.each(['sized', 'chunked'])(
  'a large answer that is read slowly arrives whole and is not collected on the way: %s',
  async framing => {
    const { url, endpoint, log } = await startRuntime({
      runtimes: [
        {
          name: 'large',
          command: [
            process.execPath,
            '-e',
            `
    const { createServer } = require('node:http');
    const piece = Buffer.alloc(${PIECE}, 'x');
    createServer(async (request, response) => {
      request.resume();
      if (request.headers['mcp-session-id'] === undefined) return response.end();
      response.writeHead(200, ${framing === 'sized'} ? { 'content-length': ${PIECES * PIECE} } : {});
      for (let sent = 0; sent < ${PIECES}; sent++) {
        if (!response.write(piece)) await new Promise(resolve => response.once('drain', resolve));
        console.log('sent ' + sent);
      }
      response.end();
    }).listen(process.env.PORT, process.env.HOST);
  `,
          ],
        },
      ],
    });
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write(call('any', 1));
    await once(socket, 'readable');
    await new Promise(resolve => setTimeout(resolve, 500));
    expect(log.filter(({ line }) => line.startsWith('sent')).length).toBeLessThan(PIECES_IN_BETWEEN);
    let bytes = 0;
    for await (const chunk of socket) {
      for (const byte of chunk as Buffer) {
        if (byte === 0x78) {
          bytes++;
        }
      }
      if (bytes >= PIECES * PIECE) {
        break;
      }
    }
    expect(bytes).toBeGreaterThanOrEqual(PIECES * PIECE);
    expect((await endpoint.call('any', {}, 'any')).status).toBe(200);
  },
);

test('the end of the runtime ends every connection', async () => {
  const { runtime, url, endpoint } = await startRuntime();
  const sessionId = await endpoint.initialize();
  const { pid } = await endpoint.describe(sessionId);
  const [idle, busy] = [new Wire(url), new Wire(url)];
  await busy.send(call('hang', 1, {}, sessionId));
  const closed = Promise.all([idle, busy].map(({ socket }) => once(socket, 'close')));
  await runtime.close();
  await closed;
  expect(isAlive(pid)).toBe(false);
});
