import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { LastHead, MalformedResponse, ResponseReader } from '../../../local/src/http/response-reader';

interface Read {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: string;
  readonly ended: boolean;
}

class Reading {
  public status = 0;
  public headers: readonly string[] = [];
  public body = '';
  public ended = false;
  public readonly reader: ResponseReader;

  public constructor(method = 'POST', lastHead?: LastHead) {
    this.reader = new ResponseReader(
      method,
      {
        onHead: (status, headers) => Object.assign(this, { status, headers }),
        onData: chunk => {
          this.body += chunk.toString('latin1');
        },
        onEnd: () => {
          this.ended = true;
        },
      },
      lastHead,
    );
  }

  public take(pieces: readonly string[], closes = false): Read & { keepsConnection: boolean } {
    for (const piece of pieces) {
      this.reader.read(Buffer.from(piece, 'latin1'));
    }
    if (closes) {
      this.reader.close();
    }
    const { status, headers, body, ended } = this;
    return { status, headers, body, ended, keepsConnection: this.reader.keepsConnection };
  }
}

const OK = 'HTTP/1.1 200 OK\r\n';
const WELL_FORMED: readonly (readonly [name: string, text: string, keepsConnection: boolean, method?: string])[] = [
  ['a length', `${OK}Content-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello`, true],
  ['no body', 'HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n', true],
  ['chunks', `${OK}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n`, true],
  [
    'sizes with zeros, upper case and extensions',
    `${OK}transfer-encoding: CHUNKED\r\n\r\n00a;name="v"\r\n0123456789\r\nB\r\n01234567890\r\n0\r\n\r\n`,
    true,
  ],
  ['trailers', `${OK}transfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nx-a: 1\r\nx-b: 2\r\n\r\n`, true],
  ['line ends among the data', `${OK}transfer-encoding: chunked\r\n\r\n8\r\n\r\n0\r\n\r\nx\r\n0\r\n\r\n`, true],
  [
    'an informational response first',
    `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${OK}content-length: 2\r\n\r\nok`,
    true,
  ],
  ['204', 'HTTP/1.1 204 No Content\r\n\r\n', true],
  ['304 with the length of what it does not send', 'HTTP/1.1 304 Not Modified\r\ncontent-length: 100\r\n\r\n', true],
  ['HEAD', `${OK}content-length: 100\r\n\r\n`, true, 'HEAD'],
  ['a connection that is not kept', `${OK}content-length: 2\r\nconnection: close\r\n\r\nok`, false],
  ['HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok', false],
  [
    'HTTP/1.0 that keeps the connection',
    'HTTP/1.0 200 OK\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\nok',
    true,
  ],
  ['no reason', 'HTTP/1.1 200\r\ncontent-length: 2\r\n\r\nok', true],
  [
    'an empty reason, headers without space and with much of it',
    "HTTP/1.1 200 \r\nx-a:1\r\nx-b: \t b \t\r\nx-empty:\r\nx-'!#$%&*+.^_`|~9: ok\r\ncontent-length: 2\r\n\r\nok",
    true,
  ],
  ['the same header twice', `${OK}set-cookie: a=1\r\nset-cookie: b=2\r\ncontent-length: 2\r\n\r\nok`, true],
  ['bytes beyond ASCII', `${OK}x-name: caf\u00e9\r\ncontent-length: 2\r\n\r\n\u00e9\u00ff`, true],
];

