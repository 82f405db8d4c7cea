import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { ImageAssemblyData } from '../../lib/private/image-assembly-contract';
import type { ApplicationLayer } from './application-layer';
import type { AssemblyLog } from './assembly-log';
import { assembledImage, findAssembledImage } from './assembled-image';
import { resolveBaseImage, type BaseImage } from './base-image';
import { createImage, type Image } from './image';
import { inParallel } from './in-parallel';
import type { Descriptor } from './media-types';
import { Packing } from './packing';
import type { ImageAssemblyRequest } from './properties';
import type { BegunUpload, RegistryClient } from './registry-client';
import { tagOf } from './tag';

/** The outside of an assembly. */
export interface AssemblyEnvironment {
  /** The repository of the base image. */
  readonly base: RegistryClient;
  /** The repository that gets the image. */
  readonly target: RegistryClient;
  /** The zip archive of the application, as a file that is closed when the layer is made. */
  readonly openApplication: (signal: AbortSignal) => Promise<FileHandle>;
  readonly log: Pick<AssemblyLog, 'begin' | 'note'>;
}

/** Docker pushes five layers at a time. Three fill the network of a function. */
const PARALLEL_BLOBS = 3;

/** So little is sent in the time that a registry takes to say whether it has it. */
const SENT_UNASKED_BYTES = 1024 ** 2;

/** A registry may drop a layer that no image uses between the look for it and the manifest: then all layers are looked at again. */
const ROUNDS = 2;

/**
 * Assembles an image: the base image, one layer with the application, and a configuration.
 *
 * The manifest comes last, so there is a whole image under the tag or none. What comes before it can be repeated, by the same run
 * or by another at the same time, since layers are named by their content.
 */
export async function assembleImage(request: ImageAssemblyRequest, environment: AssemblyEnvironment, signal: AbortSignal): Promise<ImageAssemblyData> {
  const { target, log } = environment;
  const tag = tagOf(request);
  log.begin(`looking for ${tag} in ${request.repositoryUri}`);
  // The base image waits for the answer: some registries count what they are asked.
  const packing = new Packing(request, environment, signal);
  try {
    const earlier = await findAssembledImage(target, request, tag, signal);
    if (earlier !== undefined) {
      return earlier;
    }
    log.begin(`resolving the base image ${request.baseImage.text}, and packing the application`);
    const base = await resolveBaseImage(environment.base, request.baseImage, request.platform, signal);
    let uploads: Uploads | undefined = { application: target.beginUpload(signal), configuration: target.beginUpload(signal) };
    let missing = await missingLayers(base, environment, signal);
    const layer = await packing.layer;
    const image = createImage(request, base, layer);
    for (let round = 1; ; round++) {
      await pushLayers(image, { request, missing, layer, uploads }, environment, signal);
      log.begin(`pushing the manifest ${image.manifest.digest}`);
      const refusal = await target.putManifest(tag, image.manifest, signal);
      if (refusal === undefined) {
        return assembledImage(request, tag, image.manifest.digest, base.digest);
      }
      // A run at the same time may have been faster; its image has the same inputs.
      const other = await findAssembledImage(target, request, tag, signal);
      if (other !== undefined) {
        return other;
      }
      if (round === ROUNDS) {
        throw refusal;
      }
      uploads = undefined;
      missing = await missingLayers(base, environment, signal);
    }
  } finally {
    await packing.end();
  }
}

/** The layers of the base image that the repository lacks. Docker's images can hold the same empty layer several times. */
async function missingLayers(base: BaseImage, { target, log }: AssemblyEnvironment, signal: AbortSignal): Promise<readonly Descriptor[]> {
  const layers = new Map(base.layers.map(descriptor => [descriptor.digest, descriptor]));
  const present = new Set<string>();
  await inParallel([...layers.keys()], PARALLEL_BLOBS, signal, async (digest, lookSignal) => {
    if (await target.hasBlob(digest, lookSignal)) {
      present.add(digest);
      log.note(`layer ${digest}: present`);
    }
  });
  return [...layers.values()].filter(({ digest }) => !present.has(digest));
}

/** Begun while the application is packed. */
interface Uploads {
  readonly application: BegunUpload;
  readonly configuration: BegunUpload;
}

interface Parts {
  readonly request: ImageAssemblyRequest;
  readonly missing: readonly Descriptor[];
  readonly layer: ApplicationLayer;
  readonly uploads?: Uploads;
}

async function pushLayers(image: Image, { request, missing, layer, uploads }: Parts, environment: AssemblyEnvironment, signal: AbortSignal): Promise<void> {
  const { target, log } = environment;
  const { baseImage } = request;
  const mountFrom = baseImage.registry === request.target.registry ? baseImage.repository : undefined;
  const fromBase = missing.map(descriptor => (
    { what: 'layer', descriptor, open: (attempt: AbortSignal) => environment.base.readBlob(descriptor, attempt), options: { mountFrom, lookFirst: false } }));
  const own = [
    { what: 'application', descriptor: image.layer, open: layer.open, begun: uploads?.application },
    { what: 'configuration', descriptor: image.config, open: () => Readable.from([image.configContent]), begun: uploads?.configuration },
  ].map(({ begun, ...blob }) => ({ ...blob, options: { begun, lookFirst: blob.descriptor.size > SENT_UNASKED_BYTES } }));
  log.begin(`copying the ${missing.length} layers of the base image ${baseImage.text} that the repository lacks, and pushing the application, ${layer.size} bytes`);
  await inParallel([...fromBase, ...own], PARALLEL_BLOBS, signal, async ({ what, descriptor, open, options }, blobSignal) => {
    const outcome = await target.putBlob(descriptor, open, blobSignal, options);
    log.note(`${what} ${descriptor.digest} of ${descriptor.size} bytes: ${outcome}`);
  });
}
