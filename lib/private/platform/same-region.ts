import { Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { memberOf } from '../common/cdk-kinds';

/**
 * What is wrong with resources that a service takes of its own Region alone. The CDK lets others through, by references
 * across Regions, for a deployment that fails.
 *
 * @param scope - what uses them
 * @param resources - by the props that they are given with
 */
export function regionProblems(scope: IConstruct, resources: Readonly<Record<string, unknown>>): string[] {
  const { region } = Stack.of(scope);
  return Object.entries(resources).flatMap(([prop, resource]) => {
    const other = memberOf(memberOf(resource, 'env'), 'region');
    return typeof other !== 'string' || [region, other].some(Token.isUnresolved) || other === region
      ? []
      : [
          `\`${prop}\` is of the Region ${other}, and the stack of ${region}; one of the same Region is allowed: give one`,
        ];
  });
}
