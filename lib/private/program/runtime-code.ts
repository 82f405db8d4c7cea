import type { AgentRuntimeArtifact } from 'aws-cdk-lib/aws-bedrockagentcore';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IDependable } from 'constructs';
import type { ProgramMetadata, SourceMetadata } from './program-metadata';

/** Code that a runtime can be created from, whatever its form. */
export interface RuntimeCode {
  readonly artifact: AgentRuntimeArtifact;

  /** The image, where the code is in one. */
  readonly imageUri?: string;

  /**
   * Lets the execution role fetch this code, and do what the code does for itself; nothing beside it.
   *
   * @returns what has to be there before a runtime is created from this code, beside the role and its policies
   */
  grantTo(role: IRole, runtimeName: string): IDependable[];

  /** It was written with `stateful-mcp-server`, as far as that can be seen. */
  readonly usesServerKit?: boolean;

  /** The server's own repository, where it has one. */
  readonly repository?: IRepository;

  /** The bundle in an image, for whoever runs the server without the image. */
  readonly program?: ProgramMetadata;

  /** What was bundled, for whoever bundles it again. */
  readonly source?: SourceMetadata;
}
