import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { WholeRequestReader } from '../../../local/src/http/whole-request';

const BODY = '{"jsonrpc":"2.0"}';
const POST = `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${BODY.length}\r\n`;

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: object;
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

/** What Node's own server makes of it. */
async function readByNode(text: string): Promise<Seen> {
  let seen: Promise<Seen> | undefined;
  const server = createServer((message, response) => {
    seen = seenOf(message);
    void seen.then(() => response.end());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(text, 'latin1');
  await once(socket, 'data');
  socket.destroy();
  server.close();
  if (!seen) {
    throw new Error('Node has not taken it for a request');
  }
  return seen;
}

async function seenOf(message: IncomingMessage): Promise<Seen> {
  let body = '';
  for await (const chunk of message) {
    body += (chunk as Buffer).toString('latin1');
  }
  const { method, url, headers, rawHeaders } = message;
  return { method, url, headers, rawHeaders, body };
}

test.each([
  ['a POST', `${POST}\r\n${BODY}`],
  ['a connection that is kept', `${POST}Connection: Keep-Alive\r\n\r\n${BODY}`],
  ['a GET', 'GET /mcp?qualifier=DEFAULT HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n\r\n'],
  ['a DELETE', 'DELETE /mcp HTTP/1.1\r\nhost: localhost\r\nmcp-session-id: 1\r\n\r\n'],
  ['an empty body', 'POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n'],
  [
    'values with spaces around, empty and beyond ASCII',
    `${POST}x-a: \t a b \t\r\nx-b:\r\nx-c:caf\u00e9\r\n\r\n${BODY}`,
  ],
])('%s is read as Node reads it', async (_, text) => {
  const request = new WholeRequestReader().read(Buffer.from(text, 'latin1'));
  expect(
    request && { ...request.head, headers: { ...request.head.headers }, body: request.body.toString('latin1') },
  ).toEqual(await readByNode(text));
});

test.each([
  ['a part of a head', 'POST /mcp HTTP/1.1\r\nHost: loc'],
  ['a head without its body', `${POST}\r\n`],
  ['a part of the body', `${POST}\r\n${BODY.slice(1)}`],
  ['two requests', `${POST}\r\n${BODY}${POST}\r\n${BODY}`],
  ['chunks', 'POST /mcp HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['a length and chunks', `${POST}Transfer-Encoding: chunked\r\n\r\n${BODY}`],
  ['two lengths', `${POST}content-length: ${BODY.length}\r\n\r\n${BODY}`],
  [
    'a length that is no number',
    `POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-length: +${BODY.length}\r\n\r\n${BODY}`,
  ],
  [
    'lengths in one line',
    `POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${BODY.length}, ${BODY.length}\r\n\r\n${BODY}`,
  ],
  ['a body nobody announced', `POST /mcp HTTP/1.1\r\nhost: localhost\r\n\r\n${BODY}`],
  ['the same header twice', `${POST}mcp-session-id: a\r\nMcp-Session-Id: b\r\n\r\n${BODY}`],
  ['a name that objects know', `${POST}constructor: 1\r\n\r\n${BODY}`],
  ["the name of every object's parent", `${POST}__proto__: 1\r\n\r\n${BODY}`],
  ['no host', `POST /mcp HTTP/1.1\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`],
  ['a wish to go on', `${POST}Expect: 100-continue\r\n\r\n${BODY}`],
  ['a wish for another protocol', `${POST}Upgrade: websocket\r\n\r\n${BODY}`],
  ['a connection that is not kept', `${POST}Connection: close\r\n\r\n${BODY}`],
  ['headers of this connection alone', `${POST}Connection: keep-alive, x-a\r\n\r\n${BODY}`],
  ['HTTP/1.0', `POST /mcp HTTP/1.0\r\nhost: localhost\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`],
  ['another method', 'OPTIONS /mcp HTTP/1.1\r\nhost: localhost\r\n\r\n'],
  ['a whole URL', 'GET http://localhost/mcp HTTP/1.1\r\nhost: localhost\r\n\r\n'],
  ['a space in the path', 'GET /m cp HTTP/1.1\r\nhost: localhost\r\n\r\n'],
  ['a folded header', `${POST}x-a: 1\r\n 2\r\n\r\n${BODY}`],
  ['a space before the colon', `${POST}x-a : 1\r\n\r\n${BODY}`],
  ['a control character', `${POST}x-a: 1\u00002\r\n\r\n${BODY}`],
  ['a bare line feed', `${POST}x-a: 1\nx-b: 2\r\n\r\n${BODY}`],
  ['a bare carriage return', `${POST}x-a: 1\rx-b: 2\r\n\r\n${BODY}`],
  ['an empty line first', `\r\n${POST}\r\n${BODY}`],
  ['a head that is too long', `${POST}x-a: ${'x'.repeat(140_000)}\r\n\r\n${BODY}`],
])('%s is left to Node', (_, text) => {
  expect(new WholeRequestReader().read(Buffer.from(text, 'latin1'))).toBeUndefined();
  const reader = new WholeRequestReader();
  reader.read(Buffer.from(`${POST}\r\n${BODY}`, 'latin1'));
  expect(reader.read(Buffer.from(text, 'latin1'))).toBeUndefined();
});

test('a head that is the same is read once, and one that is nearly the same again', () => {
  const reader = new WholeRequestReader();
  const read = (text: string): ReturnType<WholeRequestReader['read']> => reader.read(Buffer.from(text, 'latin1'));
  const withId = (id: string): string => `${POST}mcp-session-id: ${id}\r\n\r\n`;
  const first = read(`${withId('a')}${BODY}`);
  const same = read(`${withId('a')}${BODY.replace('2', '3')}`);
  expect(same?.head).toBe(first?.head);
  expect(same?.body.toString()).toBe(BODY.replace('2', '3'));
  const other = read(`${withId('b')}${BODY}`);
  expect(other?.head.headers['mcp-session-id']).toBe('b');
  expect(first?.head.headers['mcp-session-id']).toBe('a');
  // A longer id that begins like the one before, and a body that is not all here.
  expect(read(`${withId('bb')}${BODY}`)?.head.headers['mcp-session-id']).toBe('bb');
  expect(read(`${withId('bb')}${BODY.slice(1)}`)).toBeUndefined();
  expect(read(withId('bb').slice(0, -1))).toBeUndefined();
  expect(read(`${withId('bb')}${BODY}`)?.body.toString()).toBe(BODY);
});
