import { randomBytes } from 'node:crypto';
import type { ImageAssemblyData } from '../../../../lib/private/image/image-assembly-contract';
import { assembleImage } from '../../../../lambda/image-assembler/assembly/assemble';
import { AssemblyMemory } from '../../../../lambda/image-assembler/image/assembly-memory';
import { OCI } from '../../../../lambda/image-assembler/common/media-types';
import { fileOf, zipOf } from '../archives';
import { baseClient, closeTransports, targetClient } from '../clients';
import { startFaultyRegistry, type FaultyRegistry } from '../faulty-registry';
import { requestWith } from '../requests';
import { type AssemblyEnvironment } from '../../../../lambda/image-assembler/assembly/assembly-environment';

/** A signal that nobody aborts. */
export const { signal } = new AbortController();
/** Layers of the base image, which has the first of them twice. */
export const LAYERS = [randomBytes(100_000), randomBytes(50_000)];
/** The registry of the base image; each test has new ones. */
export let base: FaultyRegistry;
/** The registry that images are assembled in. */
export let target: FaultyRegistry;
/** The application of the next assembly. */
export let archive: Buffer;
const log = { begin: () => undefined, note: () => undefined };

beforeEach(async () => {
  archive = await zipOf({ 'index.js': 'console.log(1);', 'data.bin': randomBytes(300_000) });
  base = await startFaultyRegistry();
  target = await startFaultyRegistry();
  const [first, second] = LAYERS.map(layer => base.addBlob(layer, OCI.gzippedLayer));
  useBase([first, second, first]);
});

afterEach(async () => {
  closeTransports();
  await base.close();
  await target.close();
});

/** Makes a base image of these layers, which {@link base} has. */
export function useBase(layers: readonly unknown[]): void {
  const diff_ids = layers.map((_, index) => String(index));
  const config = base.addBlob(
    JSON.stringify({ os: 'linux', architecture: 'arm64', rootfs: { type: 'layers', diff_ids } }),
    OCI.config,
  );
  const manifest = { schemaVersion: 2, mediaType: OCI.manifest, config, layers };
  base.manifests.set('1', { mediaType: OCI.manifest, content: Buffer.from(JSON.stringify(manifest)) });
}

/** Sets the application of the next assembly. */
export function useArchive(next: Buffer): void {
  archive = next;
}

/** Puts an empty registry in the place of {@link target}. */
export async function renewTarget(): Promise<void> {
  await target.close();
  target = await startFaultyRegistry();
}

/** A request for an image on {@link base}. */
export function request() {
  return requestWith({ baseImage: `${base.host}/library/base:1` });
}

/** An environment without any memory, with these changes. */
export function environmentWith(change: Partial<AssemblyEnvironment> = {}): AssemblyEnvironment {
  return {
    base: baseClient(base),
    target: targetClient(target),
    openApplication: () => fileOf(archive),
    memory: new AssemblyMemory(),
    log,
    ...change,
  };
}

/** Assembles the image of {@link request}. */
export function assemble(abort = signal): Promise<ImageAssemblyData> {
  return assembleImage(request(), environmentWith(), abort);
}

/** Whether the target has the manifest and everything it names. */
export function isWhole(reference: string): boolean {
  const { config, layers } = JSON.parse(target.manifests.get(reference)?.content.toString() ?? '') as {
    config: { digest: string };
    layers: { digest: string }[];
  };
  return [config, ...layers].every(({ digest }) => target.blobs.has(digest));
}
