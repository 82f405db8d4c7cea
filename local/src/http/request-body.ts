import { Readable } from 'node:stream';
import type { JsonRpcId } from './json-rpc';

/**
 * Enough for any initialize request, and for the calls whose id an error should carry; what is longer is only passed
 * on.
 */
const KEPT_BYTES = 256 * 1024;

/** Stands where everything has come. */
const NOTHING_MORE = Readable.from([]);

/** Where a body goes. */
export interface BodyDestination {
  /** Whether it takes no more. */
  readonly destroyed: boolean;
  /** Sends what comes before the body, when the body has to be waited for. */
  sendHead(): void;
  /** @returns false when it does not keep up: the rest should wait for `onceDrained` */
  write(chunk: Buffer): boolean;
  onceDrained(callback: () => void): void;
  /** The body is complete. */
  end(): void;
}

/**
 * The body of a request on its way to the server: passed on as it arrives, never collected.
 *
 * Its beginning is kept, at most 256 KiB, for two questions that need the message: is it an initialize request, and
 * which id must an error carry?
 */
export class RequestBody {
  private readonly kept: Buffer[] = [];
  private unsent: Buffer[] = [];
  private complete = false;
  private receivedBytes = 0;
  private isTooLong = false;

  private readonly source: Readable;

  /**
   * @param source - what brings it, or all of it
   * @param limitBytes - what is longer is not passed on
   */
  public constructor(
    source: Readable | Buffer,
    public readonly limitBytes = Infinity,
  ) {
    if (source instanceof Readable) {
      this.source = source;
      // A client that goes away is noticed at the answer.
      source.on('error', () => {});
    } else {
      this.source = NOTHING_MORE;
      this.complete = true;
      if (source.length > 0) {
        this.keep(source);
        this.unsent.push(source);
      }
    }
  }

  /** Whether more has come than the limit allows. */
  public get tooLong(): boolean {
    return this.isTooLong;
  }

  /** Whether all of it has come. */
  public get hasCome(): boolean {
    return this.complete;
  }

  /** Nobody waits for the rest any more. */
  public abandon(): void {
    if (!this.complete) {
      this.source.destroy();
    }
  }

  /**
   * Reads until the body has ended or more has come than is kept. Call it before `sendTo`, which passes on what was
   * read.
   */
  public readBeginning(): Promise<void> {
    return this.read(KEPT_BYTES);
  }

  /**
   * Reads the whole body, for a signature of it. Call it before `sendTo`, which passes on what was read.
   *
   * @returns the body, or undefined when it is longer than the limit or was broken off
   */
  public async readAll(): Promise<Buffer | undefined> {
    await this.read(this.limitBytes);
    return this.complete && !this.isTooLong ? Buffer.concat(this.unsent) : undefined;
  }

  private read(enoughBytes: number): Promise<void> {
    const { source } = this;
    if (this.complete || this.receivedBytes > enoughBytes || source.destroyed) {
      return Promise.resolve();
    }
    return new Promise(resolve => {
      const done = (): void => {
        source.off('data', take).off('end', ended).off('close', done);
        source.pause();
        resolve();
      };
      const take = (chunk: Buffer): void => {
        this.keep(chunk);
        this.unsent.push(chunk);
        if (this.receivedBytes > enoughBytes || this.isTooLong) {
          done();
        }
      };
      const ended = (): void => {
        this.complete = true;
        done();
      };
      source.on('data', take).on('end', ended).on('close', done);
      source.resume();
    });
  }

  /**
   * Passes the body on, at the speed of the destination, and ends the destination with it.
   *
   * @param tooLong - told instead when more comes than the limit allows
   */
  public sendTo(destination: BodyDestination, tooLong: () => void): void {
    if (this.isTooLong) {
      return tooLong();
    }
    for (const chunk of this.unsent) {
      destination.write(chunk);
    }
    this.unsent = [];
    if (this.complete) {
      destination.end();
      return;
    }
    const { source } = this;
    source.on('data', (chunk: Buffer) => {
      if (this.isTooLong) {
        return;
      }
      this.keep(chunk);
      if (this.isTooLong) {
        return tooLong();
      }
      if (destination.destroyed || destination.write(chunk)) {
        return;
      }
      source.pause();
      destination.onceDrained(() => {
        source.resume();
      });
    });
    source.on('end', () => {
      this.complete = true;
      destination.end();
    });
    source.resume();
    // What comes of the body by then goes with the head, in one packet.
    setImmediate(() => {
      destination.sendHead();
    });
  }

  /** The message of the body, when all of it was kept and it is JSON. */
  public message(): unknown {
    if (!this.complete || this.receivedBytes > KEPT_BYTES) {
      return undefined;
    }
    try {
      return JSON.parse(Buffer.concat(this.kept).toString('utf8'));
    } catch {
      return undefined;
    }
  }

  /** The id of the JSON-RPC request in the body, or null when it has none or is not known. */
  public messageId(): JsonRpcId {
    const message = this.message();
    const id = typeof message === 'object' && message !== null && 'id' in message ? message.id : null;
    return typeof id === 'string' || typeof id === 'number' ? id : null;
  }

  /** The beginning of the body as text, as far as it has come and was kept. */
  public beginning(bytes: number): string {
    return this.kept[0]?.toString('utf8', 0, bytes) ?? '';
  }

  private keep(chunk: Buffer): void {
    this.receivedBytes += chunk.length;
    if (this.receivedBytes > this.limitBytes) {
      this.isTooLong = true;
    }
    if (this.receivedBytes > KEPT_BYTES) {
      this.kept.length = 0;
    } else {
      this.kept.push(chunk);
    }
  }
}
