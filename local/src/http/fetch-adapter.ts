import { Readable, Writable } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import type { ClientResponse, Exchange } from './exchange';
import { RequestBody } from './request-body';

/**
 * Handles a web-standard request by way of an exchange. Rejects as `fetch` does when the request is aborted before its
 * response begins.
 */
export function fetchByExchange(
  request: Request,
  handle: (exchange: Exchange) => Promise<void>,
  longestBody: number,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const response = new FetchResponse(resolve);
    const abort = (): void => {
      response.destroy();
      reject(request.signal.reason as Error);
    };
    if (request.signal.aborted) {
      return abort();
    }
    request.signal.addEventListener('abort', abort, { once: true });
    response.once('close', () => {
      request.signal.removeEventListener('abort', abort);
    });
    const { pathname, search } = new URL(request.url);
    const body = new RequestBody(
      request.body ? Readable.fromWeb(request.body as NodeReadableStream) : Readable.from([]),
      longestBody,
    );
    response.once('close', () => {
      body.abandon();
    });
    handle({
      method: request.method,
      url: pathname + search,
      headers: Object.fromEntries(request.headers),
      rawHeaders: [...request.headers].flat(),
      body,
      response,
    }).catch(reject);
  });
}

/** The response of an exchange as a `Response` whose body streams. */
class FetchResponse extends Writable implements ClientResponse {
  public headersSent = false;
  private controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  private pulled: (() => void) | undefined;

  public constructor(private readonly respond: (response: Response) => void) {
    super();
  }

  public writeHead(status: number, headers: string[]): void {
    this.headersSent = true;
    const pairs: [string, string][] = [];
    for (let index = 0; index + 1 < headers.length; index += 2) {
      pairs.push([headers[index] as string, headers[index + 1] as string]);
    }
    const hasBody = status !== 204 && status !== 205 && status !== 304;
    this.respond(new Response(hasBody ? this.bodyStream() : null, { status, headers: pairs }));
  }

  // The response with its head has been handed over by `writeHead`.
  public flushHeaders(): void {}

  public override _write(chunk: Uint8Array, _encoding: BufferEncoding, written: () => void): void {
    this.controller?.enqueue(chunk);
    if ((this.controller?.desiredSize ?? 1) > 0) {
      written();
    } else {
      this.pulled = written;
    }
  }

  public override _final(done: () => void): void {
    this.controller?.close();
    this.controller = undefined;
    done();
  }

  public override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.controller?.error(error ?? new Error('the connection to the server was closed before its response ended'));
    this.controller = undefined;
    done(null);
  }

  private bodyStream(): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>({
      start: controller => {
        this.controller = controller;
      },
      pull: () => {
        const { pulled } = this;
        this.pulled = undefined;
        pulled?.();
      },
      cancel: () => {
        this.controller = undefined;
        this.destroy();
      },
    });
  }
}
