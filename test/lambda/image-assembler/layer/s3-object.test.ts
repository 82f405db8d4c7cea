import { S3Client } from '@aws-sdk/client-s3';
import { once } from 'node:events';
import type { FileHandle } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
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

test('an archive is read for as long as it is the same, and whole at first', async () => {
  const s3 = clientFor(bucket.endpoint);
  const conditions: unknown[] = [];
  s3.middlewareStack.add(
    (next, { commandName }) =>
      args => {
        const { headers } = args.request as { headers: Record<string, string> };
        conditions.push([commandName, headers['if-match'], headers.range]);
        return next(args);
      },
    { step: 'build' },
  );
  await (await downloadObject(s3, await bucket.put(APPLICATION), QUICK_RETRIES, signal)).close();
  expect(conditions).toEqual([
    ['HeadObjectCommand', undefined, undefined],
    ['GetObjectCommand', expect.stringMatching(/^"[a-f0-9]{32}"$/), undefined],
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

describe('an object', () => {
  const OBJECT = { bucketName: 'assets', objectKey: 'abcdef01.zip', contentHash: 'abcdef01' };
  const HEADERS = { etag: '"1"', 'content-length': 1000 };

  /** Downloads an object whose requests are answered so. */
  async function downloadFrom(answer: RequestListener, abort = signal): Promise<unknown> {
    const server = createServer(answer).listen(0, '127.0.0.1');
    onEnd(() => void server.close());
    onEnd(() => server.closeAllConnections());
    await once(server, 'listening');
    const s3 = clientFor(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return downloadObject(s3, OBJECT, QUICK_RETRIES, abort);
  }

  test.each([
    ['HEAD', 404, 'ERR_APPLICATION_NOT_FOUND'],
    ['GET', 404, 'ERR_APPLICATION_NOT_FOUND'],
    ['GET', 412, 'ERR_APPLICATION_NOT_FOUND'],
    ['HEAD', 403, 'ERR_APPLICATION_DENIED'],
    ['GET', 403, 'ERR_APPLICATION_DENIED'],
    ['HEAD', 503, 'ERR_REGISTRY_UNAVAILABLE'],
    ['GET', 429, 'ERR_REGISTRY_UNAVAILABLE'],
    ['GET', 400, undefined],
  ])('whose %s is answered with %s', async (failing, status, code) => {
    const download = downloadFrom(({ method }, response) => {
      if (method === failing) {
        response.writeHead(status).end();
      } else {
        response.writeHead(200, HEADERS).end();
      }
    });
    const failure: unknown = await download.catch((error: unknown) => error);
    expect(failure).toMatchObject(
      code === undefined
        ? { $metadata: { httpStatusCode: status } }
        : {
            code,
            cause: expect.any(Error) as Error,
            message: expect.stringContaining('s3://assets/abcdef01.zip') as string,
          },
    );
    expect((failure as { code?: string }).code).toBe(code);
  });

  test.each(['KMS.DisabledException', 'KMS.KMSInvalidStateException', 'KMS.NotFoundException'])(
    'whose key cannot be used (%s) says so',
    async code => {
      const download = downloadFrom(({ method }, response) => {
        if (method === 'HEAD') {
          response.writeHead(200, HEADERS).end();
        } else {
          response
            .writeHead(400, { 'content-type': 'application/xml' })
            .end(`<Error><Code>${code}</Code><Message>the key is not enabled</Message></Error>`);
        }
      });
      await expect(download).rejects.toMatchObject({
        code: 'ERR_APPLICATION_DENIED',
        message: expect.stringMatching(
          new RegExp(`s3://assets/abcdef01\\.zip .*${code}: the key is not enabled\\); enable the key`),
        ) as string,
      });
    },
  );

  test('is asked for again when its size could not be told', async () => {
    const statuses = [503, 429, 200, 200];
    const file = (await downloadFrom((_request, response) => {
      response.writeHead(statuses.shift() ?? 500, { ...HEADERS, 'content-length': 1 }).end('x');
    })) as FileHandle;
    expect((await buffer(contentOf(file))).toString()).toBe('x');
    await file.close();
  });

  test('whose connection broke too often says how', async () => {
    const download = downloadFrom(({ method }, response) => {
      response.writeHead(200, HEADERS);
      if (method === 'HEAD') {
        response.end();
      } else {
        response.flushHeaders();
        setImmediate(() => response.destroy());
      }
    });
    await expect(download).rejects.toMatchObject({
      code: 'ERR_REGISTRY_UNAVAILABLE',
      message: expect.stringMatching(/could not be read: (Error: )?aborted;/) as string,
      cause: { cause: expect.objectContaining({ code: 'ECONNRESET' }) as Error },
    });
  });

  test.each(['HEAD', 'GET'])('whose %s is not answered is given up when the time is up', async silent => {
    const stop = new AbortController();
    const download = downloadFrom(({ method }, response) => {
      if (method === silent) {
        stop.abort(new Error('out of time'));
      } else {
        response.writeHead(200, HEADERS).end();
      }
    }, stop.signal);
    await expect(download).rejects.toThrow('out of time');
  });
});
