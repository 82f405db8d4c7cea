import http from 'node:http';
import { text } from 'node:stream/consumers';
import { McpServer } from '@modelcontextprotocol/server';
import { serve, type LogEntry, type ServeOptions, type McpListener } from 'stateful-mcp-server';
import { keptForReader, Readers } from '../../../server/src/http/kept-for-reader';
import { closeKits, INITIALIZE, initialize, JSON_HEADERS, modernRequest, openKit, post, URL_OF_KIT } from '../kit';

const MIB = 1024 * 1024;
const REAL = ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'nextTick', 'queueMicrotask'] as const;

afterEach(async () => {
  jest.useRealTimers();
  await closeKits();
});

/** Timers of the clock stand still: those that look at readers among them. */
function stopClock(): void {
  jest.useFakeTimers({ doNotFake: [...REAL, 'performance', 'Date', 'hrtime'] });
}

function source(): {
  response: Response;
  controller: ReadableStreamDefaultController<Uint8Array>;
  cancelled: unknown[];
} {
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  const cancelled: unknown[] = [];
  const body = new ReadableStream<Uint8Array>({
    start(made) {
      controller = made;
    },
    cancel: reason => void cancelled.push(reason),
  });
  return { response: new Response(body), controller, cancelled };
}

const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

describe('a body that is kept for its reader', () => {
  test('arrives whole, in pieces, and its end is told once to everybody', async () => {
    const { response, controller } = source();
    const ended = [jest.fn(), jest.fn()];
    const kept = keptForReader(keptForReader(response, { ended: ended[0] }), { ended: ended[1] });
    controller.enqueue(new TextEncoder().encode('a'.repeat(200_000)));
    controller.enqueue(new TextEncoder().encode('b'));
    controller.close();
    await settled();
    expect(ended[0]).not.toHaveBeenCalled();
    expect(await kept.text()).toBe(`${'a'.repeat(200_000)}b`);
    expect(ended.map(told => told.mock.calls as unknown[][])).toEqual([[[undefined]], [[undefined]]]);
  });

  test('without a body has ended', () => {
    const ended = jest.fn();
    const response = new Response(null, { status: 204 });
    expect(keptForReader(response, { ended })).toBe(response);
    expect(ended).toHaveBeenCalledTimes(1);
  });

  test('fails with its source', async () => {
    const { response, controller } = source();
    const ended = jest.fn();
    const kept = keptForReader(response, { ended });
    const read = kept.text();
    controller.error('broken');
    await expect(read).rejects.toThrow('broken');
    expect(ended.mock.calls).toEqual([[new Error('broken')]]);
  });

  test('tells when its reader is behind, and when it is not any more', async () => {
    const { response, controller } = source();
    const readerIsBehind = jest.fn();
    const reader = keptForReader(response, { readerIsBehind }).body!.getReader();
    controller.enqueue(new Uint8Array(MIB));
    await settled();
    expect(readerIsBehind).not.toHaveBeenCalled();
    controller.enqueue(new Uint8Array(1));
    controller.enqueue(new Uint8Array(MIB));
    await settled();
    expect(readerIsBehind.mock.calls).toEqual([[true]]);
    for (let read = 0; read <= MIB; read += (await reader.read()).value!.byteLength) {
      // Up to the last MiB.
    }
    expect(readerIsBehind.mock.calls).toEqual([[true], [false]]);
  });

  test('of a reader that goes away is over, however much it has left', async () => {
    const { response, controller, cancelled } = source();
    const watcher = { readerIsBehind: jest.fn(), ended: jest.fn() };
    const { body } = keptForReader(response, watcher);
    controller.enqueue(new Uint8Array(2 * MIB));
    await settled();
    await body!.cancel('gone');
    expect(cancelled).toEqual(['gone']);
    expect(watcher.readerIsBehind.mock.calls).toEqual([[true], [false]]);
    expect(watcher.ended.mock.calls).toEqual([[undefined]]);
  });

  test('ends for a reader that is behind and takes nothing for a minute', async () => {
    stopClock();
    const { response, controller, cancelled } = source();
    const watcher = { readerIsBehind: jest.fn(), ended: jest.fn() };
    const reader = keptForReader(response, watcher).body!.getReader();
    controller.enqueue(new Uint8Array(3 * MIB));
    await settled();
    // One piece of a large message is enough.
    jest.advanceTimersByTime(59_000);
    await reader.read();
    jest.advanceTimersByTime(60_000);
    expect(watcher.ended).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1000);
    const problem = `the client read nothing of this response for 60 s, and left ${3 * MIB - 65_536} bytes: its connection was ended`;
    expect(watcher.ended.mock.calls).toEqual([[new Error(problem)]]);
    expect(watcher.readerIsBehind.mock.calls).toEqual([[true], [false]]);
    await expect(reader.read()).rejects.toThrow(problem);
    expect(cancelled).toEqual([problem]);
  });

  test('waits for as long as it takes for a reader that has little to read', async () => {
    stopClock();
    const { response, controller } = source();
    const ended = jest.fn();
    const reader = keptForReader(response, { ended }).body!.getReader();
    controller.enqueue(new Uint8Array(MIB));
    await settled();
    jest.advanceTimersByTime(8 * 3_600_000);
    expect(ended).not.toHaveBeenCalled();
    expect((await reader.read()).value).toHaveLength(65_536);
  });

  test('is bounded where whoever fills it does not wait, and one message may be larger', async () => {
    stopClock();
    const { response, controller } = source();
    const ended = jest.fn();
    const reader = keptForReader(response, { ended }).body!.getReader();
    controller.enqueue(new Uint8Array(10));
    controller.enqueue(new Uint8Array(100 * MIB));
    await settled();
    jest.advanceTimersByTime(5000);
    expect(ended).not.toHaveBeenCalled();
    controller.enqueue(new Uint8Array(10));
    await settled();
    // Whoever wrote so much at once has given nobody the time to send it.
    jest.advanceTimersByTime(1000);
    expect(ended).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1000);
    expect(ended.mock.calls).toEqual([
      [
        new Error(
          `the client did not read this response as fast as it was written, and left ${100 * MIB + 20} bytes: its connection was ended`,
        ),
      ],
    ]);
    await expect(reader.read()).rejects.toThrow('as fast as it was written');
  });
});

