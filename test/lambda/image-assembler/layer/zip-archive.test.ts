import { filesOfZip } from '../../../../lambda/image-assembler/layer/zip-archive';
import { buffer } from 'node:stream/consumers';
import { closeFiles, fileOf, zipOf } from '../archives';

afterEach(closeFiles);

async function filesOf(archive: Buffer) {
  return filesOfZip(await fileOf(archive));
}

test('files are listed with their sizes and read when they are opened; folders are not files', async () => {
  const files = await filesOf(await zipOf({ 'a/b.txt': 'bb', 'c.txt': '' }));
  expect(files.map(({ path, size }) => ({ path, size }))).toEqual([
    { path: 'a/b.txt', size: 2 },
    { path: 'c.txt', size: 0 },
  ]);
  expect((await buffer(await files[0]!.open())).toString()).toBe('bb');
});

test.each<[string, () => Promise<Buffer>, RegExp]>([
  ['is no archive', () => Promise.resolve(Buffer.from('not a zip')), /cannot be read/],
  ['is cut off', async () => (await zipOf({ 'a.txt': 'a'.repeat(1000) })).subarray(0, -30), /cannot be read/],
  ['is empty', () => zipOf({}), /is empty/],
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

test.each([
  ['more', 9000],
  ['less', 11_000],
])('a file that has %s bytes than the archive says is refused when it is read', async (_case, size) => {
  const archive = await zipOf({ 'a.txt': 'a'.repeat(10_000) });
  // The size in the central directory, which is the one that counts.
  archive.writeUInt32LE(size, archive.indexOf('PK\u0001\u0002') + 24);
  const [file] = await filesOf(archive);
  await expect(buffer(await file!.open())).rejects.toMatchObject({
    code: 'ERR_APPLICATION_INVALID',
    message: expect.stringContaining('"a.txt" damaged') as string,
  });
});

test('a file whose compressed bytes are damaged is refused when it is read', async () => {
  const archive = await zipOf({ 'a.txt': 'a'.repeat(10_000) });
  archive.fill(0xff, 36, 40);
  const [file] = await filesOf(archive);
  await expect(buffer(await file!.open())).rejects.toMatchObject({
    code: 'ERR_APPLICATION_INVALID',
    message: expect.stringContaining('"a.txt" damaged') as string,
  });
});
