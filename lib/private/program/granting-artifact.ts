import type { AgentRuntimeArtifact } from 'aws-cdk-lib/aws-bedrockagentcore';
import type { IRole } from 'aws-cdk-lib/aws-iam';

/**
 * Code for the L2 with permissions of ours in place of its own. The L2 would let the role read the whole bucket for
 * assets, that is, the code of every other stack. It would also grant while the template is rendered, too late for
 * aspects and validation plugins to see it.
 */
export function grantingArtifact(artifact: AgentRuntimeArtifact, grant: (role: IRole) => void): AgentRuntimeArtifact {
  let granted = false;
  const bind: AgentRuntimeArtifact['bind'] = (_scope, { role }) => {
    if (!granted) {
      granted = true;
      grant(role);
    }
  };
  return Object.assign(artifact, { bind });
}
