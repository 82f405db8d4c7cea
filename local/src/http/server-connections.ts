import { connect, type Socket } from 'node:net';
import type { BodyDestination } from './request-body';
import { LastHead, ResponseReader, type ResponseReceiver } from './response-reader';

/** A request as its server gets it. */
export interface ServerRequestHead {
  readonly method: string;
  readonly path: string;
  /** Its headers, each a line with its end, without those that frame the body. */
  readonly lines: string;
  /** How the body is framed: chunked, or as `Content-Length` among the headers says. */
  readonly chunked: boolean;
}

/** Who is told of the response to a request. After `onEnd` or `onFailure` comes nothing but the last `onPause`. */
export interface ServerResponseReceiver extends ResponseReceiver {
  /** All of what arrived together was told: the moment to send it on. */
  onPause(): void;
  /** There will be no (whole) response. */
  onFailure(error: Error): void;
}

/**
 * A server closes idle connections after 2 s (gunicorn) to 5 s (Node, uvicorn): one that is about to be closed must not
 * be used again.
 */
const IDLE_MS = 1000;

/** The connections to one server of loopback, kept open between requests. */
export class ServerConnections {
  private readonly all = new Set<ServerConnection>();
  /** The last used at the end. */
  private idle: ServerConnection[] = [];
  private sweep: NodeJS.Timeout | undefined;

  public constructor(private readonly port: number) {}

  /** Sends the head of a request, with or ahead of what is written of its body. */
  public send(head: ServerRequestHead, receiver: ServerResponseReceiver): ServerRequest {
    return (this.takeIdle() ?? this.open()).send(head, receiver);
  }

  /** Closes all of them. */
  public destroy(): void {
    clearTimeout(this.sweep);
    for (const connection of this.all) {
      connection.destroy();
    }
  }

  private takeIdle(): ServerConnection | undefined {
    const connection = this.idle.pop();
    if (!connection || connection.idleSince + IDLE_MS > performance.now()) {
      return connection;
    }
    this.closeIdle();
    connection.destroy();
    return undefined;
  }

  private open(): ServerConnection {
    const connection: ServerConnection = new ServerConnection(this.port, {
      free: () => {
        this.idle.push(connection);
        this.sweep ??= setTimeout(() => {
          this.closeIdle();
        }, IDLE_MS).unref();
      },
      closed: () => {
        this.all.delete(connection);
        this.idle = this.idle.filter(other => other !== connection);
      },
    });
    this.all.add(connection);
    return connection;
  }

  private closeIdle(): void {
    clearTimeout(this.sweep);
    this.sweep = undefined;
    const now = performance.now();
    for (const connection of [...this.idle]) {
      if (connection.idleSince + IDLE_MS <= now) {
        connection.destroy();
      }
    }
    if (this.idle.length > 0) {
      this.sweep = setTimeout(() => {
        this.closeIdle();
      }, IDLE_MS).unref();
    }
  }
}

interface ConnectionOwner {
  free(): void;
  closed(): void;
}

/**
 * What has come over a connection, until its callback has copied it: one for all, where each read would otherwise take
 * 64 KiB of its own first.
 */
const arrived = Buffer.allocUnsafeSlow(64 * 1024);

/** One connection, with one request at a time. */
class ServerConnection {
  public idleSince = 0;
  public readonly lastHead = new LastHead();
  public readonly socket: Socket;
  private current: ServerRequest | undefined;

  public constructor(
    port: number,
    private readonly owner: ConnectionOwner,
  ) {
    let failure: Error | undefined;
    this.socket = connect({
      host: '127.0.0.1',
      port,
      noDelay: true,
      onread: { buffer: arrived, callback: length => this.received(length) },
    });
    const { socket } = this;
    socket.on('drain', () => {
      this.current?.drained();
    });
    socket.on('error', error => {
      failure = error;
    });
    socket.on('close', () => {
      owner.closed();
      this.current?.closed(failure);
    });
  }

  public send(head: ServerRequestHead, receiver: ServerResponseReceiver): ServerRequest {
    this.current = new ServerRequest(this, head, receiver);
    return this.current;
  }

  /** The request is over: answered and sent whole, so that the next may come. */
  public release(): void {
    this.current = undefined;
    this.idleSince = performance.now();
    this.socket.resume();
    this.owner.free();
  }

  public destroy(): void {
    this.socket.destroy();
  }

  private received(length: number): boolean {
    // A server that speaks unasked says something for which there is no reader.
    if (this.current) {
      this.current.read(Buffer.from(arrived.subarray(0, length)));
    } else {
      this.destroy();
    }
    return true;
  }
}

