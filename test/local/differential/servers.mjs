// The servers that are called through a local runtime and without it. `echo` says what it was asked; `script` answers
// with the bytes that its request asks for.
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';

const { PORT, HOST } = process.env;
const NOTHING = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n').toString('base64');

function echo() {
  return createHttpServer({ maxHeaderSize: 128 * 1024 }, (request, response) => {
    let body = '';
    request
      .setEncoding('latin1')
      .on('data', text => (body += text))
      .on('end', () => {
        const { method, url, headers } = request;
        const answer = JSON.stringify({ method, url, body, headers });
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) });
        response.end(answer);
      });
  });
}

function script() {
  return createServer({ noDelay: true }, socket => {
    let received = '';
    socket
      .setEncoding('latin1')
      .on('error', () => {})
      .on('data', async text => {
        received += text;
        const end = received.indexOf('\r\n\r\n');
        const length = Number(/content-length: *(\d+)/i.exec(received.slice(0, end))?.[1] ?? 0);
        if (end < 0 || received.length < end + 4 + length) {
          return;
        }
        // A health probe asks for nothing.
        const { pieces = [NOTHING], closes } = JSON.parse(received.slice(end + 4, end + 4 + length));
        received = received.slice(end + 4 + length);
        for (const [index, piece] of pieces.entries()) {
          if (index > 0) {
            await new Promise(resolve => setTimeout(resolve, 2));
          }
          socket.write(Buffer.from(piece, 'base64'));
        }
        if (closes) {
          socket.end();
        }
      });
  });
}

(process.argv[2] === 'echo' ? echo() : script()).listen(Number(PORT), HOST);
