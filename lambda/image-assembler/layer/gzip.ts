import { crc32 } from 'node:zlib';
import { awaitedLater } from '../../common/awaited-later';
import type { CompressedBlocks } from './compressed-blocks';

/**
 * A block, and how far back it may refer: the sizes of pigz, and the most that deflate can refer to. One stream instead
 * of blocks would be 0.1 % smaller.
 */
const BLOCK_BYTES = 128 * 1024;
const WINDOW_BYTES = 32 * 1024;

/** Node.js compresses on four threads. */
const BLOCKS_AT_A_TIME = 4;

/**
 * No time, no name, and 255 for the system that wrote it, which is «unknown»:
 * https://www.rfc-editor.org/rfc/rfc1952#page-5
 */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);

/** The last block of a deflate stream, which is empty. */
const END = Buffer.from([3, 0]);

/**
 * A gzip file whose blocks are compressed at the same time. Equal bytes give equal files, whatever pieces they come in.
 */
export async function* gzipped(pieces: AsyncIterable<Buffer>, blocks: CompressedBlocks): AsyncIterable<Buffer> {
  yield HEADER;
  let checksum = 0;
  let size = 0;
  let before: Buffer = Buffer.alloc(0);
  const underWay: Promise<Buffer>[] = [];
  for await (const block of inBlocks(pieces)) {
    checksum = crc32(block, checksum);
    size += block.length;
    underWay.push(awaitedLater(blocks.compress(block, before)));
    before = block.subarray(-WINDOW_BYTES);
    if (underWay.length === BLOCKS_AT_A_TIME) {
      yield* underWay.splice(0, 1);
    }
  }
  yield* underWay;
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(checksum, 0);
  trailer.writeUInt32LE(size % 2 ** 32, 4);
  yield Buffer.concat([END, trailer]);
}

async function* inBlocks(pieces: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  let pending: Buffer[] = [];
  let room = BLOCK_BYTES;
  for await (let piece of pieces) {
    for (; piece.length >= room; room = BLOCK_BYTES) {
      yield Buffer.concat([...pending, piece.subarray(0, room)]);
      pending = [];
      piece = piece.subarray(room);
    }
    pending.push(piece);
    room -= piece.length;
  }
  if (room < BLOCK_BYTES) {
    yield Buffer.concat(pending);
  }
}
