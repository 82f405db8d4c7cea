import { Annotations, Aspects, Stack } from 'aws-cdk-lib';
import { CfnRole, type IRole } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { AGENT_CORE } from './execution-role';

interface TrustStatement {
  readonly Effect?: string;
  readonly Principal?:
    string | { readonly Service?: string | readonly string[]; readonly AWS?: string | readonly string[] };
}

/** Says that nothing can be granted to a role, so that its owner does it. */
export function warnOfUnchangeableRole(scope: Construct): void {
  Annotations.of(scope).addWarningV2(
    'cdk-stateful-mcp:roleNotChanged',
    '`role` may not be changed, so it gets none of the permissions that the runtime needs to fetch its code, to log and to trace: ' +
      'add those of https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-permissions.html to it, and acknowledge this',
  );
}

/** Says that AgentCore Runtime cannot assume a role. Trust may be added until the end, so it is looked at then. */
export function warnOfMissingTrust(scope: Construct, role: IRole): void {
  const resource = role.node.defaultChild;
  if (!(resource instanceof CfnRole)) {
    return;
  }
  let asked = false;
  Aspects.of(scope).add({
    visit: node => {
      if (node === scope && !asked) {
        asked = true;
        if (!isTrusted(resource)) {
          Annotations.of(scope).addWarningV2(
            'cdk-stateful-mcp:roleWithoutTrust',
            `\`role\` is ${role.node.path}, which does not trust ${AGENT_CORE}, so that the deployment of the runtime fails: ` +
              `make it with \`assumedBy: new ServicePrincipal('${AGENT_CORE}')\``,
          );
        }
      }
    },
  });
}

function isTrusted(role: CfnRole): boolean {
  const { Statement: statements = [] } = (Stack.of(role).resolve(role.assumeRolePolicyDocument) ?? {}) as {
    Statement?: readonly TrustStatement[];
  };
  return statements.some(({ Effect: effect, Principal: principal }) => {
    if (effect !== 'Allow' || principal === undefined) {
      return false;
    }
    const { Service: services = [], AWS: accounts = [] } =
      typeof principal === 'string' ? { AWS: principal } : principal;
    return [services].flat().includes(AGENT_CORE) || [accounts].flat().includes('*');
  });
}
