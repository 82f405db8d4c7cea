import { randomBytes } from 'node:crypto';
import zlib from 'node:zlib';
import { CompressedBlocks } from '../../../../lambda/image-assembler/layer/compressed-blocks';

const NOTHING = Buffer.alloc(0);
const TEXT = Buffer.from('a block of an application '.repeat(4000));

function inflated(parts: readonly Buffer[]): string {
  return zlib.inflateRawSync(Buffer.concat([...parts, Buffer.from([3, 0])])).toString();
}

test('parts can follow each other', async () => {
  const blocks = new CompressedBlocks();
  const [first, second] = [TEXT.subarray(0, 60_000), TEXT.subarray(60_000)];
  expect(
    inflated([await blocks.compress(first, NOTHING), await blocks.compress(second, first.subarray(-32_768))]),
  ).toBe(TEXT.toString());
});

test('a block that is known is not compressed again', async () => {
  const blocks = new CompressedBlocks();
  const first = await blocks.compress(TEXT, NOTHING);
  expect(await blocks.compress(Buffer.from(TEXT), NOTHING)).toBe(first);
});

test('the same bytes, part of them before the block, are another block', async () => {
  const blocks = new CompressedBlocks();
  await blocks.compress(TEXT, NOTHING);
  const [before, block] = [TEXT.subarray(0, 32_768), TEXT.subarray(32_768)];
  expect(inflated([await blocks.compress(before, NOTHING), await blocks.compress(block, before)])).toBe(
    TEXT.toString(),
  );
});

test('what was not used for the longest time is given up first', async () => {
  const [one, two, three] = [randomBytes(10_000), randomBytes(10_000), randomBytes(10_000)];
  const blocks = new CompressedBlocks(25_000);
  const first = await blocks.compress(one, NOTHING);
  const second = await blocks.compress(two, NOTHING);
  expect(await blocks.compress(one, NOTHING)).toBe(first);
  await blocks.compress(three, NOTHING);
  expect(await blocks.compress(one, NOTHING)).toBe(first);
  expect(await blocks.compress(two, NOTHING)).not.toBe(second);
});

test('as much as may be kept is kept', async () => {
  const [one, two] = [randomBytes(10_000), randomBytes(10_000)];
  const size = (await new CompressedBlocks().compress(one, NOTHING)).length;
  const blocks = new CompressedBlocks(2 * size);
  const [first, second] = [await blocks.compress(one, NOTHING), await blocks.compress(two, NOTHING)];
  expect(await blocks.compress(one, NOTHING)).toBe(first);
  expect(await blocks.compress(two, NOTHING)).toBe(second);
});

test('a block that is compressed twice at the same time counts once', async () => {
  const [one, two] = [randomBytes(10_000), randomBytes(10_000)];
  const size = (await new CompressedBlocks().compress(one, NOTHING)).length;
  const blocks = new CompressedBlocks(2 * size);
  await Promise.all([blocks.compress(one, NOTHING), blocks.compress(one, NOTHING)]);
  const kept = await blocks.compress(one, NOTHING);
  await blocks.compress(two, NOTHING);
  expect(await blocks.compress(one, NOTHING)).toBe(kept);
});

test('a block that is larger than all that is kept comes out, too', async () => {
  const blocks = new CompressedBlocks(100);
  const block = randomBytes(10_000);
  const first = await blocks.compress(block, NOTHING);
  expect(inflated([first])).toBe(block.toString());
  expect(await blocks.compress(block, NOTHING)).not.toBe(first);
});

test('no more memory is kept than what was compressed has', async () => {
  const { buffer, length } = await new CompressedBlocks().compress(TEXT, NOTHING);
  expect(buffer.byteLength).toBe(length);
});
