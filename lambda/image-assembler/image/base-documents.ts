import { IMAGE_DIGEST } from 'stateful-mcp-contract';
import { ImageAssemblyError } from '../common/failures';
import type { ImageReference } from '../common/image-reference';
import type { Descriptor, ImageManifest, Platform } from '../common/media-types';
import type { ImageConfig } from './platform-image';

/** One image of an index, or something beside its images. */
export interface IndexEntry {
  readonly digest?: unknown;
  readonly platform?: Partial<Platform> | null;
  /** What it is, where it is no image. */
  readonly artifactType?: unknown;
}

const DIGEST = new RegExp(`^${IMAGE_DIGEST}$`);

/** A layer that is elsewhere, behind `urls`, cannot be copied by its digest. */
const FOREIGN_LAYER = /foreign|nondistributable/;

/** https://github.com/containers/ocicrypt */
const ENCRYPTED_LAYER = /\+encrypted$/;

/** What an index lists. */
export function entriesOf(image: ImageReference, content: Buffer): IndexEntry[] {
  const { manifests } = documentOf(image, 'index', content);
  if (!Array.isArray(manifests)) {
    throw unsupported(image, 'has an index without `manifests`');
  }
  return manifests.filter(isRecord);
}

/** The configuration and the layers of an image, all of which its registry holds. */
export function partsOf(image: ImageReference, content: Buffer): Pick<ImageManifest, 'config' | 'layers'> {
  const { config, layers } = documentOf(image, 'manifest', content);
  // Programs in Go write a list of nothing so.
  const listed: unknown = layers ?? [];
  if (!isRecord(config) || !Array.isArray(listed)) {
    throw unsupported(image, 'has a manifest without `config` and `layers`');
  }
  const types = listed.map((layer: unknown) => (isRecord(layer) ? String(layer.mediaType) : ''));
  if (types.some(type => FOREIGN_LAYER.test(type))) {
    throw unsupported(image, 'has layers that its registry does not hold');
  }
  if (types.some(type => ENCRYPTED_LAYER.test(type))) {
    throw unsupported(image, 'has encrypted layers, for which AgentCore Runtime has no key');
  }
  return {
    config: descriptorOf(image, 'a configuration', config),
    layers: listed.map((layer: unknown) => descriptorOf(image, 'a layer', layer)),
  };
}

/** What an image says of itself. Its platform may be missing: not all that has the form of an image is one. */
export function configOf(image: ImageReference, content: Buffer): ImageConfig {
  return documentOf(image, 'configuration', content) as unknown as ImageConfig;
}

/** The digests of the uncompressed layers. */
export function diffIdsOf(image: ImageReference, { rootfs }: Partial<ImageConfig>): string[] {
  const diffIds: unknown = isRecord(rootfs) ? (rootfs.diff_ids ?? []) : undefined;
  if (!Array.isArray(diffIds) || !diffIds.every(diffId => typeof diffId === 'string')) {
    throw unsupported(image, 'has a configuration without `rootfs.diff_ids`');
  }
  return diffIds;
}

/** A digest that content can be asked for by. */
export function digestIn(image: ImageReference, what: string, digest: unknown): string {
  if (typeof digest !== 'string' || !DIGEST.test(digest)) {
    throw unsupported(image, `names ${what} by ${JSON.stringify(digest)} instead of by "sha256:" and 64 digits`);
  }
  return digest;
}

export function unsupported(image: ImageReference, problem: string): ImageAssemblyError {
  return new ImageAssemblyError(
    'ERR_BASE_UNSUPPORTED',
    `the base image ${image.text} ${problem}; images of Docker (manifest version 2, schema 2) ` +
      'and OCI with layers of their own are allowed: choose another base image',
  );
}

function descriptorOf(image: ImageReference, what: string, given: unknown): Descriptor {
  const { digest, size, mediaType, ...others } = isRecord(given) ? given : {};
  const named = digestIn(image, what, digest);
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0 || typeof mediaType !== 'string') {
    throw unsupported(image, `names ${what} ${named} without a size and a media type`);
  }
  return { mediaType, digest: named, size, ...others };
}

function documentOf(image: ImageReference, what: string, content: Buffer): Readonly<Record<string, unknown>> {
  let document: unknown;
  try {
    document = JSON.parse(content.toString());
  } catch {
    // Told below, with what there is instead.
  }
  if (!isRecord(document)) {
    throw unsupported(
      image,
      `has the ${what} ${JSON.stringify(content.toString().slice(0, 60))}, which is no JSON object`,
    );
  }
  return document;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
