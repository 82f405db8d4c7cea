import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, type IRole } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { substituted } from '../common/substitution';
import { acknowledgeWildcards } from './acknowledged-findings';
import { policyName } from './execution-role';
import { OwnPolicy } from './own-policy';

export interface ExecutionPolicyProps {
  readonly role: IRole;
  readonly runtimeName: string;

  /** Spans are delivered to the runtime's own log group, which the service allows by a policy there. */
  readonly sendsSpans: boolean;
}

/**
 * What the service documents for the role that a runtime has, narrowed to the runtime by its name, which its id and its
 * log groups begin with. The code of the server adds what lets the runtime fetch it.
 *
 * It is a policy of the server's own. The role may be shared, it may be of another stack, and what its owner grants it
 * stays apart. No finding in it is acknowledged here, and the runtime waits for this policy alone.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-permissions.html
 */
export class ExecutionPolicy extends OwnPolicy {
  public constructor(scope: Construct, id: string, props: ExecutionPolicyProps) {
    super(scope, id, { policyName: policyName(scope, 'runtime') });

    const { role, runtimeName, sendsSpans } = props;
    const { partition, region, account } = Stack.of(this);
    const logGroups = `arn:${partition}:logs:${region}:${account}:log-group`;
    const allLogGroups = substituted(`${logGroups}:*`);
    const ownLogGroups = substituted(`${logGroups}:/aws/bedrock-agentcore/runtimes/${runtimeName}-*`);
    const ownLogStreams = substituted(`${ownLogGroups}:log-stream:*`);
    const directory = substituted(
      `arn:${partition}:bedrock-agentcore:${region}:${account}:workload-identity-directory/default`,
    );
    const identities = substituted(`${directory}/workload-identity/${runtimeName}-*`);
    const ownLogGroup = ['logs:DescribeLogStreams', 'logs:CreateLogGroup'];
    this.addStatements(
      new PolicyStatement({ sid: 'LogGroupAccess', actions: ownLogGroup, resources: [ownLogGroups] }),
      new PolicyStatement({
        sid: 'DescribeLogGroups',
        actions: ['logs:DescribeLogGroups'],
        resources: [allLogGroups],
      }),
      new PolicyStatement({
        sid: 'LogStreamAccess',
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [ownLogStreams],
      }),
      new PolicyStatement({
        sid: 'XRayAccess',
        actions: [
          'xray:PutTraceSegments',
          'xray:PutTelemetryRecords',
          'xray:GetSamplingRules',
          'xray:GetSamplingTargets',
        ],
        resources: ['*'],
      }),
      new PolicyStatement({
        sid: 'CloudWatchMetrics',
        actions: ['cloudwatch:PutMetricData'],
        resources: ['*'],
        conditions: { StringEquals: { 'cloudwatch:namespace': 'bedrock-agentcore' } },
      }),
      new PolicyStatement({
        sid: 'GetAgentAccessToken',
        actions: [
          'bedrock-agentcore:GetWorkloadAccessToken',
          'bedrock-agentcore:GetWorkloadAccessTokenForJWT',
          'bedrock-agentcore:GetWorkloadAccessTokenForUserId',
        ],
        resources: [directory, identities],
      }),
    );
    if (sendsSpans) {
      this.addStatements(
        new PolicyStatement({ sid: 'SpanDestination', actions: ['logs:PutResourcePolicy'], resources: [ownLogGroups] }),
      );
    }
    const named = 'is named by the id that the service gives the runtime, which begins with its name';
    acknowledgeWildcards(this, {
      [ownLogGroups]: `the log group ${named}`,
      [allLogGroups]: 'logs:DescribeLogGroups lists log groups and cannot be limited to one',
      [ownLogStreams]: `the log group ${named}, and the service names log streams`,
      [identities]: `the workload identity ${named}`,
      '*': 'X-Ray actions, cloudwatch:PutMetricData and ecr:GetAuthorizationToken have no resources; metrics are limited to the namespace bedrock-agentcore',
    });
    this.attachIfPossible(role);
  }
}