test('whoever fills streams waits for the slowest of their readers', async () => {
  const readers = new Readers();
  await readers.keptUp();
  readers.readerIsBehind(true);
  readers.readerIsBehind(true);
  const done = jest.fn();
  const kept = readers.keptUp().then(done);
  readers.readerIsBehind(false);
  await settled();
  expect(done).not.toHaveBeenCalled();
  readers.readerIsBehind(false);
  await kept;
});

interface Sent {
  readonly total: number;
  count: number;
  answered: boolean;
}

/** A tool that sends 10,000 characters many times, and counts what was sent. */
function flood(server: McpServer, sent: Sent): void {
  server.registerTool('flood', {}, async ctx => {
    for (; sent.count < sent.total && !ctx.mcpReq.signal.aborted; sent.count++) {
      const params = { level: 'info', data: 'x'.repeat(10_000) } as const;
      await ctx.mcpReq.notify({ method: 'notifications/message', params });
    }
    sent.answered = true;
    return { content: [{ type: 'text', text: 'flooded' }] };
  });
}

const CALL = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'flood', arguments: {} } };

const LOG_LEVEL = { 'io.modelcontextprotocol/logLevel': 'info' };

type Start = (fetch: (init: RequestInit) => Promise<Response>, initialize: () => Promise<string>) => Promise<Response>;

