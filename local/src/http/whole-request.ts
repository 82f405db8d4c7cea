import type { IncomingHttpHeaders } from 'node:http';
import { beginsWith, readHead, LONGEST_HEAD_BYTES } from './header-lines';

/** What comes before the body of a request. */
export interface RequestHead {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: Readonly<IncomingHttpHeaders>;
  /** Names and values in turn. */
  readonly rawHeaders: readonly string[];
}

/** A request that has come with all of its body. */
export interface WholeRequest {
  readonly head: RequestHead;
  readonly body: Buffer;
}

interface KnownHead {
  readonly bytes: Buffer;
  readonly bodyLength: number;
  readonly head: RequestHead;
}

const REQUEST_LINE = /^(POST|GET|DELETE) (\/[\x21-\x7e]*) HTTP\/1\.1$/;
const DECIMAL = /^\d{1,9}$/;
const END_OF_HEAD = '\r\n\r\n';
const KEEP_ALIVE = /^keep-alive$/i;
/** What changes how the rest has to be read. */
const SPECIAL: ReadonlySet<string> = new Set(['transfer-encoding', 'expect', 'upgrade', 'te', 'trailer']);

/**
 * Reads the requests of one connection. A client says the same in front of most of them: a head like the last one gives
 * the same object again.
 */
export class WholeRequestReader {
  private last: KnownHead | undefined;

  /**
   * Reads a packet that is one whole request in its plainest form, as the calls of a session are; undefined when it is
   * anything else: a part of one, more than one, or one whose form leaves a question open. Those are for Node's parser.
   */
  public read(packet: Buffer): WholeRequest | undefined {
    if (!this.last || !beginsWith(packet, this.last.bytes)) {
      this.last = readKnown(packet);
    }
    if (!this.last) {
      return undefined;
    }
    const { bytes, bodyLength, head } = this.last;
    return packet.length - bytes.length === bodyLength ? { head, body: packet.subarray(bytes.length) } : undefined;
  }
}

function readKnown(packet: Buffer): KnownHead | undefined {
  const end = packet.indexOf(END_OF_HEAD);
  if (end < 0 || end > LONGEST_HEAD_BYTES) {
    return undefined;
  }
  const lines = readHead(packet.toString('latin1', 0, end));
  const [, method, url] = lines ? (REQUEST_LINE.exec(lines.first) ?? []) : [];
  const headers = lines && method !== undefined ? plainHeaders(lines.headers) : undefined;
  if (!lines || method === undefined || url === undefined || !headers) {
    return undefined;
  }
  const { host, 'content-length': length = '0' } = headers;
  if (host === undefined || !DECIMAL.test(length)) {
    return undefined;
  }
  // A copy, for the packet may be much longer.
  const bytes = Buffer.from(packet.subarray(0, end + END_OF_HEAD.length));
  return { bytes, bodyLength: Number(length), head: { method, url, headers, rawHeaders: lines.headers } };
}

/**
 * The headers by their names in lower case; undefined when one of them is special, two have one name, or one has a name
 * that every object knows.
 */
function plainHeaders(rawHeaders: readonly string[]): IncomingHttpHeaders | undefined {
  const headers: Record<string, string> = {};
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] as string).toLowerCase();
    if (name in headers || SPECIAL.has(name)) {
      return undefined;
    }
    headers[name] = rawHeaders[index + 1] as string;
  }
  const { connection } = headers;
  return connection === undefined || KEEP_ALIVE.test(connection) ? headers : undefined;
}
