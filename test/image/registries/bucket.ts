import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import S3rver from 's3rver';
import type { ApplicationArchive } from '../../../lib/private/image/image-assembly-contract';
import type { Application } from '../containers/application';
import { onEnd } from '../assembly/disposal';

const BUCKET = 'assets';

export interface Bucket {
  readonly endpoint: string;
  /** Uploads an application where `cdk deploy` would, and gives what the construct would pass. */
  put(application: Application): Promise<ApplicationArchive>;
}

export async function startBucket(): Promise<Bucket> {
  const directory = mkdtempSync(path.join(tmpdir(), 'image-test-bucket-'));
  const server = new S3rver({ address: '127.0.0.1', port: 0, directory, silent: true });
  const { port } = await server.run();
  const endpoint = `http://127.0.0.1:${port}`;
  const s3 = new S3Client({
    endpoint,
    region: 'eu-central-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
  });
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  onEnd(async () => {
    s3.destroy();
    await server.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return {
    endpoint,
    async put({ archive, contentHash }) {
      const objectKey = `${contentHash}.zip`;
      await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: objectKey, Body: archive }));
      return { bucketName: BUCKET, objectKey, contentHash };
    },
  };
}