const ERAS: [string, Start, boolean][] = [
  [
    'a session',
    async (fetch, open) => {
      const headers = { ...JSON_HEADERS, 'mcp-session-id': await open(), 'mcp-protocol-version': '2025-11-25' };
      return await fetch({ method: 'POST', headers, body: JSON.stringify(CALL) });
    },
    false,
  ],
  ['no session', fetch => fetch({ method: 'POST', headers: JSON_HEADERS, body: JSON.stringify(CALL) }), true],
  ['the modern era', fetch => fetch(modernRequest({ name: 'flood', meta: LOG_LEVEL })), false],
];

describe.each(ERAS)('a handler in %s', (_, start, stateless) => {
  test('waits for a client that reads later, which gets all of it', async () => {
    const sent = { total: 300, count: 0, answered: false };
    const kit = openKit(server => flood(server, sent), { stateless });
    const response = await start(
      init => kit.fetch(URL_OF_KIT, init),
      () => initialize(kit),
    );
    for (let before = -1; before < sent.count; await settled()) {
      before = sent.count;
    }
    expect(sent.count).toBeGreaterThan(100);
    expect(sent.count).toBeLessThan(110);
    const body = await response.text();
    expect(body.match(/"notifications\/message"/g)).toHaveLength(300);
    expect(body).toContain('flooded');
  });
});

describe('a client of serve() that reads nothing', () => {
  let listener: McpListener;
  let sent: Sent;
  let log: LogEntry[];

  async function listen(options: ServeOptions): Promise<void> {
    // More than the kernel keeps for both sides.
    sent = { total: 3000, count: 0, answered: false };
    log = [];
    listener = await serve(
      () => {
        const server = new McpServer({ name: 'flooding', version: '1.0.0' }, { capabilities: { logging: {} } });
        flood(server, sent);
        return server;
      },
      { host: '127.0.0.1', port: 0, handleSignals: false, log: entry => log.push(entry), ...options },
    );
  }

  afterEach(() => listener.close());

  /** Its socket takes what the kernel keeps for it, and no more. */
  async function callUnread({ headers, body }: RequestInit): Promise<http.IncomingMessage> {
    const request = http.request(listener.url, { method: 'POST', headers: headers as http.OutgoingHttpHeaders });
    request.end(body);
    return await new Promise((resolve, reject) => {
      request.on('response', resolve).on('error', reject);
    });
  }

  test.each(ERAS)('loses its connection after a minute, and the handler of %s goes on', async (_, start, stateless) => {
    stopClock();
    await listen({ stateless });
    let unread!: http.IncomingMessage;
    await start(
      async init => {
        unread = await callUnread(init);
        return new Response();
      },
      async () => {
        const opened = await fetch(listener.url, {
          method: 'POST',
          headers: JSON_HEADERS,
          body: JSON.stringify(INITIALIZE),
        });
        await opened.text();
        return opened.headers.get('mcp-session-id')!;
      },
    );
    let seconds = 0;
    for (; !sent.answered; seconds++) {
      jest.advanceTimersByTime(1000);
      await settled();
    }
    expect(seconds).toBeGreaterThanOrEqual(60);
    await expect(text(unread)).rejects.toThrow('aborted');
    expect(log.filter(({ level }) => level === 'error')).toEqual([
      expect.objectContaining({
        event: 'request',
        tool: 'flood',
        status: 200,
        message: expect.stringMatching(
          /^the client read nothing of this response for 60 s, and left \d+ bytes: its connection was ended$/,
        ) as string,
      }),
    ]);
  });
});

test('calls of a session do not wait for the reader of another one', async () => {
  const sent = { total: 300, count: 0, answered: false };
  const kit = openKit(server => {
    flood(server, sent);
    server.registerTool('report', {}, async ctx => {
      await ctx.mcpReq.notify({ method: 'notifications/message', params: { level: 'info', data: 'done' } });
      return { content: [] };
    });
  });
  const session = { 'mcp-session-id': await initialize(kit) };
  const unread = await post(kit, CALL, session);
  while (sent.count < 100) {
    await settled();
  }
  const report = await post(kit, { ...CALL, id: 2, params: { name: 'report', arguments: {} } }, session);
  expect(await report.text()).toContain('"id":2');
  await unread.body!.cancel();
});
