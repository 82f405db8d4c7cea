import { pauseAfter, TransientFailure, type RetryPolicy } from '../../common/retry';

export interface OpenedSource {
  readonly start: number;
  readonly bytes: AsyncIterable<Buffer>;
}

export interface ResumableSource {
  /** How many bytes there are. */
  readonly size: number;
  readonly retryPolicy: RetryPolicy;
  readonly signal: AbortSignal;
  /** Opens the source at an offset, or before it, where the server would not. */
  readonly open: (offset: number) => Promise<OpenedSource>;
}

/**
 * A download that goes on where its connection broke. It fails when as many attempts as the policy allows brought
 * nothing.
 *
 * It yields what comes, be it more than `size`: whether the bytes are the right ones is for others to tell.
 */
export async function* resumable({ size, retryPolicy, signal, open }: ResumableSource): AsyncIterable<Buffer> {
  let offset = 0;
  let fruitless = 0;
  do {
    try {
      const { start, bytes } = await open(offset);
      let position = start;
      for await (const chunk of bytes) {
        const news = chunk.subarray(Math.max(offset - position, 0));
        position += chunk.length;
        if (news.length > 0) {
          fruitless = 0;
          offset += news.length;
          yield news;
        }
      }
      if (offset < size) {
        throw new TransientFailure(`the connection ended after ${offset} of ${size} bytes`);
      }
    } catch (failure) {
      fruitless++;
      await pauseAfter(failure, fruitless, retryPolicy, signal);
    }
  } while (offset < size);
}
