import { Lazy } from 'aws-cdk-lib';
import { AgentRuntimeArtifact } from 'aws-cdk-lib/aws-bedrockagentcore';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import { grantingArtifact } from '../program/granting-artifact';

/**
 * A container image for the L2, by a URI that is known to be right.
 *
 * The L2 checks it by a pattern that lacks the public registry, and in older versions of the CDK China. The service
 * takes both. What is unresolved, the L2 leaves alone.
 *
 * @param grant - lets the role pull the image
 */
export function containerArtifact(uri: string, grant: (role: IRole) => void = () => undefined): AgentRuntimeArtifact {
  return grantingArtifact(AgentRuntimeArtifact.fromImageUri(Lazy.string({ produce: () => uri })), grant);
}
