import type { ImageAssemblyData } from '../../../lib/private/image/image-assembly-contract';
import { assembledImage, findAssembledImage } from '../image/assembled-image';
import { awaitedLater } from '../../common/awaited-later';
import { resolveBaseImage } from '../image/base-image';
import { applicationBlob, createConfiguration, createManifest, refuseBeyondLimits, type OwnBlob } from '../image/image';
import { inParallel } from '../../common/in-parallel';
import type { Descriptor } from '../common/media-types';
import { Packing } from './packing';
import type { ImageAssemblyRequest } from '../common/properties';
import type { BegunUpload } from '../registry/registry-client';
import { tagOf } from '../image/tag';
import { type AssemblyEnvironment } from './assembly-environment';
import { type BaseImage } from '../image/platform-image';

/** Docker pushes five layers at a time. Three fill the network of a function. */
const PARALLEL_BLOBS = 3;

/** So little is sent in the time that a registry takes to say whether it has it. */
const SENT_UNASKED_BYTES = 1024 ** 2;

/**
 * A registry may drop a layer after the look for it, now or in an earlier assembly: then it refuses the manifest, and
 * all are looked at again.
 */
const ROUNDS = 2;

/**
 * Assembles an image: the base image, one layer with the application, and a configuration.
 *
 * The manifest comes last, so there is a whole image under the tag or none. What comes before it can be repeated, by
 * the same run or by another at the same time, since layers are named by their content.
 */
export async function assembleImage(
  request: ImageAssemblyRequest,
  environment: AssemblyEnvironment,
  signal: AbortSignal,
): Promise<ImageAssemblyData> {
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
    const base = await resolveBaseImage(
      environment.base,
      request.baseImage,
      request.platform,
      environment.memory,
      signal,
    );
    refuseBeyondLimits(request, base);
    let uploads: Uploads | undefined = {
      application: target.beginUpload(signal),
      configuration: target.beginUpload(signal),
    };
    const configuration = awaitedLater(packing.diffId.then(diffId => createConfiguration(request, base, diffId)));
    const application = awaitedLater(packing.layer.then(layer => applicationBlob(request, base, layer)));
    for (let round = 1; ; round++) {
      const missing = await missingLayers(request, base, environment, signal);
      await pushBlobs(
        { request, missing, configuration, application, uploads, giveUp: () => packing.giveUp() },
        environment,
        signal,
      );
      const manifest = createManifest(base, await configuration, await application);
      log.begin(`pushing the manifest ${manifest.digest}`);
      const refusal = await target.putManifest(tag, manifest, signal);
      if (refusal === undefined) {
        environment.memory.addLayers(request.repositoryUri, base.layers);
        return assembledImage(request, tag, manifest.digest, base.digest);
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
      environment.memory.forgetLayers();
    }
  } finally {
    await packing.end();
  }
}

/**
 * The layers of the base image that the repository lacks. Docker's images can hold the same empty layer several times.
 */
async function missingLayers(
  { repositoryUri }: ImageAssemblyRequest,
  base: BaseImage,
  environment: AssemblyEnvironment,
  signal: AbortSignal,
): Promise<readonly Descriptor[]> {
  const { target, memory, log } = environment;
  const layers = new Map(base.layers.map(descriptor => [descriptor.digest, descriptor]));
  const present = new Set<string>();
  await inParallel([...layers.keys()], PARALLEL_BLOBS, signal, async (digest, lookSignal) => {
    if (memory.hasLayer(repositoryUri, digest) || (await target.hasBlob(digest, lookSignal))) {
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
  /** The layers of the base image that the repository lacks. */
  readonly missing: readonly Descriptor[];
  readonly configuration: Promise<OwnBlob>;
  readonly application: Promise<OwnBlob>;
  readonly uploads?: Uploads;
  /** What to do when something else fails than what the application waits for. */
  readonly giveUp: () => void;
}

/**
 * Pushes all that the image consists of. Layers are copied while the application is packed; a failure of either ends
 * the other.
 */
async function pushBlobs(parts: Parts, environment: AssemblyEnvironment, signal: AbortSignal): Promise<void> {
  const { request, missing, configuration, application, uploads, giveUp } = parts;
  const { target, log } = environment;
  const { baseImage } = request;
  const mountFrom = baseImage.registry === request.target.registry ? baseImage.repository : undefined;
  const fromBase = missing.map(descriptor => ({
    what: 'layer',
    blob: { descriptor, open: (attempt: AbortSignal) => environment.base.readBlob(descriptor, attempt) },
    options: { mountFrom, lookFirst: false },
  }));
  const own = [
    { what: 'configuration', blob: configuration, options: { begun: uploads?.configuration } },
    { what: 'application', blob: application, options: { begun: uploads?.application } },
  ];
  log.begin(
    `copying the ${missing.length} layers of the base image ${baseImage.text} that the repository lacks, and packing and pushing the application`,
  );
  await inParallel(
    [...own, ...fromBase],
    own.length + PARALLEL_BLOBS,
    signal,
    async ({ what, blob, options }, blobSignal) => {
      blobSignal.addEventListener('abort', giveUp);
      const { descriptor, open } = await blob;
      const outcome = await target.putBlob(descriptor, open, blobSignal, {
        lookFirst: descriptor.size > SENT_UNASKED_BYTES,
        ...options,
      });
      log.note(`${what} ${descriptor.digest} of ${descriptor.size} bytes: ${outcome}`);
    },
  );
}
