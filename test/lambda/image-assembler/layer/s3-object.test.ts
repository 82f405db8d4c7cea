import { S3Client } from '@aws-sdk/client-s3';
import { buffer } from 'node:stream/consumers';
import { downloadObject } from '../../../../lambda/image-assembler/layer/s3-object';
import { contentOf } from '../../../../lambda/image-assembler/layer/temporary-file';
import { startBucket, type Bucket } from '../../../image/registries/bucket';
import { startCuttingProxy } from '../../../image/registries/cutting-proxy';
import { endAll, onEnd } from '../../../image/assembly/disposal';
import { QUICK_RETRIES } from '../clients';

const { signal } = new AbortController();
const APPLICATION = { archive: Buffer.alloc(2_000_000, 'application'), contentHash: 'abcdef01' };
let bucket: Bucket;

beforeAll(async () => {
  bucket = await startBucket();
});

afterAll(endAll);

function clientFor(endpoint: string): S3Client {
  const credentials = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };
  const s3 = new S3Client({ endpoint, region: 'eu-central-1', forcePathStyle: true, credentials, maxAttempts: 1 });
  onEnd(() => s3.destroy());
  return s3;
}

test('an archive arrives whole', async () => {
  const file = await downloadObject(clientFor(bucket.endpoint), await bucket.put(APPLICATION), QUICK_RETRIES, signal);
  expect(Buffer.from(await buffer(contentOf(file))).equals(APPLICATION.archive)).toBe(true);
  await file.close();
});

test('an archive whose connection breaks again and again arrives whole', async () => {
  const proxy = await startCuttingProxy(Number(new URL(bucket.endpoint).port), { connections: 5, afterBytes: 300_000 });
  const file = await downloadObject(
    clientFor(`http://${proxy.host}`),
    await bucket.put(APPLICATION),
    QUICK_RETRIES,
    signal,
  );
  expect(proxy.cuts()).toBe(5);
  expect(Buffer.from(await buffer(contentOf(file))).equals(APPLICATION.archive)).toBe(true);
  await file.close();
});

test('an archive is read for as long as it is the same', async () => {
  const s3 = clientFor(bucket.endpoint);
  const conditions: unknown[] = [];
  s3.middlewareStack.add(
    (next, { commandName }) =>
      args => {
        conditions.push([commandName, (args.request as { headers: Record<string, string> }).headers['if-match']]);
        return next(args);
      },
    { step: 'build' },
  );
  await (await downloadObject(s3, await bucket.put(APPLICATION), QUICK_RETRIES, signal)).close();
  expect(conditions).toEqual([
    ['HeadObjectCommand', undefined],
    ['GetObjectCommand', expect.stringMatching(/^"[a-f0-9]{32}"$/)],
  ]);
});

test('an archive that is not there', async () => {
  const object = { ...(await bucket.put(APPLICATION)), objectKey: 'missing.zip' };
  await expect(downloadObject(clientFor(bucket.endpoint), object, QUICK_RETRIES, signal)).rejects.toMatchObject({
    code: 'ERR_APPLICATION_NOT_FOUND',
    message: expect.stringContaining('s3://assets/missing.zip') as string,
  });
});

test('a bucket that may not be read', async () => {
  const s3 = new S3Client({
    endpoint: bucket.endpoint,
    region: 'eu-central-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'other', secretAccessKey: 'x' },
  });
  await expect(downloadObject(s3, await bucket.put(APPLICATION), QUICK_RETRIES, signal)).rejects.toMatchObject({
    code: 'ERR_APPLICATION_DENIED',
  });
  s3.destroy();
});

test('a bucket that cannot be reached', async () => {
  await expect(
    downloadObject(clientFor('http://127.0.0.1:1'), await bucket.put(APPLICATION), QUICK_RETRIES, signal),
  ).rejects.toMatchObject({
    code: 'ERR_REGISTRY_UNAVAILABLE',
  });
});
