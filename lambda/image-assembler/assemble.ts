import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { ImageAssemblyData } from '../../lib/private/image-assembly-contract';
import { createApplicationLayer, type ApplicationLayer } from './application-layer';
import type { AssemblyLog } from './assembly-log';
import { assembledImage, findAssembledImage } from './assembled-image';
import { resolveBaseImage, type BaseImage } from './base-image';
import { createImage, type Image } from './image';
import { inParallel } from './in-parallel';
import type { ImageAssemblyRequest } from './properties';
import type { RegistryClient } from './registry-client';
import { tagOf } from './tag';
import { filesOfZip } from './zip-archive';

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
  const earlier = await findAssembledImage(target, request, tag, signal);
  if (earlier !== undefined) {
    return earlier;
  }
  log.begin(`resolving the base image ${request.baseImage.text}, and packing the application`);
  const { base, layer } = await ingredientsOf(request, environment, signal);
  try {
    const image = createImage(request, base, layer);
    for (let round = 1; ; round++) {
      await pushLayers(image, { request, base, layer }, environment, signal);
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
    }
  } finally {
    await layer.dispose();
  }
}

async function ingredientsOf(request: ImageAssemblyRequest, environment: AssemblyEnvironment, signal: AbortSignal): Promise<Ingredients> {
  const [base, layer] = await Promise.allSettled([
    resolveBaseImage(environment.base, request.baseImage, request.platform, signal),
    packApplication(request, environment, signal),
  ]);
  if (base.status === 'fulfilled' && layer.status === 'fulfilled') {
    return { request, base: base.value, layer: layer.value };
  }
  if (layer.status === 'fulfilled') {
    await layer.value.dispose();
  }
  throw (base.status === 'rejected' ? base : layer as PromiseRejectedResult).reason;
}

async function packApplication(request: ImageAssemblyRequest, { openApplication }: AssemblyEnvironment, signal: AbortSignal): Promise<ApplicationLayer> {
  const archive = await openApplication(signal);
  try {
    return await createApplicationLayer(await filesOfZip(archive), request.workingDirectory, signal);
  } finally {
    await archive.close();
  }
}

interface Ingredients {
  readonly request: ImageAssemblyRequest;
  readonly base: BaseImage;
  readonly layer: ApplicationLayer;
}

async function pushLayers(image: Image, { request, base, layer }: Ingredients, environment: AssemblyEnvironment, signal: AbortSignal): Promise<void> {
  const { target, log } = environment;
  const { baseImage } = request;
  const mountFrom = baseImage.registry === request.target.registry ? baseImage.repository : undefined;
  // Docker's images can hold the same empty layer several times.
  const baseLayers = new Map(base.layers.map(descriptor => [descriptor.digest, descriptor]));
  const fromBase = [...baseLayers.values()].map(descriptor => (
    { what: 'layer', descriptor, open: (attempt: AbortSignal) => environment.base.readBlob(descriptor, attempt), mountFrom }));
  const own = [
    { what: 'application', descriptor: image.layer, open: layer.open, mountFrom: undefined },
    { what: 'configuration', descriptor: image.config, open: () => Readable.from([image.configContent]), mountFrom: undefined },
  ];
  log.begin(`copying the ${baseLayers.size} layers of the base image ${baseImage.text}, and pushing the application, ${layer.size} bytes`);
  await inParallel([...fromBase, ...own], PARALLEL_BLOBS, signal, async (blob, blobSignal) => {
    const outcome = await target.putBlob(blob.descriptor, blob.open, blobSignal, blob.mountFrom);
    log.note(`${blob.what} ${blob.descriptor.digest} of ${blob.descriptor.size} bytes: ${outcome}`);
  });
}
