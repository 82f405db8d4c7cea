import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { isEventStream } from './response-body';

const UNSPEAKABLE_METHODS = new Set(['CONNECT', 'TRACE', 'TRACK']);

/** How long the rest of a request is read that has been answered already. */
const DISCARD_MS = 5000;

/** Puts a function from `Request` to `Response` on a `node:http` server. */
export function nodeListener(fetch: (request: Request) => Promise<Response>): RequestListener {
  return (incoming, outgoing) => {
    const gone = new AbortController();
    outgoing.once('close', () => {
      if (!outgoing.writableFinished) {
        gone.abort();
      }
    });
    respond(fetch, incoming, outgoing, gone.signal).catch(() => outgoing.destroy());
  };
}

async function respond(
  fetch: (request: Request) => Promise<Response>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  // `Request` throws for the methods that a browser must not send.
  if (UNSPEAKABLE_METHODS.has(incoming.method ?? '')) {
    const headers = { allow: 'GET, POST, DELETE', connection: 'close', 'content-length': 0 };
    outgoing.writeHead(405, headers).end();
    return;
  }
  // RFC 9112, section 6.1: a body in a coding that is not undone here, and after it nothing that can be read.
  if ((incoming.headers['transfer-encoding'] ?? 'chunked').toLowerCase() !== 'chunked') {
    outgoing.writeHead(501, { connection: 'close', 'content-length': 0 }).end();
    return;
  }
  const request = toRequest(incoming, signal);
  if (!request) {
    outgoing.writeHead(400, { connection: 'close', 'content-length': 0 }).end();
    return;
  }
  const response = await fetch(request);
  // Whether a connection stays is between Node.js and the client, who may have asked for its end (RFC 9112, section 9.6).
  response.headers.delete('connection');
  if (isEventStream(response) && response.body) {
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    await stream(response.body, outgoing, signal);
    return;
  }
  const body = Buffer.from(await response.arrayBuffer());
  const isUnread = !incoming.complete;
  // What was not read (a body over the limit) would be taken for the next request.
  if (isUnread) {
    outgoing.setHeader('connection', 'close');
  }
  if (![204, 304].includes(response.status)) {
    outgoing.setHeader('content-length', body.length);
  }
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (!isUnread) {
    outgoing.end(body);
    return;
  }
  outgoing.flushHeaders();
  outgoing.write(body);
  await discard(request.body, outgoing);
  outgoing.end();
}

/**
 * Reads what a client still sends after its response, for a while. A connection that is closed with unread bytes is
 * reset, and a reset can take the response away that the client has not read yet (RFC 9112 9.6).
 */
async function discard(body: ReadableStream<Uint8Array> | null, outgoing: ServerResponse): Promise<void> {
  if (!body || body.locked) {
    return;
  }
  const reader = body.getReader();
  const enough = setTimeout(() => outgoing.destroy(), DISCARD_MS);
  try {
    while (!(await reader.read()).done) {
      // Not wanted any more.
    }
  } catch {
    // The client went away.
  } finally {
    clearTimeout(enough);
  }
}

/** RFC 9112, section 3.2.2: what a target says of the host stands, and the `Host` beside it does not. */
const ABSOLUTE_TARGET = /^https?:\/\/([^/?#]*)([^#]*)/i;

/** Undefined when `Host` and the path make no URL of a server. */
function toRequest(incoming: IncomingMessage, signal: AbortSignal): Request | undefined {
  const target = incoming.url ?? '/';
  const [, authority, path] = ABSOLUTE_TARGET.exec(target) ?? [undefined, undefined, target];
  const url = `http://${authority ?? incoming.headers.host ?? 'localhost'}${path}`;
  // `Request` throws for a user in it.
  if (!URL.canParse(url) || authority === '' || new URL(url).username !== '' || new URL(url).password !== '') {
    return undefined;
  }
  const headers = new Headers();
  for (let i = 0; i < incoming.rawHeaders.length; i += 2) {
    headers.append(incoming.rawHeaders[i]!, incoming.rawHeaders[i + 1]!);
  }
  if (authority !== undefined) {
    headers.set('host', authority);
  }
  const hasBody = incoming.method !== 'GET' && incoming.method !== 'HEAD';
  return new Request(url, {
    method: incoming.method,
    headers,
    signal,
    ...(hasBody && bodyOf(incoming)),
  } as RequestInit);
}

function bodyOf(incoming: IncomingMessage): { body: NodeReadableStream; duplex: 'half' } {
  return { body: Readable.toWeb(incoming), duplex: 'half' };
}

async function stream(body: ReadableStream<Uint8Array>, outgoing: ServerResponse, signal: AbortSignal): Promise<void> {
  // A client that waits for the first event has to see that the stream is open.
  outgoing.flushHeaders();
  const reader = body.getReader();
  // Also while nothing is read, since the client takes nothing.
  reader.closed.catch(() => outgoing.destroy());
  const cancel = (): void => void reader.cancel().catch(() => undefined);
  if (signal.aborted) {
    cancel();
  } else {
    signal.addEventListener('abort', cancel, { once: true });
  }
  try {
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      if (!outgoing.write(chunk.value)) {
        await drained(outgoing);
      }
    }
  } finally {
    // Node.js 20 keeps the signal of a request for long, and with it what listens.
    signal.removeEventListener('abort', cancel);
  }
  outgoing.end();
}

async function drained(outgoing: ServerResponse): Promise<void> {
  await new Promise<void>(resolve => {
    outgoing.once('drain', done).once('close', done);
    function done(): void {
      outgoing.off('drain', done).off('close', done);
      resolve();
    }
  });
}
