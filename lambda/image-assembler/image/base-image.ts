import type { AssemblyMemory } from './assembly-memory';
import { configOf, diffIdsOf, digestIn, entriesOf, partsOf, unsupported, type IndexEntry } from './base-documents';
import { ImageAssemblyError } from '../common/failures';
import type { ImageReference } from '../common/image-reference';
import { DOCKER, OCI, type Platform } from '../common/media-types';
import type { Manifest, RegistryClient } from '../registry/registry-client';
import { type BaseImage, type PlatformImage } from './platform-image';

/** Some name the type of the configuration for that of an artifact. */
const IMAGE_TYPES: readonly unknown[] = [undefined, OCI.config, DOCKER.config];

/** What is looked for, and where. */
interface Search {
  readonly registry: RegistryClient;
  readonly image: ImageReference;
  readonly platform: Platform;
  readonly memory: AssemblyMemory;
  readonly signal: AbortSignal;
}

export async function resolveBaseImage(
  registry: RegistryClient,
  image: ImageReference,
  platform: Platform,
  memory: AssemblyMemory,
  signal: AbortSignal,
): Promise<BaseImage> {
  const search = { registry, image, platform, memory, signal };
  const resolved = await getManifest(search, image.reference);
  return { digest: resolved.digest, ...(await platformImageOf(search, resolved)) };
}

async function platformImageOf(search: Search, manifest: Manifest): Promise<PlatformImage> {
  if (isIndex(manifest)) {
    return chosenOf(search, entriesOf(search.image, manifest.content));
  }
  const known = search.memory.baseImage(nameOf(search, manifest.digest));
  if (known !== undefined) {
    return known;
  }
  const platformImage = await readPlatformImage(search, manifest);
  search.memory.addBaseImage(nameOf(search, manifest.digest), platformImage);
  return platformImage;
}

/**
 * The image of an index for the platform.
 *
 * An entry need not say what it is for. Then its configuration does, or it is an index itself. What is beside the
 * images may be for a platform, too: it says what it is by its `artifactType`. Buildx adds attestations for the
 * platform `unknown/unknown`.
 */
async function chosenOf(search: Search, entries: readonly IndexEntry[]): Promise<PlatformImage> {
  const { image, platform } = search;
  const images = entries.filter(({ artifactType }) => IMAGE_TYPES.includes(artifactType));
  const match = images.find(entry => isFor(entry, platform));
  if (match !== undefined) {
    return platformImageAt(search, digestIn(image, 'an image', match.digest));
  }
  let refusal: ImageAssemblyError | undefined;
  for (const { digest } of images.filter(entry => entry.platform == null && entry.digest !== undefined)) {
    try {
      return await platformImageAt(search, digestIn(image, 'an image', digest));
    } catch (error) {
      refusal = refusalOf(error);
    }
  }
  const there = images.flatMap(entry =>
    entry.platform == null || entry.platform.os === 'unknown'
      ? []
      : [`${entry.platform.os}/${entry.platform.architecture}`],
  );
  throw there.length === 0 && refusal !== undefined ? refusal : platformMissing(image, platform, there);
}

/** Why an image is not the one that is looked for. Anything else is thrown. */
function refusalOf(error: unknown): ImageAssemblyError {
  if (
    error instanceof ImageAssemblyError &&
    ['ERR_BASE_NOT_FOUND', 'ERR_BASE_PLATFORM_MISSING', 'ERR_BASE_UNSUPPORTED'].includes(error.code)
  ) {
    return error;
  }
  throw error;
}

async function platformImageAt(search: Search, digest: string): Promise<PlatformImage> {
  return search.memory.baseImage(nameOf(search, digest)) ?? platformImageOf(search, await getManifest(search, digest));
}

async function readPlatformImage(
  { registry, image, platform, signal }: Search,
  single: Manifest,
): Promise<PlatformImage> {
  const mediaTypes = [DOCKER, OCI].find(({ manifest }) => manifest === single.mediaType);
  if (mediaTypes === undefined) {
    throw unsupported(image, `is of the type ${JSON.stringify(single.mediaType)}`);
  }
  const { config: configDescriptor, layers } = partsOf(image, single.content);
  const config = configOf(image, await registry.getBlob(configDescriptor, signal));
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
  const diffIds = diffIdsOf(image, config);
  if (diffIds.length !== layers.length) {
    throw unsupported(image, `has ${layers.length} layers and a configuration for ${diffIds.length}`);
  }
  return { mediaTypes, layers, config: { ...config, rootfs: { ...config.rootfs, diff_ids: diffIds } } };
}

async function getManifest({ registry, image, signal }: Search, reference: string): Promise<Manifest> {
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

/** What the memory knows an image for one platform by. */
function nameOf({ image, platform }: Search, digest: string): string {
  return `${image.registry}/${image.repository}@${digest} for ${platform.os}/${platform.architecture}`;
}

function isIndex({ mediaType }: Manifest): boolean {
  return mediaType === OCI.index || mediaType === DOCKER.index;
}

function isFor(entry: IndexEntry, { os, architecture }: Platform): boolean {
  return entry.platform?.os === os && entry.platform.architecture === architecture;
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
