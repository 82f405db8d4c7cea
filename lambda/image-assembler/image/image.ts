import { Readable } from 'node:stream';
import type { ApplicationLayer } from '../layer/application-layer';
import { digestOf } from '../common/digest';
import { ImageAssemblyError } from '../common/failures';
import { imageConfig } from './image-config';
import { MAX_IMAGE_BYTES, MAX_LAYERS } from '../common/limits';
import type { Descriptor, ImageManifest } from '../common/media-types';
import type { ImageAssemblyRequest } from '../common/properties';
import type { Manifest, OpenBlob } from '../registry/registry-client';
import type { BaseImage } from './platform-image';

/** Something that the image consists of, beside what is of the base image. */
export interface OwnBlob {
  readonly descriptor: Descriptor;
  readonly open: OpenBlob;
}

/** @param diffId - the digest of the uncompressed layer with the application */
export function createConfiguration(request: ImageAssemblyRequest, base: BaseImage, diffId: string): OwnBlob {
  const content = imageConfig(request, base, diffId);
  return {
    open: () => Readable.from([content]),
    descriptor: { mediaType: base.mediaTypes.config, digest: digestOf(content), size: content.length },
  };
}

/** The layer with the application. Fails where AgentCore Runtime would not start an image with it. */
export function applicationBlob(
  request: ImageAssemblyRequest,
  base: BaseImage,
  { digest, size, open }: Omit<ApplicationLayer, 'dispose'>,
): OwnBlob {
  refuseBeyondLimits(request, base, size);
  return { open, descriptor: { mediaType: base.mediaTypes.gzippedLayer, digest, size } };
}

/** Puts the application on top of the base image. */
export function createManifest(
  { mediaTypes, layers }: BaseImage,
  configuration: OwnBlob,
  application: OwnBlob,
): Manifest {
  const mediaType = mediaTypes.manifest;
  const image: ImageManifest = {
    schemaVersion: 2,
    mediaType,
    config: configuration.descriptor,
    layers: [...layers, application.descriptor],
  };
  const content = Buffer.from(JSON.stringify(image));
  return { mediaType, digest: digestOf(content), content };
}

/**
 * Fails where AgentCore Runtime would not start the image, even if not all is known of it: an application has no bytes
 * before it is packed.
 */
export function refuseBeyondLimits({ baseImage }: ImageAssemblyRequest, base: BaseImage, applicationBytes = 0): void {
  const count = base.layers.length + 1;
  if (count > MAX_LAYERS) {
    throw new ImageAssemblyError(
      'ERR_TOO_MANY_LAYERS',
      `the image would have ${count} layers, ${count - 1} of them from the base image ` +
        `${baseImage.text}; AgentCore Runtime mounts ${MAX_LAYERS}: choose a base image with fewer layers`,
    );
  }
  const bytes = base.layers.reduce((sum, { size }) => sum + size, applicationBytes);
  if (bytes > MAX_IMAGE_BYTES) {
    throw new ImageAssemblyError(
      'ERR_IMAGE_TOO_LARGE',
      `the image would have ${bytes} bytes on the base image ${baseImage.text}; ` +
        `AgentCore Runtime allows ${MAX_IMAGE_BYTES}: choose a smaller base image or ship less`,
    );
  }
}
