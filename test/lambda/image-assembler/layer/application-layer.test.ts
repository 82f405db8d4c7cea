import { createHash, randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import {
  createApplicationLayer,
  type ApplicationLayer,
} from '../../../../lambda/image-assembler/layer/application-layer';
import { CompressedBlocks } from '../../../../lambda/image-assembler/layer/compressed-blocks';
import { filesOfZip } from '../../../../lambda/image-assembler/layer/zip-archive';
import { closeFiles, fileOf, zipOf, type ZipOptions } from '../archives';

const { signal } = new AbortController();

let blocks: CompressedBlocks;

beforeEach(() => {
  blocks = new CompressedBlocks();
});

afterEach(closeFiles);

const FILES = {
  'index.js': 'console.log(1);',
  'templates/deep/report.txt': 'report',
  'größe.txt': 'ü',
  [`${'long/'.repeat(60)}name.txt`]: 'long',
  'empty.txt': '',
};

async function layerOf(
  files: Readonly<Record<string, string | Buffer>>,
  options?: ZipOptions,
): Promise<{ layer: ApplicationLayer; content: Buffer }> {
  const archive = await fileOf(await zipOf(files, options));
  const layer = await createApplicationLayer(await filesOfZip(archive), '/app', { signal, blocks });
  const content = Buffer.from(await buffer(layer.open(signal)));
  await layer.dispose();
  return { layer, content };
}

async function entriesOf(content: Buffer): Promise<(Header & { content: string })[]> {
  const entries: (Header & { content: string })[] = [];
  const archive = extract();
  archive.end(gunzipSync(content));
  for await (const entry of archive) {
    entries.push({ ...entry.header, content: (await buffer(entry)).toString() });
  }
  return entries;
}

test('every file, and the folders above it, belong to root, have one time and one mode, and are sorted', async () => {
  const entries = await entriesOf((await layerOf(FILES)).content);
  const names = entries.map(({ name }) => name);
  expect(names).toEqual([...names].sort());
  expect(names).toEqual(
    expect.arrayContaining([
      'app/',
      'app/index.js',
      'app/templates/',
      'app/templates/deep/',
      'app/templates/deep/report.txt',
      'app/größe.txt',
    ]),
  );
  for (const { uid, gid, mode, mtime } of entries) {
    expect({ uid, gid, mode, mtime }).toEqual({ uid: 0, gid: 0, mode: 0o755, mtime: new Date(0) });
  }
  const contents = Object.fromEntries(
    entries.filter(({ type }) => type === 'file').map(({ name, content }) => [name.slice('app/'.length), content]),
  );
  expect(contents).toEqual(FILES);
});

test.each<[string, () => Promise<{ content: Buffer }>]>([
  ['in another order', () => layerOf(Object.fromEntries(Object.entries(FILES).reverse()))],
  ['at another time', () => layerOf(FILES, { mtime: new Date('2026-05-05T05:05:05Z') })],
  ['with other modes', () => layerOf(FILES, { mode: 0o100_755 })],
  ['not compressed', () => layerOf(FILES, { compress: false })],
])('files that were zipped %s give the same bytes', async (_case, other) => {
  expect((await other()).content.equals((await layerOf(FILES)).content)).toBe(true);
});

test('the header of gzip tells neither time nor system', async () => {
  const { content } = await layerOf(FILES);
  expect([...content.subarray(0, 10)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, expect.any(Number), 255]);
});

test('the digests are those of the bytes, compressed and not', async () => {
  const { layer, content } = await layerOf({ ...FILES, 'large.bin': Buffer.alloc(5_000_000, 'abc') });
  const digest = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  expect(layer).toMatchObject({ size: content.length, digest: digest(content), diffId: digest(gunzipSync(content)) });
});

test('the digest of the uncompressed layer is told while it is being compressed', async () => {
  const archive = await fileOf(await zipOf({ 'large.bin': randomBytes(2_000_000) }));
  const known: string[] = [];
  const layer = await createApplicationLayer(await filesOfZip(archive), '/app', {
    signal,
    blocks,
    uncompressed: diffId => {
      // Two turns later the compression, which has up to four blocks to do, is still at work.
      void nextTurn()
        .then(() => nextTurn())
        .then(() => known.push(diffId));
    },
  });
  known.push('compressed');
  expect(known).toEqual([layer.diffId, 'compressed']);
  await layer.dispose();
});

test.each([
  ['small', 10],
  ['large', 5_000_000],
])('a %s layer can be read as often as an upload needs', async (_case, bytes) => {
  const archive = await fileOf(await zipOf({ ...FILES, 'data.bin': randomBytes(bytes) }));
  const layer = await createApplicationLayer(await filesOfZip(archive), '/app', { signal, blocks });
  for await (const chunk of layer.open(signal)) {
    expect(chunk.length).toBeGreaterThan(0);
    break;
  }
  const [first, second] = await Promise.all([buffer(layer.open(signal)), buffer(layer.open(signal))]);
  expect(Buffer.from(first).equals(Buffer.from(second))).toBe(true);
  expect(layer.digest).toBe(`sha256:${createHash('sha256').update(Buffer.from(first)).digest('hex')}`);
  await layer.dispose();
});

test('a layer that is told to stop says why', async () => {
  const archive = await fileOf(await zipOf(FILES));
  await expect(
    createApplicationLayer(await filesOfZip(archive), '/app', {
      signal: AbortSignal.abort(new Error('out of time')),
      blocks,
    }),
  ).rejects.toThrow('out of time');
});

test.each([0, 1, 3, 6, 10, 20])(
  'a layer that is given up while a file is read, %s turns later, leaves no error to the process',
  async turns => {
    const content = await zipOf(
      Object.fromEntries(Array.from({ length: 6 }, (_, index) => [`${index}.bin`, randomBytes(200_000)])),
    );
    for (let read = 0; read < 6; read++) {
      const archive = await fileOf(content);
      const stop = new AbortController();
      const giveUp = async () => {
        for (let turn = 0; turn < turns; turn++) {
          await nextTurn();
        }
        stop.abort(new Error('given up'));
      };
      const files = (await filesOfZip(archive)).map((file, index) => ({
        ...file,
        open: () => {
          if (index === read) {
            void giveUp();
          }
          return file.open();
        },
      }));
      // However fast the machine is, the layer cannot be finished before it is given up.
      const last = {
        path: 'last.bin',
        size: 1,
        open: () =>
          new Promise<never>((_resolve, reject) => {
            const giveUpToo = () => reject(new Error('closed'));
            if (stop.signal.aborted) {
              giveUpToo();
            }
            stop.signal.addEventListener('abort', giveUpToo);
          }),
      };
      await expect(createApplicationLayer([...files, last], '/app', { signal: stop.signal, blocks })).rejects.toThrow(
        'given up',
      );
      await archive.close();
    }
    // Jest takes an error that nobody listens to for a failure of the test that is running.
    await delay(20);
  },
);

test('a file that cannot be opened fails the layer, and leaves no error to the process', async () => {
  const file = {
    path: 'index.js',
    size: 1,
    open: () =>
      delay(5).then(() => {
        throw new Error('cannot be opened');
      }),
  };
  await expect(createApplicationLayer([file], '/app', { signal, blocks })).rejects.toThrow('cannot be opened');
  await delay(20);
});