/** A request under way: the destination of its body, and the hand on its response. */
export class ServerRequest implements BodyDestination, ResponseReceiver {
  private readonly reader: ResponseReader;
  private unsentHead: string | undefined;
  private readonly chunked: boolean;
  private bodyEnded = false;
  private over = false;
  private onDrained: (() => void) | undefined;

  /** Only for the connection. */
  public constructor(
    private readonly connection: ServerConnection,
    head: ServerRequestHead,
    private readonly receiver: ServerResponseReceiver,
  ) {
    this.reader = new ResponseReader(head.method, this, connection.lastHead);
    this.chunked = head.chunked;
    this.unsentHead = textOf(head);
  }

  /** Whether it takes no more of the body. */
  public get destroyed(): boolean {
    return this.over;
  }

  public sendHead(): void {
    if (!this.over && this.unsentHead !== undefined) {
      this.put('');
    }
  }

  public write(chunk: Buffer): boolean {
    if (this.over || chunk.length === 0) {
      return true;
    }
    if (!this.chunked) {
      return this.put(chunk);
    }
    this.connection.socket.cork();
    this.put(`${chunk.length.toString(16)}\r\n`);
    this.put(chunk);
    const goesOn = this.put('\r\n');
    this.connection.socket.uncork();
    return goesOn;
  }

  public onceDrained(callback: () => void): void {
    this.onDrained = callback;
  }

  public end(): void {
    if (this.over) {
      return;
    }
    this.bodyEnded = true;
    if (this.chunked) {
      this.put('0\r\n\r\n');
    } else {
      this.sendHead();
    }
    this.settle();
  }

  /** Gives it up; nothing more is told. The server sees its connection close. */
  public destroy(): void {
    if (this.over) {
      return;
    }
    this.over = true;
    this.connection.destroy();
  }

  /** Reads no more of the response until `resume`. */
  public pause(): void {
    if (!this.over) {
      this.connection.socket.pause();
    }
  }

  public resume(): void {
    if (!this.over) {
      this.connection.socket.resume();
    }
  }

  /** Only for the reader, like the next two: who has given up meanwhile hears no more. */
  public onHead(status: number, headers: readonly string[]): void {
    if (!this.over) {
      this.receiver.onHead(status, headers);
    }
  }

  public onData(chunk: Buffer): void {
    if (!this.over) {
      this.receiver.onData(chunk);
    }
  }

  public onEnd(): void {
    if (!this.over) {
      this.receiver.onEnd();
    }
  }

  /** Only for the connection. */
  public read(bytes: Buffer): void {
    try {
      this.reader.read(bytes);
    } catch (error) {
      this.fail(error as Error);
      return;
    }
    if (!this.over) {
      this.receiver.onPause();
    }
    this.settle();
  }

  /** Only for the connection. */
  public drained(): void {
    const { onDrained } = this;
    this.onDrained = undefined;
    onDrained?.();
  }

  /** Only for the connection. */
  public closed(failure: Error | undefined): void {
    if (this.over) {
      return;
    }
    try {
      if (failure) {
        throw failure;
      }
      this.reader.close();
      this.over = true;
      this.receiver.onPause();
    } catch (error) {
      this.fail(error as Error);
    }
  }

  private settle(): void {
    if (this.over || !this.reader.done) {
      return;
    }
    this.over = true;
    // A server may answer before it has read all of the request; what is left of it must not be taken for the next one.
    if (this.bodyEnded && this.reader.keepsConnection) {
      this.connection.release();
    } else {
      this.connection.destroy();
    }
  }

  private fail(error: Error): void {
    if (this.over) {
      return;
    }
    this.over = true;
    this.connection.destroy();
    this.receiver.onFailure(error);
  }

  private put(data: Buffer | string): boolean {
    const { socket } = this.connection;
    const head = this.unsentHead;
    if (head === undefined) {
      return socket.write(data);
    }
    this.unsentHead = undefined;
    // One piece: two would be gathered at a higher price than a copy of what a call usually is.
    if (typeof data === 'string') {
      return socket.write(head + data, 'latin1');
    }
    const packet = Buffer.allocUnsafe(head.length + data.length);
    packet.write(head, 'latin1');
    packet.set(data, head.length);
    return socket.write(packet);
  }
}

function textOf({ method, path, lines, chunked }: ServerRequestHead): string {
  return `${method} ${path} HTTP/1.1\r\n${lines}${chunked ? 'Transfer-Encoding: chunked\r\n' : ''}Connection: keep-alive\r\n\r\n`;
}
