import { once } from 'node:events';
import { connect } from 'node:net';
import path from 'node:path';
import { listen } from '../../../local/src/http/listener';
import { sessionServer, startRuntime, until, type Started } from '../running';

const servers = path.join(__dirname, '../differential/servers.mjs');
const start = (server: 'echo' | 'script'): Promise<Started> =>
  startRuntime({
    runtimes: [{ name: 'server', command: [process.execPath, servers, server] }],
    settings: { requestHeaders: 'all', serverErrors: 'pass' },
  });

interface Asked {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What comes over a connection until it closes, or nothing came for a while. */
async function exchange(url: string, bytes: string, silenceMs = 500): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => {});
  let received = '';
  const silence = setTimeout(() => socket.destroy(), silenceMs);
  socket.setEncoding('latin1').on('data', text => {
    received += String(text);
    silence.refresh();
  });
  socket.write(bytes, 'latin1');
  await once(socket, 'close');
  clearTimeout(silence);
  return received;
}

function asked(response: string): Asked {
  return JSON.parse(response.slice(response.indexOf('\r\n\r\n'))) as Asked;
}

const HIDDEN = 'GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n';
const SIZED = `Content-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`;
const CHUNKED = `Transfer-Encoding: chunked\r\n\r\n${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n0\r\n\r\n`;

describe('a list in `Connection` of the client', () => {
  test.each([
    'content-length',
    'keep-alive, Content-Length',
    'transfer-encoding',
    'host',
    'close, content-length, host',
  ])('makes no second request of a body: %s', async list => {
    const { url } = await start('echo');
    for (const framed of [SIZED, CHUNKED]) {
      const received = await exchange(url, `POST /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: ${list}\r\n${framed}`);
      expect(received.match(/HTTP\/1\.1 /g)).toHaveLength(1);
      expect(asked(received)).toMatchObject({
        body: HIDDEN,
        headers: { host: expect.stringContaining('127.0.0.1:') as string },
      });
      // The next one gets its own answer.
      const next = await exchange(
        url,
        'POST /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}',
      );
      expect(asked(next).body).toBe('{}');
    }
  });

  test('takes away what it names, in each of its lines, but not what says who asks for what', async () => {
    const { url } = await start('echo');
    const named = { 'x-one': '1', 'x-two': '2', cookie: 'a=1' };
    const kept = {
      'mcp-name': 'n',
      'content-type': 'application/json',
      authorization: 'Bearer a',
      'x-amzn-trace-id': 'Root=1',
      traceparent: '00-1',
    };
    const lines = Object.entries({ ...named, ...kept, 'x-three': '3' }).map(header => header.join(': '));
    const list = `Connection: close, ${Object.keys(kept).join(', ')}\r\nConnection: X-One\r\nConnection: x-two , COOKIE`;
    const { headers } = asked(
      await exchange(
        url,
        `POST /mcp HTTP/1.1\r\nHost: localhost\r\n${list}\r\n${lines.join('\r\n')}\r\nContent-Length: 2\r\n\r\n{}`,
      ),
    );
    expect(headers).toMatchObject({ ...kept, 'x-three': '3' });
    for (const name of Object.keys(named)) {
      expect(headers).not.toHaveProperty(name);
    }
  });
});

test.each(['gzip, chunked', 'xchunked', 'chunked\r\nTransfer-Encoding: chunked'])(
  'a transfer coding that is not undone here is refused: %s',
  async coding => {
    const { url } = await start('echo');
    expect(
      await exchange(
        url,
        `POST /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: ${coding}\r\n\r\n0\r\n\r\n`,
      ),
    ).toMatch(/^HTTP\/1\.1 (400|501) /);
  },
);

