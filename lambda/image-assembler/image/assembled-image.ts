import type { ImageAssemblyData } from '../../../lib/private/image/image-assembly-contract';
import { ImageAssemblyError } from '../common/failures';
import { BASE_DIGEST_LABEL, INPUTS_LABEL } from './image-config';
import { DOCKER, OCI, type ImageManifest } from '../common/media-types';
import type { ImageAssemblyRequest } from '../common/properties';
import type { RegistryClient } from '../registry/registry-client';
import { inputsDigest } from './tag';
import type { ImageConfig } from './platform-image';

/** The image that an earlier run, or one at the same time, made of the same inputs; undefined where there is none. */
export async function findAssembledImage(
  target: RegistryClient,
  request: ImageAssemblyRequest,
  tag: string,
  signal: AbortSignal,
): Promise<ImageAssemblyData | undefined> {
  const manifest = await target.findManifest(tag, signal);
  if (manifest === undefined) {
    return undefined;
  }
  const isImage = [DOCKER, OCI].some(({ manifest: mediaType }) => mediaType === manifest.mediaType);
  const { config } = JSON.parse(manifest.content.toString()) as ImageManifest;
  const labels = isImage
    ? (JSON.parse((await target.getBlob(config, signal)).toString()) as ImageConfig).config?.Labels
    : undefined;
  const baseDigest = labels?.[BASE_DIGEST_LABEL];
  if (labels?.[INPUTS_LABEL] !== inputsDigest(request) || baseDigest === undefined) {
    throw new ImageAssemblyError(
      'ERR_TAG_TAKEN',
      `the tag ${tag} of ${request.repositoryUri} is on the image ${manifest.digest}, which was not assembled ` +
        'from the same inputs: remove that image from the repository, and let nothing but the deployment push to it',
    );
  }
  return assembledImage(request, tag, manifest.digest, baseDigest);
}

export function assembledImage(
  { repositoryUri }: ImageAssemblyRequest,
  imageTag: string,
  imageDigest: string,
  baseImageDigest: string,
): ImageAssemblyData {
  return { imageUri: `${repositoryUri}@${imageDigest}`, imageDigest, imageTag, baseImageDigest };
}