/** What Node's own client makes of it. */
async function readByNode(text: string, method = 'POST'): Promise<Read> {
  const server = createServer(socket => {
    socket
      .on('error', () => {})
      .once('data', () => {
        socket.end(text, 'latin1');
      });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const sent = request({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, method, agent: false });
    sent.end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    let body = '';
    for await (const chunk of response) {
      body += (chunk as Buffer).toString('latin1');
    }
    return { status: response.statusCode ?? 0, headers: response.rawHeaders, body, ended: response.complete };
  } finally {
    server.close();
  }
}

describe.each(WELL_FORMED.map(([name, text, keepsConnection, method]) => ({ name, text, keepsConnection, method })))(
  '$name',
  ({ text, keepsConnection, method }) => {
    test('is read as Node reads it, whole and however it is cut', async () => {
      const expected = { ...(await readByNode(text, method)), keepsConnection };
      expect(new Reading(method).take([text])).toEqual(expected);
      expect(new Reading(method).take([...text])).toEqual(expected);
      for (let cut = 1; cut < text.length; cut++) {
        expect(new Reading(method).take([text.slice(0, cut), text.slice(cut)])).toEqual(expected);
      }
    });

    test('is read the same after another one of its connection, and after itself', () => {
      const expected = new Reading(method).take([text]);
      const lastHead = new LastHead();
      new Reading('POST', lastHead).take([`${OK}content-length: 2\r\n\r\nno`]);
      expect(new Reading(method, lastHead).take([text])).toEqual(expected);
      for (let cut = 1; cut < text.length; cut++) {
        expect(new Reading(method, lastHead).take([text.slice(0, cut), text.slice(cut)])).toEqual(expected);
      }
    });

    test('has not ended before its last byte', () => {
      const reading = new Reading(method);
      reading.take([text.slice(0, -1)]);
      expect(reading.ended).toBe(false);
      expect(() => {
        reading.reader.close();
      }).toThrow(MalformedResponse);
    });
  },
);

test('without a length it ends with the connection', async () => {
  const text = `${OK}content-type: text/plain\r\n\r\nhello`;
  const reading = new Reading();
  expect(reading.take([text])).toMatchObject({ body: 'hello', ended: false });
  expect(reading.take([' world'], true)).toEqual({ ...(await readByNode(`${text} world`)), keepsConnection: false });
});

test.each([
  ['something else than HTTP', 'SSH-2.0-OpenSSH_9.2\r\n'],
  ['another version', 'HTTP/2.0 200 OK\r\n\r\n'],
  ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
  ['a switch to another protocol', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n'],
  ['a header without a name', `${OK}: a\r\n\r\n`],
  ['a space before the colon', `${OK}content-length : 5\r\n\r\nhello`],
  ['a folded header', `${OK}x-a: 1\r\n 2\r\n\r\n`],
  ['a control character in a value', `${OK}x-a: 1\u00002\r\n\r\n`],
  ['a bare line feed in the head', `${OK}x-a: 1\nx-b: 2\r\n\r\n`],
  ['two lengths', `${OK}content-length: 5\r\ncontent-length: 6\r\n\r\nhello`],
  ['two lengths in one line', `${OK}content-length: 5, 6\r\n\r\nhello`],
  ['a length that is no number', `${OK}content-length: +5\r\n\r\nhello`],
  ['an unknown transfer encoding', `${OK}transfer-encoding: gzip, chunked\r\n\r\n`],
  ['a size that is none', `${OK}transfer-encoding: chunked\r\n\r\nxyz\r\n`],
  ['a size with a space after it', `${OK}transfer-encoding: chunked\r\n\r\n5 \r\nhello\r\n0\r\n\r\n`],
  ['a size with a sign', `${OK}transfer-encoding: chunked\r\n\r\n-5\r\nhello\r\n`],
  ['a size beyond counting', `${OK}transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n`],
  ['a chunk longer than its size', `${OK}transfer-encoding: chunked\r\n\r\n2\r\nhello\r\n`],
  ['a size line without an end', `${OK}transfer-encoding: chunked\r\n\r\n5;${'x'.repeat(2000)}`],
  ['a head without an end', `${OK}x-a: ${'x'.repeat(20_000)}`],
])('%s is malformed', (_, text) => {
  expect(() => new Reading().take([text])).toThrow(MalformedResponse);
  expect(() => new Reading().take([...text])).toThrow(MalformedResponse);
});

test('a head like the last one of its connection gives the same headers again', () => {
  const lastHead = new LastHead();
  const first = new Reading('POST', lastHead).take([`${OK}content-length: 2\r\n\r\nok`]);
  const same = new Reading('POST', lastHead).take([`${OK}content-length: 2\r\n\r\nno`]);
  expect(same).toEqual({ ...first, body: 'no' });
  expect(same.headers).toBe(first.headers);
  expect(new Reading('POST', lastHead).take([`${OK}content-length: 3\r\n\r\nyes`])).toMatchObject({
    headers: ['content-length', '3'],
    body: 'yes',
  });
});

test('a connection on which more comes than was asked for is not kept', () => {
  const reading = new Reading();
  expect(reading.take([`${OK}content-length: 2\r\n\r\nok${OK}content-length: 6\r\n\r\nforged`])).toMatchObject({
    body: 'ok',
    ended: true,
    keepsConnection: false,
  });
});

test('a length beside chunks does not count, and the connection is not kept', () => {
  expect(
    new Reading().take([`${OK}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`]),
  ).toMatchObject({ body: 'hello', keepsConnection: false });
});

test('a head of many spaces takes no longer than another', () => {
  const began = performance.now();
  expect(() => new Reading().take([`${OK}x-a:${' \t'.repeat(8000)}\u0000\r\n\r\n`])).toThrow(MalformedResponse);
  expect(performance.now() - began).toBeLessThan(100);
});
