import { S3Client } from '@aws-sdk/client-s3';
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createApplicationLayer } from '../../../../lambda/image-assembler/layer/application-layer';
import { CompressedBlocks } from '../../../../lambda/image-assembler/layer/compressed-blocks';
import { downloadObject } from '../../../../lambda/image-assembler/layer/s3-object';
import { Spool } from '../../../../lambda/image-assembler/layer/spool';
import * as temporaryFiles from '../../../../lambda/image-assembler/layer/temporary-file';
import { QUICK_RETRIES } from '../clients';

// A function that is up for long has as many files open as it forgets to close.

jest.mock('../../../../lambda/image-assembler/layer/temporary-file', () => {
  const real = jest.requireActual<typeof temporaryFiles>('../../../../lambda/image-assembler/layer/temporary-file');
  return { ...real, temporaryFile: jest.fn(real.temporaryFile) };
});

const { signal } = new AbortController();
const KEPT_IN_MEMORY_BYTES = 2 * 1024 ** 2;
const opened = jest.mocked(temporaryFiles.temporaryFile);

beforeEach(() => opened.mockClear());

/** How many temporary files there were, and how many of them are open. */
async function temporary(): Promise<{ files: number; open: number }> {
  const files = await Promise.all(opened.mock.results.map(({ value }) => value as ReturnType<typeof opened>));
  return { files: files.length, open: files.filter(({ fd }) => fd !== -1).length };
}

/** Until a layer has so much that a file was opened for it. */
async function written(): Promise<void> {
  while (opened.mock.calls.length === 0) {
    await nextTurn();
  }
}

/** A layer with a large file, and one behind it that is opened so. */
function layerWith(open: () => Promise<NodeJS.ReadableStream>, abort = signal) {
  const bytes = 2 * KEPT_IN_MEMORY_BYTES;
  const large = { path: 'a.bin', size: bytes, open: () => Promise.resolve(Readable.from(randomBytes(bytes))) };
  const files = [large, { path: 'b.bin', size: 1, open }];
  return createApplicationLayer(files, '/app', { signal: abort, blocks: new CompressedBlocks() });
}

test.each([
  [KEPT_IN_MEMORY_BYTES, 0],
  [KEPT_IN_MEMORY_BYTES + 1, 1],
])('%s bytes take %s files, and none are kept when they are no longer needed', async (bytes, files) => {
  const content = randomBytes(bytes);
  const spool = new Spool();
  for (let position = 0; position < bytes; position += KEPT_IN_MEMORY_BYTES / 4) {
    await spool.write(content.subarray(position, position + KEPT_IN_MEMORY_BYTES / 4));
  }
  expect(spool.size).toBe(bytes);
  expect(Buffer.from(await buffer(spool.read())).equals(content)).toBe(true);
  expect(await temporary()).toEqual({ files, open: files });
  await spool.close();
  expect(await temporary()).toEqual({ files, open: 0 });
  expect(await buffer(spool.read()).catch(() => Buffer.alloc(0))).toHaveLength(0);
});

test('the file of a layer is open until the layer is disposed of', async () => {
  const layer = await layerWith(() => Promise.resolve(Readable.from(Buffer.from('x'))));
  expect(await temporary()).toEqual({ files: 1, open: 1 });
  await layer.dispose();
  expect(await temporary()).toEqual({ files: 1, open: 0 });
});

test('a layer that fails leaves no file open', async () => {
  await expect(layerWith(() => written().then(() => Promise.reject(new Error('damaged'))))).rejects.toThrow('damaged');
  expect(await temporary()).toEqual({ files: 1, open: 0 });
});

test('a layer that is told to stop while a file is opened does not wait for it, and leaves no file open', async () => {
  const stop = new AbortController();
  const never = () => {
    void written().then(() => stop.abort(new Error('out of time')));
    return new Promise<never>(() => undefined);
  };
  await expect(layerWith(never, stop.signal)).rejects.toThrow('out of time');
  expect(await temporary()).toEqual({ files: 1, open: 0 });
});

test('a download that fails leaves no file open', async () => {
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const s3 = new S3Client({ endpoint: 'http://127.0.0.1:1', region: 'eu-central-1', credentials, maxAttempts: 1 });
  const archive = { bucketName: 'assets', objectKey: 'a.zip', contentHash: 'abcdef01' };
  await expect(downloadObject(s3, archive, QUICK_RETRIES, signal)).rejects.toThrow('could not be read');
  expect(await temporary()).toEqual({ files: 1, open: 0 });
  s3.destroy();
});
