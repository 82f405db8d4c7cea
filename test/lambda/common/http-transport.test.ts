import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { CertificateError, HttpTransport, readBody, type HttpRequest } from '../../../lambda/common/http-transport';
import { TransientFailure } from '../../../lambda/common/retry';
import { encryptedServer } from '../encrypted-server';

const { signal } = new AbortController();
let transport: HttpTransport;
const servers: { close(): unknown }[] = [];
const sockets = new Set<Socket>();

beforeEach(() => {
  transport = new HttpTransport();
});

afterEach(() => {
  transport.close();
  sockets.forEach(socket => socket.destroy());
  sockets.clear();
  servers.splice(0).forEach(server => server.close());
});

/** Until the newest connection is closed, however that comes. */
function closing(): Promise<unknown> {
  return new Promise(resolve => [...sockets].at(-1)?.once('close', resolve));
}

async function listen(server: TcpServer): Promise<string> {
  servers.push(server);
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A server that answers so. */
async function serverWith(listener: RequestListener): Promise<{ url: URL; server: Server }> {
  const server = createServer({ keepAliveTimeout: 0 }, listener);
  return { url: new URL(`http://${await listen(server)}/path?query=1`), server };
}

function send(url: URL, change: Partial<HttpRequest> = {}) {
  return transport.send({ method: 'GET', url, idleTimeoutMs: 60_000, signal, ...change });
}

/** A body that never ends, with the failure in its place where there is one. */
async function* endless(failure?: Error): AsyncIterable<Buffer> {
  for (;;) {
    yield await Promise.resolve(Buffer.alloc(100_000));
    if (failure !== undefined) {
      throw failure;
    }
  }
}

test.each<[string, HttpRequest['body']]>([
  ['in one piece', Buffer.from('abc')],
  [
    'as a stream',
    (async function* () {
      yield await Promise.resolve(Buffer.from('ab'));
      yield Buffer.from('c');
    })(),
  ],
])('a request arrives with its body %s, and so does the response', async (_how, body) => {
  const { url } = await serverWith((request, response) => {
    void text(request).then(received => {
      const { method, headers } = request;
      response.writeHead(418, {
        'x-received': `${method} ${request.url} ${headers['user-agent']} ${headers['content-length']}`,
      });
      response.end(received);
    });
  });
  const response = await send(url, { method: 'PUT', headers: { 'content-length': '3' }, body });
  expect(response).toMatchObject({
    request: `PUT ${url.origin}/path`,
    url,
    status: 418,
    headers: { 'x-received': 'PUT /path?query=1 cdk-stateful-mcp 3' },
  });
  expect((await readBody(response)).toString()).toBe('abc');
});

test('whoever sends may have another name', async () => {
  const { url } = await serverWith(({ headers }, response) => response.end(headers['user-agent']));
  expect((await readBody(await send(url, { headers: { 'user-agent': 'other' } }))).toString()).toBe('other');
});

test('a server that answers before it has read the upload is heard', async () => {
  const { url } = await serverWith((_request, response) => response.writeHead(403).end('no'));
  const response = await send(url, { method: 'PUT', headers: { 'content-length': '1000000000' }, body: endless() });
  expect(response.status).toBe(403);
  expect((await readBody(response)).toString()).toBe('no');
  response.discard();
});

describe('a connection', () => {
  async function counting() {
    let connections = 0;
    const { url, server } = await serverWith((request, response) => {
      if (request.url === '/endless') {
        response.write('a');
      } else {
        request.resume().on('end', () => response.end('a'));
      }
    });
    server.on('connection', () => connections++);
    return { url, connections: () => connections };
  }

  test('is used again when the response is read, discarded or not', async () => {
    const { url, connections } = await counting();
    for (let request = 0; request < 3; request++) {
      const response = await send(url, { method: 'PUT', headers: { 'content-length': '1' }, body: Buffer.from('a') });
      await readBody(response);
      response.discard();
    }
    expect(connections()).toBe(1);
  });

  test('is closed when the rest of a response is discarded', async () => {
    const { url, connections } = await counting();
    const response = await send(new URL('/endless', url));
    const closed = closing();
    response.discard();
    await closed;
    await readBody(await send(url));
    expect(connections()).toBe(2);
  });

  test('is closed when the rest of an upload is discarded', async () => {
    const { url } = await serverWith((_request, response) => response.writeHead(403).end());
    const response = await send(url, { method: 'PUT', headers: { 'content-length': '1000000000' }, body: endless() });
    await readBody(response);
    const closed = closing();
    response.discard();
    await closed;
  });

  test('is closed with all of them', async () => {
    const { url } = await counting();
    await readBody(await send(url));
    const closed = closing();
    transport.close();
    await closed;
  });

  test('is used again and closed in the same way by HTTPS', async () => {
    const encrypted = encryptedServer(({ method, headers }, response) =>
      response.end(`${method} ${headers['user-agent']}`),
    );
    encrypted.trust();
    encrypted.server.keepAliveTimeout = 0;
    const url = new URL(`https://${await listen(encrypted.server)}/`);
    for (let request = 0; request < 3; request++) {
      const body = await readBody(await send(url, { method: 'PUT', body: Buffer.from('a') }));
      expect(body.toString()).toBe('PUT cdk-stateful-mcp');
    }
    expect(sockets.size).toBe(1);
    const closed = closing();
    transport.close();
    await closed;
    jest.restoreAllMocks();
  });
});

describe('what may pass when it is tried again', () => {
  test.each<[string, (socket: Socket) => void, string]>([
    ['breaks', socket => socket.resetAndDestroy(), 'ECONNRESET'],
    ['hangs up', socket => socket.destroy(), 'socket hang up'],
    ['speaks no HTTP', socket => socket.end('SSH-2.0\r\n'), 'Parse Error'],
  ])('a connection that %s', async (_case, answer, message) => {
    const host = await listen(createTcpServer(socket => socket.once('data', () => answer(socket))));
    const failure: unknown = await send(new URL(`http://${host}/x?secret=1`)).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TransientFailure);
    expect(failure).toMatchObject({
      message: expect.stringMatching(`^GET http://${host}/x: .*${message}`) as string,
      cause: expect.objectContaining({ code: expect.any(String) as string }) as Error,
    });
  });

  test('a server that is not there', async () => {
    const failure: unknown = await send(new URL('http://127.0.0.1:1/')).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TransientFailure);
    expect(failure).toMatchObject({ message: 'GET http://127.0.0.1:1/: connect ECONNREFUSED 127.0.0.1:1' });
  });

  test('a server without encryption', async () => {
    const { url } = await serverWith((_request, response) => response.end());
    await expect(send(new URL(url.href.replace('http:', 'https:')))).rejects.toBeInstanceOf(TransientFailure);
  });

  test('a server that is silent', async () => {
    const { url } = await serverWith(() => undefined);
    const silent = send(url, { idleTimeoutMs: 50 });
    await expect(silent).rejects.toBeInstanceOf(TransientFailure);
    await expect(silent).rejects.toThrow(`GET ${url.origin}/path: nothing was sent or received for 0.05 s`);
  });

  test('a server that falls silent', async () => {
    const { url } = await serverWith((_request, response) => response.write('a'));
    const silent = send(url, { idleTimeoutMs: 50 }).then(readBody);
    await expect(silent).rejects.toBeInstanceOf(TransientFailure);
    await expect(silent).rejects.toThrow(`GET ${url.origin}/path: nothing was sent or received for 0.05 s`);
  });

  test('a body that breaks', async () => {
    const { url } = await serverWith((_request, response) => {
      response.write('a', () => setImmediate(() => response.destroy()));
    });
    const broken = send(url).then(readBody);
    await expect(broken).rejects.toBeInstanceOf(TransientFailure);
    await expect(broken).rejects.toThrow(`GET ${url.origin}/path: aborted`);
  });
});

