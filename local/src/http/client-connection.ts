import { EventEmitter } from 'node:events';
import { STATUS_CODES, validateHeaderValue } from 'node:http';
import type { Socket } from 'node:net';
import type { Answer } from './exchange';
import { headerLines } from './header-lines';
import { WholeRequestReader, type WholeRequest } from './whole-request';

/** What is done with what comes over a connection. */
export interface ConnectionHandler {
  /** Answers a request. */
  readonly serve: (request: WholeRequest, answer: Answer) => void;
  /** Takes the connection, whose next request begins with these bytes and is none that `serve` gets. */
  readonly takeOver: (bytes: Buffer) => void;
  /** The connection has closed. */
  readonly closed: () => void;
  readonly keepAliveMs: number;
}

/** What a client sends while its request is answered waits; more of it than this waits at the client. */
const LONGEST_WAIT_BYTES = 64 * 1024;

/**
 * A connection of a client whose requests come whole, one packet each: those of a session in full swing.
 *
 * Node's server takes longer for such a request than everything the local runtime does with it (`npm run bench:peers`).
 * It gets the connection with the first request of any other form, and keeps it.
 */
export class ClientConnection {
  private answer: ConnectionAnswer | undefined;
  private waiting: Buffer | undefined;
  private readonly reader = new WholeRequestReader();

  public constructor(
    private readonly socket: Socket,
    private readonly handler: ConnectionHandler,
  ) {
    socket
      .on('data', this.received)
      .on('drain', this.drained)
      .on('end', this.destroy)
      .on('timeout', this.timedOut)
      .on('error', this.destroy)
      .on('close', this.closed);
    socket.setTimeout(handler.keepAliveMs);
  }

  public readonly destroy = (): void => {
    this.socket.destroy();
  };

  private readonly received = (bytes: Buffer): void => {
    if (this.answer) {
      this.wait(bytes);
    } else {
      this.read(bytes);
    }
  };

  private readonly drained = (): void => {
    this.answer?.drained();
  };

  private readonly timedOut = (): void => {
    if (!this.answer) {
      this.destroy();
    }
  };

  private readonly closed = (): void => {
    this.handler.closed();
    this.answer?.closed();
  };

  private read(bytes: Buffer): void {
    const request = this.reader.read(bytes);
    if (!request) {
      return this.handOver(bytes);
    }
    this.answer = new ConnectionAnswer(this.socket, this.handler.keepAliveMs, () => {
      this.answered();
    });
    this.handler.serve(request, this.answer);
  }

  private answered(): void {
    this.answer = undefined;
    const { waiting, socket } = this;
    this.waiting = undefined;
    if (!waiting || socket.destroyed) {
      return;
    }
    socket.resume();
    this.read(waiting);
  }

  private wait(bytes: Buffer): void {
    this.waiting = this.waiting ? Buffer.concat([this.waiting, bytes]) : bytes;
    if (this.waiting.length > LONGEST_WAIT_BYTES) {
      this.socket.pause();
    }
  }

  private handOver(bytes: Buffer): void {
    const { socket } = this;
    socket
      .off('data', this.received)
      .off('drain', this.drained)
      .off('end', this.destroy)
      .off('timeout', this.timedOut)
      .off('error', this.destroy)
      .off('close', this.closed);
    socket.setTimeout(0);
    this.handler.closed();
    this.handler.takeOver(bytes);
  }
}

const BODYLESS: ReadonlySet<number> = new Set([204, 304]);
const LAST_CHUNK = '0\r\n\r\n';
const LONGEST_TEXT = 8192;

/** The answer of one request on a connection. */
class ConnectionAnswer extends EventEmitter implements Answer {
  public headersSent = false;
  public writableEnded = false;
  public writableFinished = false;
  public destroyed = false;
  /** It gathers for itself. */
  public readonly socket = {
    cork: (): void => {
      this.corks++;
    },
    uncork: (): void => {
      this.uncork();
    },
  };

  private corks = 0;
  private pieces: (string | Uint8Array)[] = [];
  private piecesBytes = 0;
  private chunked = false;
  private bodyless = false;
  private needsDrain = false;

  public constructor(
    private readonly connection: Socket,
    private readonly keepAliveMs: number,
    private readonly finished: () => void,
  ) {
    super();
  }

