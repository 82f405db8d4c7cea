import { createApplicationLayer, type ApplicationLayer, type PackingOptions } from '../layer/application-layer';
import { awaitedLater } from '../../common/awaited-later';
import type { ImageAssemblyRequest } from '../common/properties';
import { filesOfZip } from '../layer/zip-archive';
import type { AssemblyEnvironment } from './assembly-environment';

/** Makes the layer with the application while other things are done, which may turn out to make it needless. */
export class Packing {
  public readonly layer: Promise<ApplicationLayer>;
  /** Known before the layer is compressed to its end. */
  public readonly diffId: Promise<string>;
  private readonly needless = new AbortController();

  public constructor(request: ImageAssemblyRequest, environment: AssemblyEnvironment, signal: AbortSignal) {
    let uncompressed: (diffId: string) => void = () => undefined;
    const diffId = new Promise<string>(resolve => {
      uncompressed = resolve;
    });
    const options = {
      signal: AbortSignal.any([signal, this.needless.signal]),
      blocks: environment.memory.blocks,
      uncompressed,
    };
    this.layer = packed(request, environment, options);
    this.diffId = awaitedLater(Promise.race([diffId, this.layer.then(layer => layer.diffId)]));
  }

  /** Stops the packing, if it is not finished: whoever waits for it is told. */
  public giveUp(): void {
    this.needless.abort();
  }

  /** Gives the layer up, finished or not. */
  public async end(): Promise<void> {
    this.giveUp();
    await this.layer.then(
      layer => layer.dispose(),
      () => undefined,
    );
  }
}

async function packed(
  { workingDirectory }: ImageAssemblyRequest,
  { openApplication }: AssemblyEnvironment,
  options: PackingOptions,
): Promise<ApplicationLayer> {
  const archive = await openApplication(options.signal);
  try {
    return await createApplicationLayer(await filesOfZip(archive), workingDirectory, options);
  } finally {
    await archive.close();
  }
}
