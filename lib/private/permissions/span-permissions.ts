import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, type IRole } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from './acknowledged-findings';

/**
 * Lets an execution role have the spans of a runtime delivered to the runtime's own log group, which the service allows
 * by a policy there.
 *
 * The L2 leaves this out.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-permissions.html
 */
export function allowSpans(scope: Construct, role: IRole, runtimeName: string): void {
  const stack = Stack.of(scope);
  const { partition, region, account } = stack;
  const logGroups = `arn:${partition}:logs:${region}:${account}:log-group:/aws/bedrock-agentcore/runtimes/${runtimeName}-*`;
  role.addToPrincipalPolicy(
    new PolicyStatement({ sid: 'SpanDestination', actions: ['logs:PutResourcePolicy'], resources: [logGroups] }),
  );
  acknowledgeWildcards(role, stack, {
    [logGroups]: 'the log group is named by the id that the service gives the runtime, which begins with its name',
  });
}
