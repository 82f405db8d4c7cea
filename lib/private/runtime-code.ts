import type { AgentRuntimeArtifact } from 'aws-cdk-lib/aws-bedrockagentcore';
import type { IRole } from 'aws-cdk-lib/aws-iam';

/** Code that a runtime can be created from, whatever its form. */
export interface RuntimeCode {
  readonly artifact: AgentRuntimeArtifact;

  /** Lets the execution role fetch this code, and nothing beside it. */
  grantFetch(role: IRole): void;
}
