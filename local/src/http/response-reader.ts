import { maxHeaderSize } from 'node:http';
import { beginsWith, readHead } from './header-lines';

/** Who is told of a response, part by part, while it is read. */
export interface ResponseReceiver {
  /**
   * @param headers - names and values in turn, as they came; the same object when the head was the same as the last one
   * of its connection
   */
  onHead(status: number, headers: readonly string[]): void;
  onData(chunk: Buffer): void;
  onEnd(): void;
}

/** Something that is not a response of HTTP/1.1. */
export class MalformedResponse extends Error {}

/** RFC 9112, sections 4 and 5; the texts are decoded byte by byte. */
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/;
const SIZE_LINE = /^([\dA-Fa-f]{1,12})(?:;[\t\x20-\x7e\x80-\xff]*)?$/;
const DECIMAL = /^\d{1,15}$/;
const END_OF_HEAD = '\r\n\r\n';
const LONGEST_SIZE_LINE = 1024;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const LONGEST_PLAIN_SIZE = 8;
const NOTHING = Buffer.alloc(0);

interface ResponseHead {
  readonly status: number;
  readonly isNewest: boolean;
  readonly headers: readonly string[];
  readonly framing: Framing;
}

/** The head of the last response of a connection: a server says the same in front of most answers. */
export class LastHead {
  private bytes: Buffer = NOTHING;
  private head: ResponseHead | undefined;

  public at(bytes: Buffer): { readonly head: ResponseHead; readonly length: number } | undefined {
    return this.head && beginsWith(bytes, this.bytes) ? { head: this.head, length: this.bytes.length } : undefined;
  }

  public set(bytes: Buffer, head: ResponseHead): void {
    // A copy, for what came with it may be much longer.
    this.bytes = Buffer.from(bytes);
    this.head = head;
  }
}

/**
 * What the next bytes are. `size`, `data`, `data-end` and `trailer` belong to a chunked body, `until-close` to one that
 * only the end of the connection ends.
 */
type State = 'head' | 'sized' | 'size' | 'data' | 'data-end' | 'trailer' | 'until-close' | 'done';

/**
 * Reads one response of a server as its bytes come, in whatever pieces.
 *
 * Written for the one hop that each call of a session takes: Node's own client costs more there than the rest of the
 * local runtime (`npm run bench:peers`).
 */
export class ResponseReader {
  private state: State = 'head';
  /** Of what is to be read whole: the head, a line. */
  private unread: Buffer = NOTHING;
  private left = 0;
  private persistent = false;

  /**
   * @param method - of the request, for HEAD has no body whatever its head says
   * @param lastHead - of its connection
   */
  public constructor(
    private readonly method: string,
    private readonly receiver: ResponseReceiver,
    private readonly lastHead = new LastHead(),
  ) {}

  public get done(): boolean {
    return this.state === 'done';
  }

  /** Whether the connection takes another request when the response is done. */
  public get keepsConnection(): boolean {
    return this.done && this.persistent;
  }

  /**
   * Reads the next bytes.
   *
   * @throws MalformedResponse
   */
  public read(bytes: Buffer): void {
    let rest: Buffer = this.unread.length === 0 ? bytes : Buffer.concat([this.unread, bytes]);
    this.unread = NOTHING;
    while (rest.length > 0) {
      if (this.done) {
        // Nobody asked for more: whatever it answers must not be taken for the answer to the next request.
        this.persistent = false;
        return;
      }
      const taken = this.take(rest);
      if (taken === 0) {
        this.unread = rest;
        return;
      }
      rest = rest.subarray(taken);
    }
  }

  /**
   * The connection has ended.
   *
   * @throws MalformedResponse when the response has not
   */
  public close(): void {
    if (this.state === 'until-close') {
      this.finish();
    } else if (!this.done) {
      throw new MalformedResponse('the connection ended before the response');
    }
  }

  /** Reads what it can of the beginning, and gives its length: 0 when more has to come first. */
  private take(bytes: Buffer): number {
    switch (this.state) {
      case 'head':
        return this.takeHead(bytes);
      case 'size':
        return (
          this.takePlainSize(bytes) ||
          this.takeLine(bytes, line => {
            this.size(line);
          })
        );
      case 'trailer':
        return this.takeLine(bytes, line => {
          if (line === '') {
            this.finish();
          }
        });
      case 'data-end':
        return this.takeDataEnd(bytes);
      case 'sized':
      case 'data':
      case 'until-close':
        return this.takeData(bytes);
      case 'done':
        return bytes.length;
    }
  }

  private takeHead(bytes: Buffer): number {
    const known = this.lastHead.at(bytes);
    if (!known) {
      return this.takeNewHead(bytes);
    }
    this.begin(known.head);
    return known.length;
  }

  private takeNewHead(bytes: Buffer): number {
    const end = bytes.indexOf(END_OF_HEAD);
    if (end > maxHeaderSize || (end < 0 && bytes.length > maxHeaderSize)) {
      throw new MalformedResponse(`the head is longer than ${maxHeaderSize} bytes`);
    }
    if (end < 0) {
      if (!'HTTP/1.'.startsWith(bytes.toString('latin1', 0, 7))) {
        throw new MalformedResponse('it does not begin with HTTP/1.1');
      }
      return 0;
    }
    const head = readHead(bytes.toString('latin1', 0, end));
    if (!head) {
      throw new MalformedResponse('its head has a line that is no header');
    }
    const [, minor, status] = STATUS_LINE.exec(head.first) ?? [];
    if (status === undefined) {
      throw new MalformedResponse(`its status line is ${JSON.stringify(head.first.slice(0, 100))}`);
    }
    if (status === '101') {
      throw new MalformedResponse('it switches to another protocol, which nobody asked for');
    }
    // An informational response comes before the real one.
    if (status < '200') {
      return end + END_OF_HEAD.length;
    }
    const read = {
      status: Number(status),
      isNewest: minor === '1',
      headers: head.headers,
      framing: framingOf(head.headers),
    };
    const length = end + END_OF_HEAD.length;
    this.lastHead.set(bytes.subarray(0, length), read);
    this.begin(read);
    return length;
  }

