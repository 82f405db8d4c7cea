import { CompressedBlocks } from '../layer/compressed-blocks';
import type { Descriptor } from '../common/media-types';
import type { PlatformImage } from './platform-image';

/** More than a stack has, and few enough to keep. */
const LIMIT = 1000;

/**
 * What a warm function knows from earlier assemblies: what base images consist of, which of their layers a repository
 * has, and what blocks of applications become. It saves requests, which registries limit, and time. It may be wrong
 * about layers: the registry has the last word on a manifest.
 */
export class AssemblyMemory {
  public readonly blocks = new CompressedBlocks();
  private readonly baseImages = new Map<string, PlatformImage>();
  private readonly layers = new Map<string, true>();

  /** @param name - with the digest, for which an image never changes, and the platform */
  public baseImage(name: string): PlatformImage | undefined {
    return this.baseImages.get(name);
  }

  public addBaseImage(name: string, image: PlatformImage): void {
    add(this.baseImages, name, image);
  }

  public hasLayer(repository: string, digest: string): boolean {
    return this.layers.has(`${repository}@${digest}`);
  }

  public addLayers(repository: string, layers: readonly Descriptor[]): void {
    for (const { digest } of layers) {
      add(this.layers, `${repository}@${digest}`, true);
    }
  }

  public forgetLayers(): void {
    this.layers.clear();
  }
}

function add<T>(map: Map<string, T>, key: string, value: T): void {
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > LIMIT && oldest !== undefined) {
    map.delete(oldest);
  }
}
