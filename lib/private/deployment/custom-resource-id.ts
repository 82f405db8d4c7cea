import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/**
 * The id of a custom resource, which another function has another one for: a deployment that changes the function of one
 * fails ("Modifying service token is not allowed").
 *
 * @param scope - what the custom resource is made in
 * @param called - what has the function
 * @param shared - the id of the one that a stack has by itself
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-customresource.html
 */
export function customResourceId(id: string, scope: Construct, called: Construct, shared: string): string {
  const stack = Stack.of(scope);
  const owner = Stack.of(called);
  if (stack.node.tryFindChild(shared) === called) {
    return id;
  }
  // Stages and the stack itself may be renamed.
  const path = called.node.scopes.slice(called.node.scopes.indexOf(owner) + (owner === stack ? 1 : 0));
  return [id, ...path.map(({ node }) => node.id)].join('-');
}
