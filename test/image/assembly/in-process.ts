import { assembleImage } from '../../../lambda/image-assembler/assembly/assemble';
import { AssemblyMemory } from '../../../lambda/image-assembler/image/assembly-memory';
import { HttpTransport } from '../../../lambda/common/http-transport';
import { parseProperties } from '../../../lambda/image-assembler/common/properties';
import { RegistryClient } from '../../../lambda/image-assembler/registry/registry-client';
import type { CredentialsSource } from '../../../lambda/image-assembler/registry/registry-authorization';
import { explainBase, explainRepository } from '../../../lambda/image-assembler/registry/registry-failures';
import { RETRY_POLICY } from '../../../lambda/common/retry';
import { temporaryFile } from '../../../lambda/image-assembler/layer/temporary-file';
import type { ImageAssemblyData, ImageAssemblyProperties } from '../../../lib/private/image/image-assembly-contract';
import type { Application } from '../containers/application';
import type { Architecture } from '../containers/base-image';
import { PROGRAM } from './image-assembler';

export interface InProcessAssembly
  extends
    Pick<ImageAssemblyProperties, 'repositoryUri' | 'baseImage'>,
    Partial<Pick<ImageAssemblyProperties, 'entrypoint' | 'environment'>> {
  readonly application: Application;
  readonly architecture: Architecture;
  readonly credentials?: CredentialsSource;
  /** @default none: each assembly is that of a process of its own */
  readonly memory?: AssemblyMemory;
  readonly note?: (event: string) => void;
}

/** Assembles by the library, for any architecture and from registries without TLS. */
export async function assembleInProcess(assembly: InProcessAssembly): Promise<ImageAssemblyData> {
  const { application, architecture, credentials, memory = new AssemblyMemory(), note, ...images } = assembly;
  const archive = { bucketName: 'none', objectKey: 'none', contentHash: application.contentHash };
  const request = parseProperties({ ...PROGRAM, ...images, application: archive }, { os: 'linux', architecture });
  const { baseImage, target } = request;
  const transport = new HttpTransport();
  const client = (registry: string, repository: string) => ({
    endpoint: new URL(`http://${registry}`),
    repository,
    credentials,
    transport,
    retryPolicy: RETRY_POLICY,
    idleTimeoutMs: 10_000,
  });
  try {
    return await assembleImage(
      request,
      {
        base: new RegistryClient({
          ...client(baseImage.registry, baseImage.repository),
          access: 'pull',
          explain: explainBase(baseImage),
        }),
        target: new RegistryClient({
          ...client(target.registry, target.repository),
          access: 'pull,push',
          explain: explainRepository(request.repositoryUri),
        }),
        openApplication: async () => {
          const file = await temporaryFile();
          await file.appendFile(application.archive);
          return file;
        },
        memory,
        log: { begin: () => undefined, note: note ?? (() => undefined) },
      },
      AbortSignal.timeout(120_000),
    );
  } finally {
    transport.close();
  }
}
