import { Annotations, Aspects, Stack, Token } from 'aws-cdk-lib';
import { CfnRole, type IRole } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { AGENT_CORE } from './execution-role';

interface TrustStatement {
  readonly Effect?: string;
  readonly Principal?:
    string | { readonly Service?: string | readonly string[]; readonly AWS?: string | readonly string[] };
}

/** What a role is for. */
export interface RoleUse {
  readonly principal: string;
  readonly needs: string;
  readonly documentation: string;
  readonly fails: string;
}

export const RUNTIME_ROLE: RoleUse = {
  principal: AGENT_CORE,
  needs: 'the runtime needs to fetch its code, to log and to trace',
  documentation: 'those of https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-permissions.html',
  fails: 'the deployment of the runtime fails',
};

export const ASSEMBLER_ROLE: RoleUse = {
  principal: 'lambda.amazonaws.com',
  needs: 'the function needs to log, and to read and push images',
  documentation: 'those that the documentation of `role` names',
  fails: 'the deployment of the function fails',
};

export const CHECKER_ROLE: RoleUse = {
  principal: 'lambda.amazonaws.com',
  needs: 'the function needs to log, to call the servers and to keep the record',
  documentation: 'those that the documentation of `role` names',
  fails: 'the deployment of the function fails',
};

/** Roles cannot be passed to a service of another account. */
export function foreignRoleProblems(scope: Construct, role: IRole | undefined): string[] {
  const account = role?.principalAccount;
  const { account: own } = Stack.of(scope);
  return account === undefined || Token.isUnresolved(account) || Token.isUnresolved(own) || account === own
    ? []
    : [
        `\`role\` is of account ${account}, and the stack of account ${own}; a role of the same account is allowed: give one, which may assume that of the other account`,
      ];
}

/**
 * Says what is wrong with the role of a user, and with one that cannot be changed.
 *
 * @param given - undefined where the role is made here
 * @param isLost - whether the role has not taken what it needs
 */
export function warnOfRole(scope: Construct, given: IRole | undefined, isLost: boolean, use: RoleUse): void {
  if (given !== undefined) {
    warnOfMissingTrust(scope, given, use);
  }
  if (isLost) {
    warnOfUnchangeableRole(scope, use);
  }
}

/** Says that nothing can be granted to a role, so that its owner does it. */
function warnOfUnchangeableRole(scope: Construct, { needs, documentation }: RoleUse): void {
  Annotations.of(scope).addWarningV2(
    'cdk-stateful-mcp:roleNotChanged',
    `\`role\` may not be changed, so it gets none of the permissions that ${needs}: ` +
      `add ${documentation} to it, and acknowledge this`,
  );
}

/** Says that a service cannot assume a role. Trust may be added until the end, so it is looked at then. */
function warnOfMissingTrust(scope: Construct, role: IRole, { principal, fails }: RoleUse): void {
  const resource = role.node.defaultChild;
  if (!(resource instanceof CfnRole)) {
    return;
  }
  let asked = false;
  Aspects.of(scope).add({
    visit: node => {
      if (node === scope && !asked) {
        asked = true;
        if (!isTrusted(resource, principal)) {
          Annotations.of(scope).addWarningV2(
            'cdk-stateful-mcp:roleWithoutTrust',
            `\`role\` is ${role.node.path}, which does not trust ${principal}, so that ${fails}: ` +
              `make it with \`assumedBy: new ServicePrincipal('${principal}')\``,
          );
        }
      }
    },
  });
}

function isTrusted(role: CfnRole, service: string): boolean {
  const { Statement: statements = [] } = (Stack.of(role).resolve(role.assumeRolePolicyDocument) ?? {}) as {
    Statement?: readonly TrustStatement[];
  };
  return statements.some(({ Effect: effect, Principal: principal }) => {
    if (effect !== 'Allow' || principal === undefined) {
      return false;
    }
    const { Service: services = [], AWS: accounts = [] } =
      typeof principal === 'string' ? { AWS: principal } : principal;
    return [services].flat().includes(service) || [accounts].flat().includes('*');
  });
}
