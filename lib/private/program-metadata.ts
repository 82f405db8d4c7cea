import type { CfnRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';

/** The key of the metadata of a runtime in the template. */
export const PROGRAM_METADATA_KEY = 'cdk-stateful-mcp:program';

/**
 * What a runtime in the template says about the bundle in its image.
 *
 * The image is made during the deployment, so nothing else in a cloud assembly leads from the runtime to its code.
 */
export interface ProgramMetadata {
  /** The file asset with the bundle, by the object key that it is published under. */
  readonly assetObjectKey: string;

  /** The program and its arguments, as the image starts them in the root of the bundle: `['node', 'index.js']`. */
  readonly command: string[];

  /** Environment variables that the image sets. */
  readonly environment?: Record<string, string>;

  /** The image that brings the interpreter. */
  readonly baseImage: string;
}

/** Lets whoever reads the cloud assembly, such as the local runtime, start a server without its image. */
export function describeProgram(runtime: CfnRuntime, program: ProgramMetadata | undefined): void {
  if (program !== undefined) {
    runtime.addMetadata(PROGRAM_METADATA_KEY, program);
  }
}
