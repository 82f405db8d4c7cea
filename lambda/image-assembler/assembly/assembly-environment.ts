import type { FileHandle } from 'node:fs/promises';
import type { AssemblyLog } from '../common/assembly-log';
import type { AssemblyMemory } from '../image/assembly-memory';
import type { RegistryClient } from '../registry/registry-client';

/** The outside of an assembly. */
export interface AssemblyEnvironment {
  /** The repository of the base image. */
  readonly base: RegistryClient;
  /** The repository that gets the image. */
  readonly target: RegistryClient;
  /** The zip archive of the application, as a file that is closed when the layer is made. */
  readonly openApplication: (signal: AbortSignal) => Promise<FileHandle>;
  readonly memory: AssemblyMemory;
  readonly log: Pick<AssemblyLog, 'begin' | 'note'>;
}
