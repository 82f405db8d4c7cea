import { createApplicationLayer, type ApplicationLayer } from './application-layer';
import type { AssemblyEnvironment } from './assemble';
import type { ImageAssemblyRequest } from './properties';
import { filesOfZip } from './zip-archive';

/** Makes the layer with the application while other things are done, which may turn out to make it needless. */
export class Packing {
  public readonly layer: Promise<ApplicationLayer>;
  private readonly needless = new AbortController();

  constructor(request: ImageAssemblyRequest, environment: AssemblyEnvironment, signal: AbortSignal) {
    this.layer = packed(request, environment, AbortSignal.any([signal, this.needless.signal]));
    // A failure is for those who wait for the layer; there may be none.
    this.layer.catch(() => undefined);
  }

  /** Gives the layer up, finished or not. */
  public async end(): Promise<void> {
    this.needless.abort();
    await this.layer.then(layer => layer.dispose(), () => undefined);
  }
}

async function packed({ workingDirectory }: ImageAssemblyRequest, { openApplication }: AssemblyEnvironment, signal: AbortSignal): Promise<ApplicationLayer> {
  const archive = await openApplication(signal);
  try {
    return await createApplicationLayer(await filesOfZip(archive), workingDirectory, signal);
  } finally {
    await archive.close();
  }
}