test.each([
  ['EADDRNOTAVAIL', TransientFailure],
  ['EAI_AGAIN', TransientFailure],
  ['EAI_FAIL', TransientFailure],
  ['ECONNRESET', TransientFailure],
  ['EHOSTUNREACH', TransientFailure],
  ['ENETUNREACH', TransientFailure],
  ['ENOTFOUND', TransientFailure],
  ['EPIPE', TransientFailure],
  ['EPROTO', TransientFailure],
  ['ETIMEDOUT', TransientFailure],
  ['ERR_SSL_WRONG_VERSION_NUMBER', TransientFailure],
  ['HPE_INVALID_CONSTANT', TransientFailure],
  ['CERT_HAS_EXPIRED', CertificateError],
  ['CRL_HAS_EXPIRED', CertificateError],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', CertificateError],
  ['ERROR_IN_CERT_NOT_AFTER_FIELD', CertificateError],
  ['ERROR_IN_CRL_LAST_UPDATE_FIELD', CertificateError],
  ['ERR_TLS_CERT_ALTNAME_INVALID', CertificateError],
  ['HOSTNAME_MISMATCH', CertificateError],
  ['INVALID_CA', CertificateError],
  ['INVALID_PURPOSE', CertificateError],
  ['PATH_LENGTH_EXCEEDED', CertificateError],
  ['SELF_SIGNED_CERT_IN_CHAIN', CertificateError],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', CertificateError],
  ['UNSPECIFIED', CertificateError],
  ['ENOSPC', undefined],
  ['NOT_EPIPE', undefined],
  ['NOT_CERT_HAS_EXPIRED', undefined],
  ['ERR_INVALID_ARG_TYPE', undefined],
  [5, undefined],
  [undefined, undefined],
])('a failure of the code %s', async (code, kind) => {
  const failure = Object.assign(new Error(''), code === undefined ? {} : { code });
  const { url } = await serverWith(request => request.resume());
  const sent: unknown = await send(url, { method: 'PUT', body: endless(failure) }).catch((error: unknown) => error);
  if (kind === undefined) {
    expect(sent).toBe(failure);
  } else {
    expect(sent).toBeInstanceOf(kind);
    expect(sent).toMatchObject({ message: `PUT ${url.origin}/path: ${code}`, cause: failure });
  }
});

