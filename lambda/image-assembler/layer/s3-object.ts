import { GetObjectCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { FileHandle } from 'node:fs/promises';
import type { ApplicationArchive } from '../../../lib/private/image/image-assembly-contract';
import { ImageAssemblyError } from '../common/failures';
import { resumable } from '../transport/resumable';
import { TransientFailure, withRetries, type RetryPolicy } from '../../common/retry';
import { calling, statusOf } from '../../common/sdk-failure';
import { temporaryFile } from './temporary-file';

/** Downloads an object into a temporary file. Goes on where the connection broke, as long as the object is the same. */
export async function downloadObject(
  s3: S3Client,
  archive: ApplicationArchive,
  retryPolicy: RetryPolicy,
  signal: AbortSignal,
): Promise<FileHandle> {
  const object = { Bucket: archive.bucketName, Key: archive.objectKey };
  const file = await temporaryFile();
  try {
    const { ContentLength: size = 0, ETag } = await withRetries(retryPolicy, signal, () =>
      calling(() => s3.send(new HeadObjectCommand(object), { abortSignal: signal })),
    );
    const open = async (start: number) => {
      const request = new GetObjectCommand({
        ...object,
        IfMatch: ETag,
        ...(start === 0 ? {} : { Range: `bytes=${start}-` }),
      });
      const { Body } = await calling(() => s3.send(request, { abortSignal: signal }));
      return { start, bytes: interruptible(Body as AsyncIterable<Buffer>) };
    };
    for await (const chunk of resumable({ size, retryPolicy, signal, open })) {
      await file.appendFile(chunk);
    }
    return file;
  } catch (error) {
    await file.close();
    signal.throwIfAborted();
    throw explained(error, archive);
  }
}

async function* interruptible(bytes: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  try {
    yield* bytes;
  } catch (error) {
    throw new TransientFailure(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function explained(error: unknown, { bucketName, objectKey }: ApplicationArchive): unknown {
  const object = `s3://${bucketName}/${objectKey}`;
  if (error instanceof TransientFailure) {
    return new ImageAssemblyError(
      'ERR_REGISTRY_UNAVAILABLE',
      `the application ${object} could not be read: ${error.message}; deploy again`,
      { cause: error },
    );
  }
  const status = statusOf(error);
  if (status === 404 || status === 412) {
    return new ImageAssemblyError(
      'ERR_APPLICATION_NOT_FOUND',
      `the application ${object} was not found: deploy with the CDK, which uploads it`,
      { cause: error },
    );
  }
  if (error instanceof Error && error.name.startsWith('KMS.')) {
    return new ImageAssemblyError(
      'ERR_APPLICATION_DENIED',
      `the application ${object} may not be read: the key of its bucket cannot be used (${error.name}: ${error.message}); ` +
        'enable the key, or give the bucket another one and deploy again',
      { cause: error },
    );
  }
  if (status === 403) {
    return new ImageAssemblyError(
      'ERR_APPLICATION_DENIED',
      `the application ${object} may not be read, or is not there: grant the role of the function ` +
        '`s3:GetObject` on it, and `kms:Decrypt` where the bucket has a key of its own',
      { cause: error },
    );
  }
  return error;
}
