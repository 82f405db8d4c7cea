import type { ImageAssemblyProperties } from '../../../lib/private/image/image-assembly-contract';
import { parseProperties, type ImageAssemblyRequest } from '../../../lambda/image-assembler/common/properties';

export const PLATFORM = { os: 'linux', architecture: 'arm64' };

export const PROPERTIES: ImageAssemblyProperties = {
  repositoryUri: '123456789012.dkr.ecr.eu-central-1.amazonaws.com/expenses',
  baseImage: 'public.ecr.aws/docker/library/node:24-slim',
  application: { bucketName: 'assets', objectKey: 'abcdef0123456789.zip', contentHash: 'abcdef0123456789' },
  entrypoint: ['node', 'index.js'],
  user: '1000',
  workingDirectory: '/app',
  port: '8000',
};

/** A request as the handler gets it, with changes. */
export function requestWith(change: Partial<ImageAssemblyProperties> = {}): ImageAssemblyRequest {
  return parseProperties({ ...PROPERTIES, ...change }, PLATFORM);
}
