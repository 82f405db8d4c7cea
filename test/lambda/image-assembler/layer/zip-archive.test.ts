import { filesOfZip } from '../../../../lambda/image-assembler/layer/zip-archive';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { closeFiles, fileOf, zipOf } from '../archives';

afterEach(closeFiles);

/** Where its entry in the central directory, the one that counts, has these of a file. */
const OFFSETS = { flags: 8, method: 10, size: 24, localHeader: 42 };
/** The most that an image may have. */
const LIMIT_BYTES = 2 * 1024 ** 3;

/** An archive of one file, with another value in its entry of the central directory. */
async function zipWith(field: keyof typeof OFFSETS, value: number, content = 'a'.repeat(10_000)): Promise<Buffer> {
  const archive = await zipOf({ 'a.txt': content });
  const at = archive.indexOf('PK\u0001\u0002') + OFFSETS[field];
  if (field === 'flags' || field === 'method') {
    archive.writeUInt16LE(value, at);
  } else {
    archive.writeUInt32LE(value, at);
  }
  return archive;
}

async function filesOf(archive: Buffer) {
  return filesOfZip(await fileOf(archive));
}

test('files are listed with their sizes and read when they are opened; folders are not files', async () => {
  const files = await filesOf(await zipOf({ 'a/': '', 'a/b.txt': 'bb', 'c.txt': '' }));
  expect(files.map(({ path, size }) => ({ path, size }))).toEqual([
    { path: 'a/b.txt', size: 2 },
    { path: 'c.txt', size: 0 },
  ]);
  expect((await buffer(await files[0]!.open())).toString()).toBe('bb');
});

test.each([
  ['compressed', true],
  ['stored', false],
])('a file that is %s is read to its end, without a failure behind it', async (_how, compress) => {
  const content = 'a'.repeat(300_000);
  const [file] = await filesOf(await zipOf({ 'a.txt': content }, { compress }));
  const stream = await file!.open();
  const closed = once(stream, 'close');
  expect((await buffer(stream)).toString()).toBe(content);
  await closed;
});

test.each<[string, () => Promise<Buffer>, RegExp]>([
  ['is no archive', () => Promise.resolve(Buffer.from('not a zip')), /cannot be read/],
  ['is cut off', async () => (await zipOf({ 'a.txt': 'a'.repeat(1000) })).subarray(0, -30), /cannot be read/],
  [
    'ends before its last entry',
    async () => {
      const archive = await zipOf({ 'a.txt': 'a' });
      // The entries on this disk, and all entries.
      archive.writeUInt16LE(2, archive.length - 14);
      archive.writeUInt16LE(2, archive.length - 12);
      return archive;
    },
    /cannot be read \(unexpected end\)/,
  ],
  ['is empty', () => zipOf({}), /is empty/],
  ['holds nothing but folders', () => zipOf({ 'a/': '', 'a/b/': '' }), /is empty/],
  ['holds an encrypted file', () => zipWith('flags', 1), /"a.txt" encrypted, or compressed by another method/],
  ['is compressed by bzip2', () => zipWith('method', 12), /"a.txt" encrypted, or compressed by another method/],
  ['holds a symbolic link', () => zipOf({ link: '/etc/passwd' }, { mode: 0o120_777 }), /symbolic link "link"/],
  [
    'holds a file twice',
    async () =>
      Buffer.from(
        (await zipOf({ 'aa.txt': '1', 'ab.txt': '2' })).toString('latin1').replaceAll('ab.txt', 'aa.txt'),
        'latin1',
      ),
    /"aa.txt" twice/,
  ],
  [
    'leads out of its folder',
    async () =>
      Buffer.from((await zipOf({ 'aa/b.txt': '1' })).toString('latin1').replaceAll('aa/b.txt', '../b.txt'), 'latin1'),
    /cannot be read/,
  ],
  [
    'has paths of Windows',
    async () =>
      Buffer.from((await zipOf({ 'a/b.txt': '1' })).toString('latin1').replaceAll('a/b.txt', 'a\\b.txt'), 'latin1'),
    /cannot be read \(invalid characters in fileName/,
  ],
])('an archive that %s is refused', async (_case, archive, message) => {
  await expect(filesOf(await archive())).rejects.toMatchObject({
    code: 'ERR_APPLICATION_INVALID',
    message: expect.stringMatching(message) as string,
  });
});

test('a file whose bytes are not those that were zipped is refused when it is read', async () => {
  const archive = await zipOf({ 'a.txt': 'secret' }, { compress: false });
  archive.write('sEcret', archive.indexOf('secret'));
  const [file] = await filesOf(archive);
  await expect(buffer(await file!.open())).rejects.toMatchObject({
    code: 'ERR_APPLICATION_INVALID',
    message: expect.stringContaining('damaged') as string,
  });
});

test('an application may be as large as an image, and no larger', async () => {
  expect(await filesOf(await zipWith('size', LIMIT_BYTES))).toHaveLength(1);
  await expect(filesOf(await zipWith('size', LIMIT_BYTES + 1))).rejects.toMatchObject({
    code: 'ERR_IMAGE_TOO_LARGE',
    message: expect.stringContaining(`has ${LIMIT_BYTES + 1} bytes`) as string,
  });
  const archive = await zipOf({ 'a.txt': 'a', 'b.txt': 'b' });
  for (
    let entry = archive.indexOf('PK\u0001\u0002');
    entry !== -1;
    entry = archive.indexOf('PK\u0001\u0002', entry + 1)
  ) {
    archive.writeUInt32LE(LIMIT_BYTES / 2 + 1, entry + OFFSETS.size);
  }
  await expect(filesOf(archive)).rejects.toMatchObject({ code: 'ERR_IMAGE_TOO_LARGE' });
});

const DAMAGED = /^the archive of the application holds "a.txt" damaged( \([^()]*\))?; a zip archive of regular files/;

test.each<[string, () => Promise<Buffer>]>([
  ['has more bytes than the archive says', () => zipWith('size', 9000)],
  ['has less bytes than the archive says', () => zipWith('size', 11_000)],
  [
    'has damaged compressed bytes',
    async () => {
      const archive = await zipOf({ 'a.txt': 'a'.repeat(10_000) });
      archive.fill(0xff, 36, 40);
      return archive;
    },
  ],
  ['is not where the archive says', () => zipWith('localHeader', 1)],
  ['begins behind the end of the archive', () => zipWith('localHeader', 1_000_000)],
])('a file that %s is refused when it is read', async (_case, archive) => {
  const [file] = await filesOf(await archive());
  const read = async () => buffer(await file!.open());
  await expect(read()).rejects.toMatchObject({
    code: 'ERR_APPLICATION_INVALID',
    message: expect.stringMatching(DAMAGED) as string,
  });
});

test('no more of a file is passed on than the archive says', async () => {
  const [file] = await filesOf(await zipWith('size', 300_000, 'a'.repeat(3_000_000)));
  let bytes = 0;
  await expect(
    (async () => {
      for await (const chunk of await file!.open()) {
        bytes += chunk.length;
      }
    })(),
  ).rejects.toMatchObject({ message: expect.stringContaining('(too many bytes)') as string });
  expect(bytes).toBeLessThanOrEqual(300_000);
});
