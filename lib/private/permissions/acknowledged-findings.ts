import { Validations, type Stack } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';

/**
 * Acknowledges what cdk-nag (AwsSolutions-IAM5) finds in the statements that the L2 adds to an execution role. They are
 * the documented ones, and their wildcards cannot be narrowed. Any other wildcard of the role is still found, except
 * that cdk-nag cannot tell the `*` of X-Ray from a `*` that the user adds.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-permissions.html
 */
export function acknowledgeDocumentedWildcards(role: IRole, stack: Stack): void {
  const { partition, region, account } = stack;
  const logs = `arn:${partition}:logs:${region}:${account}:log-group`;
  const identities = `arn:${partition}:bedrock-agentcore:${region}:${account}:workload-identity-directory/default/workload-identity`;
  const reasons: Record<string, string> = {
    [`${logs}:/aws/bedrock-agentcore/runtimes/*`]:
      'the log group is named by the id that the service gives the runtime',
    [`${logs}:*`]: 'logs:DescribeLogGroups lists log groups and cannot be limited to one',
    [`${logs}:/aws/bedrock-agentcore/runtimes/*:log-stream:*`]: 'the service names log group and log streams',
    [`${identities}/*`]: 'the workload identity is named by the id that the service gives the runtime',
    '*': 'X-Ray actions and cloudwatch:PutMetricData have no resources; the latter is limited to the namespace bedrock-agentcore',
  };
  acknowledgeWildcards(role, stack, reasons);
}

/**
 * Acknowledges ARNs with wildcards in the policies of a role, each with its reason.
 *
 * `Validations.acknowledge()` would be the way, but before aws-cdk-lib 2.262 it refuses ids with more than one `::`,
 * and the ARN of an environment-agnostic stack has three (`<AWS::Partition>`). It writes this same metadata.
 */
export function acknowledgeWildcards(role: IRole, stack: Stack, reasons: Record<string, string>): void {
  const findings = Object.entries(reasons).map(([arn, reason]) => [
    `AwsSolutions-IAM5[Resource::${asFound(stack.resolve(arn))}]`,
    reason,
  ]);
  role.node.addMetadata(Validations.ACKNOWLEDGED_RULES_METADATA_KEY, Object.fromEntries(findings));
}

/** An ARN as cdk-nag prints it: `<AWS::Region>` where the template has a reference. */
function asFound(resolved: unknown): string {
  if (typeof resolved === 'string') {
    return resolved;
  }
  const { Ref: reference, 'Fn::Join': join } = resolved as { Ref?: string; 'Fn::Join'?: [string, unknown[]] };
  return join === undefined ? `<${reference}>` : join[1].map(asFound).join(join[0]);
}
