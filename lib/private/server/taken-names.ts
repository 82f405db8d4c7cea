import { Stack, Token } from 'aws-cdk-lib';
import type { Construct, IConstruct } from 'constructs';

/** What has a name of its own in an account and Region. */
export interface Named {
  readonly prop: string;
  readonly what: string;
  readonly advice: string;
}

export const RUNTIME: Named = {
  prop: 'runtimeName',
  what: 'runtime',
  advice: 'give another one, or leave it out to have one generated',
};

export const PARAMETER: Named = { prop: 'urlParameterName', what: 'parameter', advice: 'give another one' };

/** The names that servers give, by the app that they are in and by their prop. */
const apps = new WeakMap<IConstruct, Map<string, Map<Construct, string>>>();

/**
 * What is wrong with a name that another server of the same account and Region gives, as far as the app knows them: the
 * service would refuse the second one.
 *
 * @param name - what the server gives from now on; what is unresolved may be known later
 */
export function nameTakenProblems(scope: Construct, { prop, what, advice }: Named, name: string): string[] {
  if (Token.isUnresolved(name)) {
    return [];
  }
  const { root } = scope.node;
  const props = apps.get(root) ?? new Map<string, Map<Construct, string>>();
  const names = props.get(prop) ?? new Map<Construct, string>();
  apps.set(root, props.set(prop, names));
  const [other] =
    [...names].find(
      ([server, taken]) => taken === name && server !== scope && isInTree(server) && meet(server, scope),
    ) ?? [];
  if (other !== undefined) {
    return [
      `\`${prop}\` is ${JSON.stringify(name)}, and so is that of ${other.node.path}; each ${what} of an account and Region has a name of its own: ${advice}`,
    ];
  }
  names.set(scope, name);
  return [];
}

/** Two stacks that do not say where they are deployed may be deployed to different places; nested ones go with theirs. */
function meet(one: Construct, two: Construct): boolean {
  const [{ account, region }, other] = [deployedIn(one), deployedIn(two)];
  const isKnown = !Token.isUnresolved(account) && !Token.isUnresolved(region);
  return deployedIn(one) === other || (isKnown && account === other.account && region === other.region);
}

function deployedIn(construct: Construct): Stack {
  let stack = Stack.of(construct);
  while (stack.nestedStackParent !== undefined) {
    stack = stack.nestedStackParent;
  }
  return stack;
}

/** A construct that could not be made, or that was removed, has no name. */
function isInTree(construct: Construct): boolean {
  return construct.node.scope?.node.tryFindChild(construct.node.id) === construct && construct.node.children.length > 0;
}