  public writeHead(status: number, headers: string[]): void {
    if (this.headersSent) {
      throw new Error('the head of the answer was sent already');
    }
    this.headersSent = true;
    this.bodyless = BODYLESS.has(status);
    const { lines, hasLength, hasDate } = writtenHeaders(headers);
    this.chunked = !hasLength && !this.bodyless;
    const date = hasDate ? '' : `Date: ${new Date().toUTCString()}\r\n`;
    const coding = this.chunked ? 'Transfer-Encoding: chunked\r\n' : '';
    const keepAlive = `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(this.keepAliveMs / 1000)}\r\n`;
    this.gather(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\n${lines}${date}${coding}${keepAlive}\r\n`);
  }

  public flushHeaders(): void {
    if (this.corks === 0) {
      this.flush();
    }
  }

  public write(chunk: Uint8Array): boolean {
    if (this.destroyed || this.writableEnded || this.bodyless || chunk.length === 0) {
      return true;
    }
    this.body(chunk);
    if (this.corks === 0) {
      return this.flush();
    }
    this.needsDrain = this.connection.writableLength + this.piecesBytes > this.connection.writableHighWaterMark;
    return !this.needsDrain;
  }

  public end(chunk?: string): void {
    if (this.destroyed || this.writableEnded) {
      return;
    }
    if (chunk !== undefined && chunk !== '' && !this.bodyless) {
      this.body(Buffer.from(chunk));
    }
    if (this.chunked) {
      this.gather(LAST_CHUNK);
    }
    this.writableEnded = true;
    if (this.corks === 0) {
      this.flush();
    }
  }

  public destroy(): void {
    this.connection.destroy();
    this.closed();
  }

  /** Only for the connection. */
  public drained(): void {
    if (!this.needsDrain) {
      return;
    }
    this.needsDrain = false;
    this.emit('drain');
  }

  /** Only for the connection: it has closed. */
  public closed(): void {
    if (this.destroyed) {
      return;
    }
    this.destroyed = true;
    process.nextTick(() => {
      this.emit('close');
    });
  }

  private uncork(): void {
    this.corks--;
    if (this.corks > 0) {
      return;
    }
    // What was held back was taken for slow; when the connection takes it at once, nothing else says so.
    if (this.flush() && this.needsDrain) {
      process.nextTick(() => {
        this.drained();
      });
    }
  }

  private body(chunk: Uint8Array): void {
    if (!this.chunked) {
      return this.gather(chunk);
    }
    this.gather(`${chunk.length.toString(16)}\r\n`);
    this.gather(chunk);
    this.gather('\r\n');
  }

  private gather(piece: string | Uint8Array): void {
    this.pieces.push(piece);
    this.piecesBytes += piece.length;
  }

  private flush(): boolean {
    const { pieces, piecesBytes } = this;
    if (pieces.length === 0 && !this.writableEnded) {
      return true;
    }
    this.pieces = [];
    this.piecesBytes = 0;
    const goesOn = this.connection.write(
      joined(pieces, piecesBytes),
      'latin1',
      this.writableEnded
        ? error => {
            if (!error) {
              this.finish();
            }
          }
        : undefined,
    );
    this.needsDrain ||= !goesOn;
    return goesOn;
  }

  private finish(): void {
    if (this.destroyed) {
      return;
    }
    this.writableFinished = true;
    this.destroyed = true;
    this.emit('close');
    this.finished();
  }
}

interface WrittenHeaders {
  readonly lines: string;
  readonly hasLength: boolean;
  readonly hasDate: boolean;
}

/** Answers of one server mostly have the same headers, see `ServerHeaders`. */
const written = new WeakMap<readonly string[], WrittenHeaders>();

function writtenHeaders(headers: readonly string[]): WrittenHeaders {
  const known = written.get(headers);
  if (known) {
    return known;
  }
  let hasLength = false;
  let hasDate = false;
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] as string;
    validateHeaderValue(name, headers[index + 1] as string);
    const key = name.toLowerCase();
    hasLength ||= key === 'content-length';
    hasDate ||= key === 'date';
  }
  const result = { lines: headerLines(headers), hasLength, hasDate };
  written.set(headers, result);
  return result;
}

/**
 * One piece: several would be gathered by the system at a higher price than that of a copy. Small ones are cheapest
 * joined as text, decoded byte by byte.
 */
function joined(pieces: readonly (string | Uint8Array)[], bytes: number): string | Uint8Array {
  const [first] = pieces;
  if (pieces.length === 1 && first !== undefined) {
    return first;
  }
  if (bytes <= LONGEST_TEXT) {
    return pieces.map(piece => (typeof piece === 'string' ? piece : asBuffer(piece).toString('latin1'))).join('');
  }
  const packet = Buffer.allocUnsafe(bytes);
  let at = 0;
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      packet.write(piece, at, 'latin1');
    } else {
      packet.set(piece, at);
    }
    at += piece.length;
  }
  return packet;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
