import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { isEventStream } from './response-body';

/** Puts a function from `Request` to `Response` on a `node:http` server. */
export function nodeListener(fetch: (request: Request) => Promise<Response>): RequestListener {
  return (incoming, outgoing) => {
    const gone = new AbortController();
    outgoing.once('close', () => {
      if (!outgoing.writableFinished) {
        gone.abort();
      }
    });
    answer(fetch, incoming, outgoing, gone.signal).catch(() => outgoing.destroy());
  };
}

async function answer(
  fetch: (request: Request) => Promise<Response>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const request = toRequest(incoming, signal);
  if (!request) {
    outgoing.writeHead(400, { connection: 'close' }).end();
    return;
  }
  const response = await fetch(request);
  // What was not read (a body over the limit) would be taken for the next request.
  if (!incoming.complete) {
    outgoing.setHeader('connection', 'close');
  }
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (!response.body) {
    outgoing.end();
  } else if (isEventStream(response)) {
    await stream(response.body, outgoing, signal);
  } else {
    outgoing.end(Buffer.from(await response.arrayBuffer()));
  }
}

/** Undefined when `Host` and the path make no URL. */
function toRequest(incoming: IncomingMessage, signal: AbortSignal): Request | undefined {
  const url = `http://${incoming.headers.host ?? 'localhost'}${incoming.url ?? '/'}`;
  if (!URL.canParse(url)) {
    return undefined;
  }
  const headers = new Headers();
  for (let i = 0; i < incoming.rawHeaders.length; i += 2) {
    headers.append(incoming.rawHeaders[i]!, incoming.rawHeaders[i + 1]!);
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
  const cancel = (): void => void reader.cancel().catch(() => undefined);
  if (signal.aborted) {
    cancel();
  } else {
    signal.addEventListener('abort', cancel, { once: true });
  }
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    if (!outgoing.write(chunk.value)) {
      await drained(outgoing);
    }
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
