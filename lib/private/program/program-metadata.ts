import type { CfnRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { PROGRAM_METADATA_KEY, SOURCE_METADATA_TYPE } from '../common/contract';
import type { ProgramBundle } from './program-bundle';

/**
 * What a runtime in the template says about the bundle in its image.
 *
 * The image is made during the deployment, so nothing else in a cloud assembly leads from the runtime to its code.
 */
export interface ProgramMetadata {
  /** The file asset with the bundle, by the object key that it is published under. */
  readonly assetObjectKey: string;

  /** The program and its arguments, as the image starts them in the root of the bundle: `['node', …, 'index.js']`. */
  readonly command: string[];

  /** Environment variables that the image sets. */
  readonly environment?: Record<string, string>;

  /** The image that brings the interpreter. */
  readonly baseImage: string;
}

/**
 * Where the bundle of a runtime comes from on this machine.
 *
 * It names folders of this machine, so it stays out of the template, which is the same wherever it is synthesized.
 */
export interface SourceMetadata {
  /** The folder of the project. */
  readonly projectRoot: string;

  /** What esbuild made the program of the bundle with; all that stands beside the program stays as it is. */
  readonly esbuildOptions?: object;
}

/** Undefined when the stack is not being bundled. */
export function sourceOf({ files, projectRoot, esbuildOptions }: ProgramBundle): SourceMetadata | undefined {
  return files.length === 0 ? undefined : { projectRoot, esbuildOptions };
}

/** What is known of the program of a runtime: nothing of one whose image others make. */
export interface ProgramDescription {
  readonly program?: ProgramMetadata;
  readonly source?: SourceMetadata;
}

/**
 * Lets whoever reads the cloud assembly, such as the local runtime, start a server without its image, and bundle it
 * again when its source changes.
 */
export function describeProgram(runtime: CfnRuntime, { program, source }: ProgramDescription): void {
  if (program !== undefined) {
    runtime.addMetadata(PROGRAM_METADATA_KEY, program);
  }
  if (source !== undefined) {
    runtime.node.addMetadata(SOURCE_METADATA_TYPE, source);
  }
}
