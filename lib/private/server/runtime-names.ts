import { Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

const names = new WeakMap<Stack, Map<string, Construct>>();

/** What is wrong with a name that another server of the stack has: the service would refuse the second runtime. */
export function nameTakenProblems(scope: Construct, runtimeName: string | undefined): string[] {
  if (runtimeName === undefined || Token.isUnresolved(runtimeName)) {
    return [];
  }
  const stack = Stack.of(scope);
  const taken = names.get(stack) ?? new Map<string, Construct>();
  names.set(stack, taken);
  const other = taken.get(runtimeName);
  if (other !== undefined && other !== scope && isInTree(other)) {
    return [
      `\`runtimeName\` is ${JSON.stringify(runtimeName)}, and so is that of ${other.node.path}; each runtime of an account and Region has a name of its own: give another one, or leave it out to have one generated`,
    ];
  }
  taken.set(runtimeName, scope);
  return [];
}

/** A construct that could not be made, or that was removed, has no name. */
function isInTree(construct: Construct): boolean {
  return construct.node.scope?.node.tryFindChild(construct.node.id) === construct && construct.node.children.length > 0;
}
