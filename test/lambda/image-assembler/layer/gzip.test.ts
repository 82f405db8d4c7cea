import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { CompressedBlocks } from '../../../../lambda/image-assembler/layer/compressed-blocks';
import { gzipped } from '../../../../lambda/image-assembler/layer/gzip';

const BLOCK_BYTES = 128 * 1024;

/** Lines that all differ, and have much in common, such as code. */
const TEXT = Buffer.from(
  Array.from({ length: 60_000 }, (_, line) => `const value${line} = compute(${(line * 7919) % 104_729});\n`).join(''),
);

function piecesOf(content: Buffer, size: number): AsyncIterable<Buffer> {
  return Readable.from(
    Array.from({ length: Math.ceil(content.length / size) }, (_, index) =>
      content.subarray(index * size, (index + 1) * size),
    ),
  );
}

async function compressed(content: Buffer, size = 10_000, blocks = new CompressedBlocks()): Promise<Buffer> {
  return Buffer.from(await buffer(gzipped(piecesOf(content, size), blocks)));
}

test.each<[string, Buffer]>([
  ['nothing', Buffer.alloc(0)],
  ['one byte', Buffer.from('a')],
  ['one block', TEXT.subarray(0, BLOCK_BYTES)],
  ['a byte more than a block', TEXT.subarray(0, BLOCK_BYTES + 1)],
  ['many blocks', TEXT],
  ['what cannot be compressed', randomBytes(1_000_000)],
])('%s comes back whole, from zlib and from gzip', async (_case, content) => {
  const file = await compressed(content);
  expect(gunzipSync(file).equals(content)).toBe(true);
  expect(execFileSync('gzip', ['--decompress', '--stdout'], { input: file, maxBuffer: 2 ** 24 }).equals(content)).toBe(
    true,
  );
});

test.each([1000, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, TEXT.length])(
  'pieces of %s bytes give the same file',
  async size => {
    expect((await compressed(TEXT, size)).equals(await compressed(TEXT))).toBe(true);
  },
);

test('blocks refer to what is before them: the file is as small as one in a single stream', async () => {
  expect((await compressed(TEXT)).length / gzipSync(TEXT).length).toBeLessThan(1.01);
});

test('after a change, a file is the same from blocks that were kept, and only those at its end are new', async () => {
  const blocks = new CompressedBlocks();
  const calls = jest.spyOn(blocks, 'compress');
  const parts = async (content: Buffer) => {
    calls.mockClear();
    const file = await compressed(content, undefined, blocks);
    return { file, parts: await Promise.all(calls.mock.results.map(({ value }) => value as Promise<Buffer>)) };
  };
  const before = await parts(TEXT);
  const changed = Buffer.concat([TEXT, Buffer.from('console.log(1);')]);
  const after = await parts(changed);
  expect(after.file.equals(await compressed(changed))).toBe(true);
  expect(after.parts.filter(part => !before.parts.includes(part))).toHaveLength(1);
});

test.each([
  ['before what the next one can refer to', 40_000, 1],
  ['in what the next one can refer to', BLOCK_BYTES - 30_000, 2],
])('a change of a block, %s', async (_where, position, anew) => {
  const blocks = new CompressedBlocks();
  const calls = jest.spyOn(blocks, 'compress');
  const partsOf = async (content: Buffer) => {
    calls.mockClear();
    await compressed(content, undefined, blocks);
    return Promise.all(calls.mock.results.map(({ value }) => value as Promise<Buffer>));
  };
  const before = await partsOf(TEXT);
  const changed = Buffer.from(TEXT);
  changed.write('#', position);
  expect((await partsOf(changed)).filter(part => !before.includes(part))).toHaveLength(anew);
});

test.each([
  [0, 0],
  [1, 1],
  [BLOCK_BYTES, 1],
  [BLOCK_BYTES + 1, 2],
])('%s bytes are %s blocks, none of them empty', async (bytes, count) => {
  const blocks = new CompressedBlocks();
  const calls = jest.spyOn(blocks, 'compress');
  await compressed(TEXT.subarray(0, bytes), undefined, blocks);
  expect(calls).toHaveBeenCalledTimes(count);
});

test('four blocks are compressed at a time, and no more are read before one of them is written', async () => {
  const blocks = new CompressedBlocks();
  const calls = jest.spyOn(blocks, 'compress');
  const file = gzipped(piecesOf(TEXT, BLOCK_BYTES), blocks)[Symbol.asyncIterator]();
  await file.next();
  expect(calls).toHaveBeenCalledTimes(0);
  await file.next();
  expect(calls).toHaveBeenCalledTimes(4);
  await file.next();
  expect(calls).toHaveBeenCalledTimes(5);
  await file.return?.();
});

test('what fails to be read, or to be compressed, fails the file', async () => {
  function* broken(): Iterable<Buffer> {
    yield TEXT;
    throw new Error('cannot be read');
  }
  await expect(buffer(gzipped(Readable.from(broken()), new CompressedBlocks()))).rejects.toThrow('cannot be read');

  const blocks = new CompressedBlocks();
  jest
    .spyOn(blocks, 'compress')
    .mockImplementation(async block => (block.length === BLOCK_BYTES ? block : Promise.reject(new Error('no memory'))));
  await expect(buffer(gzipped(piecesOf(TEXT, 10_000), blocks))).rejects.toThrow('no memory');
});

test('a block that fails when the file has failed is no error of the process', async () => {
  async function* broken(): AsyncIterable<Buffer> {
    yield await Promise.resolve(TEXT.subarray(0, BLOCK_BYTES * 2));
    throw new Error('cannot be read');
  }
  const blocks = new CompressedBlocks();
  let failed = 0;
  jest.spyOn(blocks, 'compress').mockImplementation(async () => {
    await nextTurn();
    failed++;
    throw new Error('no memory');
  });
  const file = gzipped(broken(), blocks)[Symbol.asyncIterator]();
  await file.next();
  await expect(file.next()).rejects.toThrow('cannot be read');
  while (failed < 2) {
    await nextTurn();
  }
  await nextTurn();
});
