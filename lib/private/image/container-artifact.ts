import { Lazy } from 'aws-cdk-lib';
import { AgentRuntimeArtifact } from 'aws-cdk-lib/aws-bedrockagentcore';

/**
 * A container image for the L2, by a URI that is known to be right.
 *
 * The L2 checks it by a pattern that lacks the public registry, and in older versions of the CDK China. The service
 * takes both. What is unresolved, the L2 leaves alone.
 */
export function containerArtifact(uri: string): AgentRuntimeArtifact {
  return AgentRuntimeArtifact.fromImageUri(Lazy.string({ produce: () => uri }));
}
