import { Readable } from 'node:stream';
import { idOf, NO_ID, type JsonRpcId } from './json-rpc';

/**
 * Enough for any initialize request, and for the calls whose id an error should carry; what is longer is only passed
 * on.
 */
const KEPT_BYTES = 256 * 1024;
/** How long the rest of a request that was answered already is read, so that its client is not reset while it sends. */
const LINGER_MS = 30_000;

interface Waiting {
  readonly enough: () => boolean;
  readonly resolve: () => void;
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
  private receivedBytes = 0;
  private complete = false;
  /** Nothing comes any more, whether all of it has or not. */
  private over = false;
  private waiting: Waiting[] = [];
  /** What passes it on, once something does. */
  private outgoing: Readable | undefined;
  private drained = false;
  private toldTooLong: () => void = () => {};

  /**
   * @param source - what brings it
   * @param limitBytes - what is longer is not passed on
   */
  public constructor(
    private readonly source: Readable,
    public readonly limitBytes = Infinity,
  ) {
    source
      .pause()
      .on('data', (chunk: Buffer) => {
        this.take(chunk);
      })
      .once('end', () => {
        this.complete = true;
        this.end();
      })
      .once('close', () => {
        this.end();
      })
      // A client that goes away is noticed at the response.
      .on('error', () => {});
  }

  /** Whether more has come than the limit allows. */
  public get tooLong(): boolean {
    return this.receivedBytes > this.limitBytes;
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
   * The request was answered. The rest of it is read and dropped, so that the client can send it and read the response
   * (RFC 9112, section 9.3). It is given up when it does not come to an end.
   */
  public linger(): void {
    this.drain();
    if (this.over) {
      return;
    }
    const limit = setTimeout(() => {
      this.source.destroy();
    }, LINGER_MS).unref();
    this.source.once('close', () => {
      clearTimeout(limit);
    });
  }

  /**
   * Reads until the body has ended or more has come than is kept. Call it before `toServer`, which passes on what was
   * read.
   */
  public readBeginning(): Promise<void> {
    return this.until(() => this.receivedBytes > KEPT_BYTES || this.tooLong);
  }

  /**
   * Reads the whole body, for a signature of it. Call it before `toServer`, which passes on what was read.
   *
   * @returns the body, or undefined when it is longer than the limit or was broken off
   */
  public async readAll(): Promise<Buffer | undefined> {
    await this.until(() => this.tooLong);
    return this.complete && !this.tooLong ? Buffer.concat(this.unsent) : undefined;
  }

  /**
   * What to pass on: all of it, when it has come or comes in this moment, as that of a call mostly does. Else a stream
   * of it, at the speed of whoever reads it.
   *
   * @param tooLong - told when more comes than the limit allows, and then the stream does not end
   */
  public async toServer(tooLong: () => void): Promise<Buffer | Readable> {
    if (!this.over) {
      let passed = false;
      setImmediate(() => {
        passed = true;
        this.changed();
      });
      await this.until(() => passed || this.tooLong);
    }
    const { unsent } = this;
    this.unsent = [];
    if (this.tooLong) {
      tooLong();
    }
    if (this.complete) {
      return unsent.length === 1 ? (unsent[0] as Buffer) : Buffer.concat(unsent);
    }
    this.toldTooLong = tooLong;
    return this.stream(unsent);
  }

  /** The message of the body, when all of it was kept and it is JSON. */
  public message(): unknown {
    return this.read(message => message, undefined);
  }

  /** The id of the JSON-RPC request in the body. */
  public messageId(): JsonRpcId {
    return this.read((message, text) => idOf(text, message), NO_ID);
  }

  /** The beginning of the body as text, as far as it has come and was kept. */
  public beginning(bytes: number): string {
    return this.kept[0]?.toString('utf8', 0, bytes) ?? '';
  }

  private read<Result>(use: (message: unknown, text: string) => Result, otherwise: Result): Result {
    if (!this.complete || this.receivedBytes > KEPT_BYTES) {
      return otherwise;
    }
    const text = Buffer.concat(this.kept).toString('utf8');
    try {
      return use(JSON.parse(text), text);
    } catch {
      return otherwise;
    }
  }

  private stream(begun: readonly Buffer[]): Readable {
    const outgoing = new Readable({
      read: () => {
        this.source.resume();
      },
      // Nobody reads it any more: the rest must not keep the client from reading what was answered.
      destroy: (error, destroyed) => {
        this.drain();
        destroyed(error);
      },
    }).on('error', () => {});
    for (const chunk of begun) {
      outgoing.push(chunk);
    }
    this.outgoing = outgoing;
    if (this.over) {
      this.end();
    }
    return outgoing;
  }

  private take(chunk: Buffer): void {
    this.receivedBytes += chunk.length;
    if (this.receivedBytes > KEPT_BYTES) {
      this.kept.length = 0;
    } else {
      this.kept.push(chunk);
    }
    if (!this.drained) {
      this.passOn(chunk);
    }
    this.changed();
  }

  private passOn(chunk: Buffer): void {
    if (!this.outgoing) {
      this.unsent.push(chunk);
    } else if (this.tooLong) {
      this.drain();
      this.toldTooLong();
    } else if (!this.outgoing.push(chunk) && this.waiting.length === 0) {
      this.source.pause();
    }
  }

  private end(): void {
    this.over = true;
    if (this.complete) {
      this.outgoing?.push(null);
    } else {
      this.outgoing?.destroy(new Error('the client broke off its request'));
    }
    this.changed();
  }

  private drain(): void {
    if (this.drained) {
      return;
    }
    this.drained = true;
    this.unsent = [];
    this.source.resume();
  }

  /** Reads until there is enough, or nothing comes any more. */
  private until(enough: () => boolean): Promise<void> {
    if (this.over || enough()) {
      return Promise.resolve();
    }
    return new Promise(resolve => {
      this.waiting.push({ enough, resolve });
      this.source.resume();
    });
  }

  private changed(): void {
    if (this.waiting.length === 0) {
      return;
    }
    this.waiting = this.waiting.filter(({ enough, resolve }) => {
      const goesOn = !this.over && !enough();
      if (!goesOn) {
        resolve();
      }
      return goesOn;
    });
    if (this.waiting.length === 0 && !this.outgoing && !this.drained) {
      this.source.pause();
    }
  }
}
