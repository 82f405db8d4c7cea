import type { AssemblyMemory } from './assembly-memory';
import { ImageAssemblyError } from '../common/failures';
import type { ImageReference } from '../common/image-reference';
import { DOCKER, OCI, type Descriptor, type ImageManifest, type Platform } from '../common/media-types';
import type { Manifest, RegistryClient } from '../registry/registry-client';
import { type BaseImage, type PlatformImage, type ImageConfig } from './platform-image';

interface ImageIndex {
  readonly manifests: readonly (Descriptor & { readonly platform?: Platform & { readonly variant?: string } })[];
}

/** A layer that is elsewhere, behind `urls`, cannot be copied by its digest. */
const FOREIGN_LAYER = /foreign|nondistributable/;

export async function resolveBaseImage(
  registry: RegistryClient,
  image: ImageReference,
  platform: Platform,
  memory: AssemblyMemory,
  signal: AbortSignal,
): Promise<BaseImage> {
  const resolved = await getManifest(registry, image, image.reference, signal);
  const { digest } = resolved;
  const single = isIndex(resolved) ? choose(resolved, image, platform) : digest;
  const name = `${image.registry}/${image.repository}@${single} for ${platform.os}/${platform.architecture}`;
  const known = memory.baseImage(name);
  if (known !== undefined) {
    return { digest, ...known };
  }
  const manifest = single === digest ? resolved : await getManifest(registry, image, single, signal);
  const platformImage = await readPlatformImage(registry, image, platform, manifest, signal);
  memory.addBaseImage(name, platformImage);
  return { digest, ...platformImage };
}

async function readPlatformImage(
  registry: RegistryClient,
  image: ImageReference,
  platform: Platform,
  single: Manifest,
  signal: AbortSignal,
): Promise<PlatformImage> {
  const mediaTypes = [DOCKER, OCI].find(({ manifest }) => manifest === single.mediaType);
  if (mediaTypes === undefined) {
    throw unsupported(image, `is of the type ${JSON.stringify(single.mediaType)}`);
  }
  const { config: configDescriptor, layers } = JSON.parse(single.content.toString()) as ImageManifest;
  if (layers.some(({ mediaType }) => FOREIGN_LAYER.test(mediaType))) {
    throw unsupported(image, 'has layers that its registry does not hold');
  }
  const config = JSON.parse((await registry.getBlob(configDescriptor, signal)).toString()) as ImageConfig;
  const { os = '', architecture = '' } = config;
  // A chart of Helm, a signature: an image is the envelope of other things, too.
  if (os === '' || architecture === '') {
    throw unsupported(
      image,
      `has a configuration of the type ${JSON.stringify(configDescriptor.mediaType)}, for no platform`,
    );
  }
  if (os !== platform.os || architecture !== platform.architecture) {
    throw platformMissing(image, platform, [`${os}/${architecture}`]);
  }
  if (config.rootfs.diff_ids.length !== layers.length) {
    throw unsupported(image, `has ${layers.length} layers and a configuration for ${config.rootfs.diff_ids.length}`);
  }
  return { mediaTypes, layers, config };
}

async function getManifest(
  registry: RegistryClient,
  image: ImageReference,
  reference: string,
  signal: AbortSignal,
): Promise<Manifest> {
  const manifest = await registry.findManifest(reference, signal);
  if (manifest === undefined) {
    throw new ImageAssemblyError(
      'ERR_BASE_NOT_FOUND',
      `the base image ${image.text} was not found: ${image.registry} has no ${reference} ` +
        `in the repository ${image.repository}; correct its name, tag or digest`,
    );
  }
  return manifest;
}

function isIndex({ mediaType }: Manifest): boolean {
  return mediaType === OCI.index || mediaType === DOCKER.index;
}

/**
 * The digest of the image for the platform. Buildx adds attestations for the platform `unknown/unknown`, which are no
 * images.
 */
function choose(index: Manifest, image: ImageReference, platform: Platform): string {
  const { manifests } = JSON.parse(index.content.toString()) as ImageIndex;
  const match = manifests.find(
    entry => entry.platform?.os === platform.os && entry.platform.architecture === platform.architecture,
  );
  if (match === undefined) {
    const there = manifests.flatMap(entry =>
      entry.platform === undefined || entry.platform.os === 'unknown'
        ? []
        : [`${entry.platform.os}/${entry.platform.architecture}`],
    );
    throw platformMissing(image, platform, there);
  }
  return match.digest;
}

function platformMissing(
  image: ImageReference,
  { os, architecture }: Platform,
  there: readonly string[],
): ImageAssemblyError {
  return new ImageAssemblyError(
    'ERR_BASE_PLATFORM_MISSING',
    `the base image ${image.text} is there for ${there.join(', ') || 'no platform'}, ` +
      `not for ${os}/${architecture}, which AgentCore Runtime needs: choose another base image`,
  );
}

function unsupported(image: ImageReference, problem: string): ImageAssemblyError {
  return new ImageAssemblyError(
    'ERR_BASE_UNSUPPORTED',
    `the base image ${image.text} ${problem}; images of Docker (manifest version 2, schema 2) ` +
      'and OCI with layers of their own are allowed: choose another base image',
  );
}
