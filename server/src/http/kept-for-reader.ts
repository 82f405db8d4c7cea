/** What a client may leave unread of one stream before whoever fills it is told to wait. A message is never divided. */
const MAX_UNREAD_BYTES = 1024 * 1024;

/** What is kept where whoever fills a stream does not wait. The newest message does not count. */
const MAX_KEPT_BYTES = 64 * 1024 * 1024;

/** How much is handed on at once, so that a client that reads one large message slowly is seen to read. */
const PIECE_BYTES = 64 * 1024;

export interface ReaderWatcher {
  /** Told when the reader is behind by more than may be, and when it is not any more, or went away. */
  readerIsBehind?(isBehind: boolean): void;
  /** Told once, when the body has been read to its end, was cancelled or has failed. */
  ended?(failure?: Error): void;
}

/** How long a reader that is behind may take nothing: as `send_timeout` of nginx. */
const MAX_SILENCE_MS = 60_000;

/** How often that is looked at, and how long more than `MAX_KEPT_BYTES` are kept at least. */
const LOOK_MS = 1000;

/**
 * The same response, whose body is taken from its maker at once and kept for its reader. The stream of a reader that
 * does not read fails after a while, and its connection ends.
 */
export function keptForReader(response: Response, watcher: ReaderWatcher): Response {
  if (!response.body) {
    watcher.ended?.();
    return response;
  }
  if (response.body instanceof KeptStream) {
    response.body.kept.watchers.push(watcher);
    return response;
  }
  const kept = new KeptBody(response.body.getReader(), watcher);
  return new Response(new KeptStream(kept), {
    status: response.status,
    statusText: response.statusText,
    headers: response.headers,
  });
}

/** It knows what it is made of. */
class KeptStream extends ReadableStream<Uint8Array> {
  public constructor(public readonly kept: KeptBody) {
    // Without a queue of its own, it is pulled for each read, and what was taken is known.
    super(kept, { highWaterMark: 0 });
  }
}

/** Those who read the streams of one call or session. Whoever fills these waits while one of them is behind. */
export class Readers implements ReaderWatcher {
  private behind = 0;
  private waiting: (() => void)[] = [];

  public readerIsBehind(isBehind: boolean): void {
    this.behind += isBehind ? 1 : -1;
    if (this.behind === 0) {
      this.waiting.splice(0).forEach(resolve => resolve());
    }
  }

  public async keptUp(): Promise<void> {
    while (this.behind > 0) {
      await new Promise<void>(resolve => this.waiting.push(resolve));
    }
  }
}

class KeptBody {
  public readonly watchers: ReaderWatcher[];

  private readonly chunks: Uint8Array[] = [];
  private unreadBytes = 0;
  private newestBytes = 0;
  private hasTaken = false;
  private silentMs = 0;
  private wasFull = false;
  private isDone = false;
  private isOver = false;
  private look: NodeJS.Timeout | undefined;
  private wake: (() => void) | undefined;

  public constructor(
    private readonly source: ReadableStreamDefaultReader<Uint8Array>,
    watcher: ReaderWatcher,
  ) {
    this.watchers = [watcher];
  }

  public start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    void this.keepAll(controller);
  }

  public async pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    if (this.chunks.length === 0 && !this.isDone) {
      await new Promise<void>(resolve => {
        this.wake = resolve;
      });
    }
    if (this.isOver) {
      return;
    }
    const piece = this.takePiece();
    if (piece) {
      controller.enqueue(piece);
    } else {
      this.end();
      controller.close();
    }
  }

  public async cancel(reason: unknown): Promise<void> {
    this.end();
    await this.source.cancel(reason);
  }

  private async keepAll(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    try {
      for (let next = await this.source.read(); !next.done; next = await this.source.read()) {
        this.keep(next.value, controller);
      }
      this.isDone = true;
      this.wake?.();
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)), controller);
    }
  }

  private keep(chunk: Uint8Array, controller: ReadableStreamDefaultController<Uint8Array>): void {
    if (this.isOver) {
      return;
    }
    this.chunks.push(chunk);
    this.newestBytes = chunk.byteLength;
    this.unreadBytes += chunk.byteLength;
    this.wake?.();
    if (this.look === undefined && this.unreadBytes > MAX_UNREAD_BYTES) {
      this.silentMs = 0;
      this.look = setInterval(() => this.lookAtReader(controller), LOOK_MS).unref();
      this.tell(true);
    }
  }

  private takePiece(): Uint8Array | undefined {
    const [next] = this.chunks;
    if (!next) {
      return undefined;
    }
    if (next.byteLength > PIECE_BYTES) {
      this.chunks[0] = next.subarray(PIECE_BYTES);
    } else {
      this.chunks.shift();
    }
    const piece = next.subarray(0, PIECE_BYTES);
    this.hasTaken = true;
    this.unreadBytes -= piece.byteLength;
    if (this.unreadBytes <= MAX_UNREAD_BYTES) {
      this.keptUp();
    }
    return piece;
  }

  private lookAtReader(controller: ReadableStreamDefaultController<Uint8Array>): void {
    const isFull = this.unreadBytes - this.newestBytes > MAX_KEPT_BYTES;
    this.silentMs = this.hasTaken ? 0 : this.silentMs + LOOK_MS;
    this.hasTaken = false;
    if (this.silentMs >= MAX_SILENCE_MS) {
      this.giveUp(`read nothing of this response for ${this.silentMs / 1000} s`, controller);
    } else if (isFull && this.wasFull) {
      this.giveUp('did not read this response as fast as it was written', controller);
    }
    this.wasFull = isFull;
  }

  private giveUp(why: string, controller: ReadableStreamDefaultController<Uint8Array>): void {
    const problem = `the client ${why}, and left ${this.unreadBytes} bytes: its connection was ended`;
    this.fail(new Error(problem), controller);
    void this.source.cancel(problem).catch(() => undefined);
  }

  private fail(error: Error, controller: ReadableStreamDefaultController<Uint8Array>): void {
    if (!this.isOver) {
      controller.error(error);
      this.end(error);
      this.wake?.();
    }
  }

  private end(failure?: Error): void {
    this.isOver = true;
    this.chunks.length = 0;
    this.keptUp();
    // Whoever has the stream yet does not keep what they know of: sessions, above all.
    this.watchers.splice(0).forEach(watcher => watcher.ended?.(failure));
  }

  private keptUp(): void {
    if (this.look !== undefined) {
      clearInterval(this.look);
      this.look = undefined;
      this.tell(false);
    }
  }

  private tell(isBehind: boolean): void {
    this.watchers.forEach(watcher => watcher.readerIsBehind?.(isBehind));
  }
}
