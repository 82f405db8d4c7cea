import type { Readable, Writable } from 'node:stream';
import type { JsonRpcId } from './platform-errors';

// Enough for any initialize request, and for the calls whose id an error should carry; what is longer is only passed on.
const KEPT_BYTES = 256 * 1024;

/**
 * The body of a request on its way to the server: passed on as it arrives, never collected.
 *
 * Its beginning is kept, at most 256 KiB, for two questions that need the message: is it an initialize request, and which id must an error carry?
 */
export class RequestBody {
  private readonly kept: Buffer[] = [];
  private keptBytes = 0;
  private unsent: Buffer[] = [];
  private complete = false;

  public constructor(private readonly source: Readable) {
    // A client that goes away is noticed at the answer.
    source.on('error', () => {});
  }

  /** Reads until the body has ended or more has come than is kept. Call it before `sendTo`, which passes on what was read. */
  public readBeginning(): Promise<void> {
    const { source } = this;
    if (this.complete || this.keptBytes > KEPT_BYTES || source.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        source.off('data', take).off('end', ended).off('close', done);
        source.pause();
        resolve();
      };
      const take = (chunk: Buffer): void => {
        this.keep(chunk);
        this.unsent.push(chunk);
        if (this.keptBytes > KEPT_BYTES) done();
      };
      const ended = (): void => {
        this.complete = true;
        done();
      };
      source.on('data', take).on('end', ended).on('close', done);
      source.resume();
    });
  }

  /** Passes the body on, at the speed of the destination, and ends the destination with it. */
  public sendTo(destination: Writable): void {
    for (const chunk of this.unsent) destination.write(chunk);
    this.unsent = [];
    if (this.complete) {
      destination.end();
      return;
    }
    const { source } = this;
    source.on('data', (chunk: Buffer) => {
      this.keep(chunk);
      if (destination.write(chunk)) return;
      source.pause();
      destination.once('drain', () => { source.resume(); });
    });
    source.on('end', () => {
      this.complete = true;
      destination.end();
    });
    source.resume();
  }

  /** The message of the body, when all of it was kept and it is JSON. */
  public message(): unknown {
    if (!this.complete || this.keptBytes > KEPT_BYTES) return undefined;
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

  private keep(chunk: Buffer): void {
    this.keptBytes += chunk.length;
    if (this.keptBytes > KEPT_BYTES) this.kept.length = 0;
    else this.kept.push(chunk);
  }
}
