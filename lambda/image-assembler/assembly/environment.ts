import { S3Client } from '@aws-sdk/client-s3';
import type { AssemblyLog } from '../common/assembly-log';
import { AssemblyMemory } from '../image/assembly-memory';
import { ecrCredentials } from '../registry/ecr';
import type { HttpTransport } from '../../common/http-transport';
import type { ImageAssemblyRequest } from '../common/properties';
import { RegistryClient } from '../registry/registry-client';
import { explainBase, explainRepository } from '../registry/registry-failures';
import { RETRY_POLICY } from '../../common/retry';
import { downloadObject } from '../layer/s3-object';
import type { AssemblyEnvironment } from './assembly-environment';

/** How long a registry may be silent before its connection is given up. */
const IDLE_TIMEOUT_MS = 60_000;

/** Kept as long as the process. */
const memory = new AssemblyMemory();

/**
 * The registries and the bucket that a request names. Amazon ECR gets the credentials of the function; other registries
 * are read anonymously.
 */
export function environmentFor(
  request: ImageAssemblyRequest,
  transport: HttpTransport,
  log: AssemblyLog,
): AssemblyEnvironment {
  const { baseImage, target, application, repositoryUri } = request;
  const connection = { transport, retryPolicy: RETRY_POLICY, idleTimeoutMs: IDLE_TIMEOUT_MS };
  return {
    base: new RegistryClient({
      ...connection,
      endpoint: new URL(`https://${baseImage.registry}`),
      repository: baseImage.repository,
      access: 'pull',
      credentials: ecrCredentials(baseImage.registry),
      explain: explainBase(baseImage),
    }),
    target: new RegistryClient({
      ...connection,
      endpoint: new URL(`https://${target.registry}`),
      repository: target.repository,
      access: 'pull,push',
      credentials: ecrCredentials(target.registry),
      explain: explainRepository(repositoryUri),
    }),
    openApplication: signal => downloadObject(new S3Client(), application, RETRY_POLICY, signal),
    memory,
    log,
  };
}
