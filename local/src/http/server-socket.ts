import { Socket } from 'node:net';

type Connected = (...outcome: [error: null, socket: Socket] | [error: Error, socket: null]) => void;
type Written = (error?: Error | null) => void;

/**
 * A connection to a server on which what the server has said is read before it counts as broken.
 *
 * A server may answer before it has read all of a request, and close: the rest of the request then meets a reset. Node.js
 * would drop the connection at the first write that fails, with the response unread in it.
 */
export class ServerSocket extends Socket {
  /** Opens a connection to a port of loopback. */
  public static connect(port: number, connected: Connected): void {
    const socket = new ServerSocket();
    const failed = (error: Error): void => {
      connected(error, null);
    };
    socket.once('error', failed);
    socket.setNoDelay(true).connect(port, '127.0.0.1', () => {
      socket.off('error', failed);
      connected(null, socket);
    });
  }

  private takesNoMore = false;
  private reset: Error | undefined;

  public override _write(chunk: unknown, encoding: BufferEncoding, written: Written): void {
    if (this.takesNoMore) {
      written();
    } else {
      super._write(chunk, encoding, this.tolerant(written));
    }
  }

  public override _writev(chunks: { chunk: unknown; encoding: BufferEncoding }[], written: Written): void {
    if (this.takesNoMore) {
      written();
    } else {
      super._writev?.(chunks, this.tolerant(written));
    }
  }

  public override read(size?: number): unknown {
    const chunk: unknown = super.read(size);
    if (this.reset) {
      setImmediate(() => {
        this.endReset();
      });
    }
    return chunk;
  }

  public override destroy(error?: NodeJS.ErrnoException): this {
    if (error?.syscall !== 'read' || this.reset) {
      return super.destroy(error);
    }
    // By its code the client of undici would take what was cut off for whole.
    this.reset = new Error('the connection was reset', { cause: error });
    this.endReset();
    return this;
  }

  /** What came before the reset is for the reader, at its own speed. */
  private endReset(): void {
    if (this.readableLength === 0) {
      super.destroy(this.reset);
    }
  }

  /** Takes a failed write for a server that reads no more. That its connection is closed, reading finds out. */
  private tolerant(written: Written): Written {
    return error => {
      this.takesNoMore ||= Boolean(error);
      written();
    };
  }
}
