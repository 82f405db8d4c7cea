import { Stack, Token } from 'aws-cdk-lib';
import type { Construct, IConstruct } from 'constructs';

/** The names of servers, by the app that they are in. */
const apps = new WeakMap<IConstruct, Map<Construct, string>>();

/**
 * What is wrong with a name that another server of the same account and Region has, as far as the app knows them: the
 * service would refuse the second runtime.
 *
 * @param runtimeName - the name that the server has from now on; what is unresolved may be known later
 */
export function nameTakenProblems(scope: Construct, runtimeName: string): string[] {
  if (Token.isUnresolved(runtimeName)) {
    return [];
  }
  const { root } = scope.node;
  const names = apps.get(root) ?? new Map<Construct, string>();
  apps.set(root, names);
  const [other] =
    [...names].find(
      ([server, name]) => name === runtimeName && server !== scope && isInTree(server) && meet(server, scope),
    ) ?? [];
  if (other !== undefined) {
    return [
      `\`runtimeName\` is ${JSON.stringify(runtimeName)}, and so is that of ${other.node.path}; each runtime of an account and Region has a name of its own: give another one, or leave it out to have one generated`,
    ];
  }
  names.set(scope, runtimeName);
  return [];
}

/** Two stacks that do not say where they are deployed may be deployed to different places. */
function meet(one: Construct, two: Construct): boolean {
  const [{ account, region }, other] = [Stack.of(one), Stack.of(two)];
  const isKnown = !Token.isUnresolved(account) && !Token.isUnresolved(region);
  return Stack.of(one) === other || (isKnown && account === other.account && region === other.region);
}

/** A construct that could not be made, or that was removed, has no name. */
function isInTree(construct: Construct): boolean {
  return construct.node.scope?.node.tryFindChild(construct.node.id) === construct && construct.node.children.length > 0;
}
