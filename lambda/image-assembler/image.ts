import type { ApplicationLayer } from './application-layer';
import type { BaseImage } from './base-image';
import { digestOf } from './digest';
import { ImageAssemblyError } from './failures';
import { imageConfig } from './image-config';
import { MAX_IMAGE_BYTES, MAX_LAYERS } from './image-limits';
import type { Descriptor, ImageManifest } from './media-types';
import type { ImageAssemblyRequest } from './properties';
import type { Manifest } from './registry-client';

/** An image that is about to be pushed. */
export interface Image {
  readonly manifest: Manifest;
  readonly config: Descriptor;
  readonly configContent: Buffer;
  /** The layer with the application. */
  readonly layer: Descriptor;
}

/** Puts the application on top of the base image. Fails where AgentCore Runtime would not start the result. */
export function createImage(request: ImageAssemblyRequest, base: BaseImage, application: ApplicationLayer): Image {
  const { mediaTypes } = base;
  const configContent = imageConfig(request, base, application);
  const config = { mediaType: mediaTypes.config, digest: digestOf(configContent), size: configContent.length };
  const layer = { mediaType: mediaTypes.gzippedLayer, digest: application.digest, size: application.size };
  const image: ImageManifest = { schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers: [...base.layers, layer] };
  refuseBeyondLimits(request, image);
  const content = Buffer.from(JSON.stringify(image));
  return { manifest: { mediaType: mediaTypes.manifest, digest: digestOf(content), content }, config, configContent, layer };
}

function refuseBeyondLimits({ baseImage }: ImageAssemblyRequest, { layers }: ImageManifest): void {
  if (layers.length > MAX_LAYERS) {
    throw new ImageAssemblyError('ERR_TOO_MANY_LAYERS', `the image would have ${layers.length} layers, ${layers.length - 1} of them from the base image `
      + `${baseImage.text}; AgentCore Runtime mounts ${MAX_LAYERS}: choose a base image with fewer layers`);
  }
  const bytes = layers.reduce((sum, { size }) => sum + size, 0);
  if (bytes > MAX_IMAGE_BYTES) {
    throw new ImageAssemblyError('ERR_IMAGE_TOO_LARGE', `the image would have ${bytes} bytes on the base image ${baseImage.text}; `
      + `AgentCore Runtime allows ${MAX_IMAGE_BYTES}: choose a smaller base image or ship less`);
  }
}
