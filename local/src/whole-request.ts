import type { IncomingHttpHeaders } from 'node:http';
import { readHead } from './header-lines';
import { LONGEST_HEAD_BYTES } from './header-size';

/** A request that has come with all of its body. */
export interface WholeRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

const REQUEST_LINE = /^(POST|GET|DELETE) (\/[\x21-\x7e]*) HTTP\/1\.1$/;
const DECIMAL = /^\d{1,9}$/;
const END_OF_HEAD = '\r\n\r\n';
const KEEP_ALIVE = /^keep-alive$/i;
// What changes how the rest has to be read.
const SPECIAL: ReadonlySet<string> = new Set(['transfer-encoding', 'expect', 'upgrade', 'te', 'trailer']);

/**
 * Reads a packet that is one whole request in its plainest form, as the calls of a session are; undefined when it is anything else: a part of one, more than
 * one, or one whose form leaves a question open. Those are for Node's parser.
 */
export function readWholeRequest(packet: Buffer): WholeRequest | undefined {
  const text = packet.toString('latin1', 0, LONGEST_HEAD_BYTES + END_OF_HEAD.length);
  const headLength = text.indexOf(END_OF_HEAD);
  const head = headLength < 0 ? undefined : readHead(text.slice(0, headLength));
  const [, method, url] = head ? REQUEST_LINE.exec(head.first) ?? [] : [];
  const headers = head && method !== undefined ? plainHeaders(head.headers) : undefined;
  if (!head || method === undefined || url === undefined || !headers) return undefined;
  const { host, 'content-length': length = '0' } = headers;
  const body = packet.subarray(headLength + END_OF_HEAD.length);
  if (host === undefined || !DECIMAL.test(length) || Number(length) !== body.length) return undefined;
  return { method, url, headers, rawHeaders: head.headers, body };
}

/** The headers by their names in lower case; undefined when one of them is special, two have one name, or one has a name that every object knows. */
function plainHeaders(rawHeaders: readonly string[]): IncomingHttpHeaders | undefined {
  const headers: Record<string, string> = {};
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] as string).toLowerCase();
    if (name in headers || SPECIAL.has(name)) return undefined;
    headers[name] = rawHeaders[index + 1] as string;
  }
  const { connection } = headers;
  return connection === undefined || KEEP_ALIVE.test(connection) ? headers : undefined;
}
