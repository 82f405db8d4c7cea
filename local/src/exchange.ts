import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import type { RequestBody } from './request-body';

/** One request and the place its answer goes: what the listener and `fetch` have in common. */
export interface Exchange {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** With names in lower case, for looking at. */
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn as they came, for handing on. */
  readonly rawHeaders: readonly string[];
  readonly body: RequestBody;
  readonly answer: Answer;
}

/**
 * Where the answer of a request is written. Node's `ServerResponse` is one.
 *
 * `close` without `writableFinished` before it means that the client went away.
 */
export interface Answer extends Writable {
  readonly headersSent: boolean;
  /** The connection it goes out on, where it is one. */
  readonly socket?: Socket | null;
  /** @param headers - names and values in turn */
  writeHead(status: number, headers: string[]): unknown;
  flushHeaders(): void;
}

/** The value of a header; undefined when it is absent or empty. */
export function headerOf(exchange: Exchange, name: string): string | undefined {
  const value = exchange.headers[name];
  return (Array.isArray(value) ? value[0] : value) || undefined;
}

export function answerJson(answer: Answer, status: number, body: string, headers: readonly string[] = []): void {
  if (answer.destroyed || answer.headersSent) return;
  answer.writeHead(status, ['Content-Type', 'application/json', 'Content-Length', String(Buffer.byteLength(body)), ...headers]);
  answer.end(body);
}
