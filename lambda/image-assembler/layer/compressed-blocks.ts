import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, deflateRaw } from 'node:zlib';

/** Some dozens of bundles: what a warm function meets next is the next version of one of them, as a rule. */
const LIMIT_BYTES = 8 * 1024 ** 2;

/** Room for what becomes of a block of code in one go, since each further one costs a context switch. */
const OUTPUT_BYTES = 64 * 1024;

const deflate = promisify(deflateRaw);

/**
 * Compresses blocks of bytes, on as many threads as Node.js has for such work, and keeps what became of the latest.
 * After a change, most blocks of an application are those of the version before. What comes out depends on nothing but
 * the bytes.
 */
export class CompressedBlocks {
  /** The first is the one that was not used for the longest time. */
  private readonly kept = new Map<string, Buffer>();
  private keptBytes = 0;

  /** @param limitBytes - how many compressed bytes are kept */
  public constructor(private readonly limitBytes: number = LIMIT_BYTES) {}

  /**
   * The part of a deflate stream (RFC 1951) that stands for a block. It ends with a whole byte, and any other may
   * follow.
   *
   * @param before - the bytes before the block, to which the part may refer
   */
  public async compress(block: Buffer, before: Buffer): Promise<Buffer> {
    const name = createHash('sha256').update(`${before.length} `).update(before).update(block).digest('base64');
    const compressed = this.take(name) ?? (await deflated(block, before));
    this.keep(name, compressed);
    return compressed;
  }

  private take(name: string): Buffer | undefined {
    const known = this.kept.get(name);
    if (known !== undefined) {
      this.kept.delete(name);
      this.keptBytes -= known.length;
    }
    return known;
  }

  private keep(name: string, compressed: Buffer): void {
    this.take(name);
    this.kept.set(name, compressed);
    this.keptBytes += compressed.length;
    for (const oldest of this.kept.keys()) {
      if (this.keptBytes <= this.limitBytes) {
        return;
      }
      this.take(oldest);
    }
  }
}

async function deflated(block: Buffer, dictionary: Buffer): Promise<Buffer> {
  const compressed = await deflate(block, { dictionary, finishFlush: constants.Z_SYNC_FLUSH, chunkSize: OUTPUT_BYTES });
  // What comes from zlib may be the beginning of a much larger buffer, and a small copy a part of the pool of Node.js,
  // which would be kept, too.
  const own = Buffer.allocUnsafeSlow(compressed.length);
  compressed.copy(own);
  return own;
}
