import type { IncomingHttpHeaders } from 'node:http';
import type { RequestBody } from './request-body';

/** One request and the place its response goes: what the listener and `fetch` have in common. */
export interface Exchange {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** With names in lower case, for looking at. */
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn as they came, for handing on. */
  readonly rawHeaders: readonly string[];
  readonly body: RequestBody;
  readonly response: ClientResponse;
}

/**
 * Where the response of a request is written. Node's `ServerResponse` is one.
 *
 * `close` without `writableFinished` before it means that the client went away.
 */
export interface ClientResponse {
  readonly headersSent: boolean;
  readonly writableEnded: boolean;
  readonly writableFinished: boolean;
  readonly destroyed: boolean;
  /** @param headers - names and values in turn */
  writeHead(status: number, headers: string[]): unknown;
  /** Sends the head without waiting for the body. */
  flushHeaders(): void;
  /** @returns false when the client does not keep up: the rest should wait for `drain` */
  write(chunk: Uint8Array): boolean;
  end(chunk?: string): unknown;
  destroy(): unknown;
  once(event: 'close' | 'drain', listener: () => void): unknown;
}

/** The path of a request as an event tells of it: without its query, and cut to what a reader takes in. */
export function pathOf({ url }: Exchange): string {
  return (url.split('?', 1)[0] ?? '').slice(0, 500);
}

/** The value of a header; undefined when it is absent or empty. */
export function headerOf(exchange: Exchange, name: string): string | undefined {
  const value = exchange.headers[name];
  return (Array.isArray(value) ? value[0] : value) || undefined;
}

export function respondJson(
  response: ClientResponse,
  status: number,
  body: string,
  headers: readonly string[] = [],
): void {
  if (response.destroyed || response.headersSent) {
    return;
  }
  response.writeHead(status, [
    'Content-Type',
    'application/json',
    'Content-Length',
    String(Buffer.byteLength(body)),
    ...headers,
  ]);
  response.end(body);
}