test('a server that is not who it should be', async () => {
  const { server } = encryptedServer((_request, response) => response.end());
  const untrusted = send(new URL(`https://${await listen(server)}/`));
  await expect(untrusted).rejects.toBeInstanceOf(CertificateError);
  await expect(untrusted).rejects.not.toBeInstanceOf(TransientFailure);
});

test('a server whose certificate is for something else', async () => {
  const encrypted = encryptedServer((_request, response) => response.end(), ['extendedKeyUsage=clientAuth']);
  encrypted.trust();
  const untrusted = send(new URL(`https://${await listen(encrypted.server)}/`));
  await expect(untrusted).rejects.toBeInstanceOf(CertificateError);
  await expect(untrusted).rejects.toThrow('unsuitable certificate purpose');
  jest.restoreAllMocks();
});

describe('what is told to stop says why', () => {
  const reason = new Error('out of time');

  test('before it begins', async () => {
    const { url } = await serverWith((_request, response) => response.end());
    await expect(send(url, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test('while it waits', async () => {
    const stop = new AbortController();
    const { url } = await serverWith(() => stop.abort(reason));
    await expect(send(url, { signal: stop.signal })).rejects.toBe(reason);
  });

  test('while it reads', async () => {
    const stop = new AbortController();
    const { url } = await serverWith((_request, response) => response.write('a'));
    const response = await send(url, { signal: stop.signal });
    setImmediate(() => stop.abort(reason));
    await expect(readBody(response)).rejects.toBe(reason);
  });
});

test('a body may be as large as the limit, and no larger', async () => {
  const { url } = await serverWith((_request, response) => void response.write('abcd'));
  const ended = await serverWith((_request, response) => response.end('abcd'));
  expect((await readBody(await send(ended.url), 4)).toString()).toBe('abcd');
  const response = await send(url);
  const closed = closing();
  await expect(readBody(response, 3)).rejects.toThrow('has more than 3 bytes');
  await closed;
});