  private begin({ status, isNewest, headers, framing: { lengths, codings, connection } }: ResponseHead): void {
    this.persistent = isNewest ? !connection.includes('close') : connection.includes('keep-alive');
    const hasBody = this.method !== 'HEAD' && status !== 204 && status !== 304;
    if (!hasBody) {
      this.left = 0;
      this.state = 'sized';
    } else if (codings.length > 0) {
      if (codings.length > 1 || codings[0] !== 'chunked') {
        throw new MalformedResponse(`its transfer encoding is ${codings.join(', ')}, which is not known`);
      }
      // A length beside it is one that something on the way did not understand.
      if (lengths.length > 0) {
        this.persistent = false;
      }
      this.state = 'size';
    } else if (lengths.length > 0) {
      this.left = lengthOf(lengths);
      this.state = 'sized';
    } else {
      this.persistent = false;
      this.state = 'until-close';
    }
    this.receiver.onHead(status, headers);
    if (this.state === 'sized' && this.left === 0) {
      this.finish();
    }
  }

  private takeLine(bytes: Buffer, use: (line: string) => void): number {
    const end = bytes.indexOf(LINE_FEED);
    if (end > LONGEST_SIZE_LINE || (end < 0 && bytes.length > LONGEST_SIZE_LINE)) {
      throw new MalformedResponse('the line of a chunk is too long');
    }
    if (end < 0) {
      return 0;
    }
    const line = bytes.toString('latin1', 0, end);
    if (!line.endsWith('\r')) {
      throw new MalformedResponse('the line of a chunk has no end');
    }
    use(line.slice(0, -1));
    return end + 1;
  }

  /** The size of a chunk in its usual form, without an extension; 0 when it has another, or is not all here. */
  private takePlainSize(bytes: Buffer): number {
    let size = 0;
    for (let at = 0; at <= LONGEST_PLAIN_SIZE && at + 1 < bytes.length; at++) {
      const code = bytes[at] as number;
      const digit = code >= 0x30 && code <= 0x39 ? code - 0x30 : code >= 0x61 && code <= 0x66 ? code - 0x57 : -1;
      if (digit >= 0) {
        size = size * 16 + digit;
      } else if (at > 0 && code === CARRIAGE_RETURN && bytes[at + 1] === LINE_FEED) {
        this.begins(size);
        return at + 2;
      } else {
        return 0;
      }
    }
    return 0;
  }

  private takeDataEnd(bytes: Buffer): number {
    if (bytes.length < 2 && bytes[0] === CARRIAGE_RETURN) {
      return 0;
    }
    if (bytes[0] !== CARRIAGE_RETURN || bytes[1] !== LINE_FEED) {
      throw new MalformedResponse('a chunk is longer than its size');
    }
    this.state = 'size';
    return 2;
  }

  private size(line: string): void {
    const digits = SIZE_LINE.exec(line)?.[1];
    if (digits === undefined) {
      throw new MalformedResponse(`the size of a chunk is ${JSON.stringify(line.slice(0, 100))}`);
    }
    this.begins(Number.parseInt(digits, 16));
  }

  private begins(chunkLength: number): void {
    this.left = chunkLength;
    this.state = chunkLength === 0 ? 'trailer' : 'data';
  }

  private takeData(bytes: Buffer): number {
    if (this.state === 'until-close') {
      this.receiver.onData(bytes);
      return bytes.length;
    }
    const length = Math.min(this.left, bytes.length);
    this.left -= length;
    this.receiver.onData(length === bytes.length ? bytes : bytes.subarray(0, length));
    if (this.left > 0) {
      return length;
    }
    if (this.state === 'sized') {
      this.finish();
    } else {
      this.state = 'data-end';
    }
    return length;
  }

  private finish(): void {
    this.state = 'done';
    this.receiver.onEnd();
  }
}

interface Framing {
  readonly lengths: readonly string[];
  readonly codings: readonly string[];
  readonly connection: readonly string[];
}

function framingOf(headers: readonly string[]): Framing {
  const lengths: string[] = [];
  const codings: string[] = [];
  const connection: string[] = [];
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const key = (headers[index] as string).toLowerCase();
    const target =
      key === 'content-length'
        ? lengths
        : key === 'transfer-encoding'
          ? codings
          : key === 'connection'
            ? connection
            : undefined;
    target?.push(
      ...(headers[index + 1] as string)
        .toLowerCase()
        .split(',')
        .map(token => token.trim()),
    );
  }
  return { lengths, codings, connection };
}

function lengthOf(lengths: readonly string[]): number {
  const [length = '', ...others] = lengths;
  if (!DECIMAL.test(length) || others.some(other => other !== length)) {
    throw new MalformedResponse(`its length is ${lengths.join(', ')}`);
  }
  return Number(length);
}