test.each(['a/../b', 'localhost/x?', 'one, two', 'user@localhost'])(
  'a `Host` that would go on as a path is refused: %s',
  async host => {
    const { runtime } = await startRuntime({ pooledProcesses: 0 });
    const { url } = await runtime.listen({ host: '0.0.0.0' });
    expect(await exchange(url, `GET /mcp HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 400 /,
    );
  },
);

test('a head that does not come to its end is given up, although a request may take for ever', async () => {
  const listener = await listen(
    {},
    { handle: () => Promise.resolve(), refused: () => {}, longestBody: 1, headLimitMs: 100 },
  );
  expect(await exchange(listener.url, 'POST /mcp HTTP/1.1\r\nHost: local', 10_000)).toMatch(/^HTTP\/1\.1 408 /);
  await listener.close();
});

const OK = 'HTTP/1.1 200 OK\r\n';

/** The answer of the client to a server that says these bytes, in these pieces. */
async function answered(started: Started, pieces: readonly string[], closes = false): Promise<Response> {
  const encoded = pieces.map(piece => Buffer.from(piece, 'latin1').toString('base64'));
  return fetch(started.endpoint.url, {
    method: 'POST',
    body: JSON.stringify({ pieces: encoded, closes }),
    headers: { 'content-type': 'application/json' },
  });
}

test('every form of a response arrives whole, however it is cut, and is framed anew', async () => {
  const started = await start('script');
  const forms: readonly (readonly [text: string, body: string, closes?: boolean])[] = [
    [`${OK}Content-Length: 5\r\n\r\nhello`, 'hello'],
    ['HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n', ''],
    [
      `${OK}transfer-encoding: CHUNKED\r\nconnection: transfer-encoding\r\n\r\n5;a="b"\r\nhello\r\n0B\r\n wide world\r\n0\r\nx-trailer: 1\r\n\r\n`,
      'hello wide world',
    ],
    [`${OK}Connection: content-length\r\nContent-Length: 2\r\n\r\nok`, 'ok'],
    [`HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${OK}content-length: 2\r\n\r\nok`, 'ok'],
    [`${OK}content-length: \t 2 \r\nx-empty:\r\n\r\nok`, 'ok'],
    [`${OK}\r\nuntil it closes`, 'until it closes', true],
    ['HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok', 'ok', true],
    [`${OK}content-length: 2\r\n\r\nok${OK}content-length: 6\r\n\r\nforged`, 'ok'],
  ];
  for (const [text, body, closes] of forms) {
    for (const pieces of [[text], [text.slice(0, 20), text.slice(20)], [text.slice(0, -3), text.slice(-3)]]) {
      const response = await answered(started, pieces, closes);
      expect(await response.text()).toBe(body);
      expect([null, 'chunked']).toContain(response.headers.get('transfer-encoding'));
    }
  }
});

test.each([
  ['not HTTP', 'SSH-2.0-OpenSSH_9.2\r\n'],
  ['bare line feeds', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok'],
  ['a bare line feed in the head', `${OK}x-a: 1\nx-b: 2\r\n\r\n`],
  ['a length beside chunks', `${OK}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`],
  ['two lengths', `${OK}content-length: 5\r\ncontent-length: 6\r\n\r\nhello`],
  ['a length that is no number', `${OK}content-length: +5\r\n\r\nhello`],
  ['another transfer coding', `${OK}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
  ['a space before the colon', `${OK}content-length : 5\r\n\r\nhello`],
  ['a head without an end', `${OK}x-a: ${'x'.repeat(20_000)}`],
])('a response that is none fails at once, and says why: %s', async (_, text) => {
  const started = await start('script');
  const since = performance.now();
  const response = await answered(started, [text]);
  expect(await response.json()).toMatchObject({
    error: { code: -32010, message: expect.stringContaining('is not valid HTTP/1.1') as string },
  });
  expect(performance.now() - since).toBeLessThan(10_000);
  expect(await (await answered(started, [`${OK}Content-Length: 2\r\n\r\nok`])).text()).toBe('ok');
});

test.each([
  ['with a length', `${OK}content-length: 9\r\n\r\nhalf`],
  ['in chunks', `${OK}transfer-encoding: chunked\r\n\r\n9\r\nhalf`],
  [
    'in chunks, on a connection that closes',
    `${OK}connection: close\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n`,
  ],
  ['an event stream', `${OK}content-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n`],
])('a response that was cut off does not look whole: %s', async (_, text) => {
  const started = await start('script');
  await expect(answered(started, [text], true).then(response => response.text())).rejects.toThrow();
});

test('an event stream of the HTTP protocol breaks with its server', async () => {
  const script = `require('node:http').createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: 1\\n\\n');
    if (request.method === 'POST') setTimeout(() => process.exit(4), 100);
  }).listen(process.env.PORT, process.env.HOST);`;
  const { url } = await startRuntime({
    runtimes: [{ name: 'http', protocol: 'HTTP', command: [process.execPath, '-e', script] }],
  });
  const response = await fetch(`${url}/invocations`, { method: 'POST', body: '{}' });
  await expect(response.text()).rejects.toThrow();
});

/** Answers 413 as soon as a head has come, and says how many connections there were. */
const EARLY = `let connections = 0;
require('node:net').createServer({ noDelay: true }, socket => {
  console.log('connection ' + ++connections);
  socket.on('error', () => {}).once('data', bytes => {
    const text = bytes.toString('latin1');
    const how = /mcp-name: (\\w+)/i.exec(text)?.[1];
    const head = how === undefined ? 'HTTP/1.1 200 OK' : 'HTTP/1.1 413 Payload Too Large';
    const answer = head + '\\r\\nContent-Length: 2\\r\\n' + (how === 'kept' ? '' : 'Connection: close\\r\\n') + '\\r\\n{}';
    if (how !== 'closes') return socket.write(answer);
    socket.pause();
    socket.end(answer);
  });
}).listen(process.env.PORT, process.env.HOST);`;
const BODY = 8 * 1024 * 1024;

describe.each(['closes', 'reads', 'kept'])('a server that answers before it has read the request: %s', how => {
  test.each(['keep-alive', 'close'])(
    'its client gets the answer, and can send all of the request: %s',
    async connection => {
      const { url, log } = await startRuntime({
        runtimes: [{ name: 'early', command: [process.execPath, '-e', EARLY] }],
      });
      const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => {});
      let received = '';
      socket.on('data', bytes => (received += String(bytes)));
      socket.write(
        `POST /mcp HTTP/1.1\r\nHost: localhost\r\nMcp-Session-Id: any\r\nMcp-Name: ${how}\r\nConnection: ${connection}\r\nContent-Length: ${BODY}\r\n\r\n`,
      );
      await until(() => log.some(({ line }) => line.startsWith('connection')) || received !== '');
      const piece = Buffer.alloc(64 * 1024, 'x');
      for (let sent = 0; sent < BODY && !socket.destroyed; sent += piece.length) {
        if (!socket.write(piece)) {
          await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
        }
      }
      await until(() => received.includes('{}'));
      expect(received).toMatch(/^HTTP\/1\.1 413 /);
      socket.destroy();
      // Its connection was not sent all of its request: the next one has another.
      const connections = (): number => log.filter(({ line }) => line.startsWith('connection')).length;
      const before = connections();
      expect(
        (await fetch(`${url}/mcp`, { method: 'POST', body: '{}', headers: { 'mcp-session-id': 'any' } })).status,
      ).toBe(200);
      await until(() => connections() > before);
    },
  );
});

test.each([
  '9007199254740993',
  '-9007199254740993',
  '12345678901234567890',
  '1e999',
  '0.1',
  '"9007199254740993"',
  '"\\u00e9\\""',
])('an error carries the id of its request as it was written: %s', async id => {
  const { endpoint } = await startRuntime({ runtimes: [sessionServer()] });
  const body = `{"jsonrpc":"2.0","params":{"name":"dropConnection","arguments":{"id":1,"text":"\\"id\\":2"}},"id" : ${id},"method":"tools/call"}`;
  const text = await (await endpoint.send(undefined, undefined, { body })).text();
  expect(JSON.parse(text)).toMatchObject({ error: { code: -32010 } });
  const expected = id.startsWith('"') ? JSON.stringify(JSON.parse(id)) : id;
  expect(text).toContain(`"id":${expected},`);
});
