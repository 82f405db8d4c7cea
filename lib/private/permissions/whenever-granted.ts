import { Stack } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import { Dependable, type Construct, type IDependable } from 'constructs';
import { OWN_GRANTS_ID } from './grant-principal';

/**
 * What the role of a server was granted, for what waits for it. Grants may be made until the end, so it is looked at then.
 * A role of another stack is there before the stack is.
 */
export function grantedTo(scope: Construct, role: IRole): IDependable {
  const granted: IDependable = {};
  Dependable.implement(granted, {
    get dependencyRoots() {
      const own = scope.node.tryFindChild(OWN_GRANTS_ID);
      return [...(Stack.of(role) === Stack.of(scope) ? [role] : []), ...(own === undefined ? [] : [own])];
    },
  });
  return granted;
}
