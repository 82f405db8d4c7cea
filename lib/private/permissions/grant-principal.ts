import { Stack } from 'aws-cdk-lib';
import { Policy, type IPrincipal, type IRole } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { policyName, withStatementsIn } from './execution-role';

/** Where grants to a role of another stack lie. */
export const OWN_GRANTS_ID = 'Grants';

/**
 * Who grants go to that are meant for a server. Where its role is of another stack, they lie in a policy of the server's:
 * grants that name what is in its stack would have the two stacks wait for each other.
 */
export function grantPrincipalOf(scope: Construct, role: IRole): IPrincipal {
  if (Stack.of(role) === Stack.of(scope)) {
    return role.grantPrincipal;
  }
  let policy: Policy | undefined;
  return withStatementsIn(role, () => {
    if (policy === undefined) {
      // eslint-disable-next-line cdk/no-variable-construct-id -- it is looked up by the same id
      policy = new Policy(scope, OWN_GRANTS_ID, { policyName: policyName(scope, 'grants') });
      role.attachInlinePolicy(policy);
    }
    return policy;
  });
}
