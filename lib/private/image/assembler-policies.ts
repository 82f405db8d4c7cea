import { Names, Stack } from 'aws-cdk-lib';
import { Policy, PolicyStatement, type IRole } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from '../permissions/acknowledged-findings';
import { policyName, withStatementsIn } from '../permissions/execution-role';

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions */
const NETWORK_ACTIONS = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];

export interface AssemblerPolicyOptions {
  readonly logGroup: ILogGroup;
  readonly inVpc: boolean;
}

/**
 * What the role of an assembler may do: a policy for what it needs itself, and one for the images of each stack, which
 * lies in that stack. A role that was passed in keeps its own statements apart, and stacks do not wait in a circle.
 */
export class AssemblerPolicies {
  public readonly own: Policy;
  private readonly policies = new Map<Stack, Policy>();

  public constructor(
    private readonly scope: Construct,
    private readonly role: IRole,
    { logGroup, inVpc }: AssemblerPolicyOptions,
  ) {
    this.own = new Policy(scope, 'Policy');
    logGroup.grantWrite(withStatementsIn(role, () => this.own));
    this.own.addStatements(
      new PolicyStatement({ sid: 'ECRTokenAccess', actions: ['ecr:GetAuthorizationToken'], resources: ['*'] }),
    );
    if (inVpc) {
      this.own.addStatements(
        new PolicyStatement({ sid: 'NetworkInterfaces', actions: NETWORK_ACTIONS, resources: ['*'] }),
      );
    }
    acknowledgeWildcards(this.own, { '*': 'ecr:GetAuthorizationToken and network interfaces to be have no resources' });
    role.attachInlinePolicy(this.own);
  }

  public roleIn(stack: Stack): IRole {
    const policy = this.policies.get(stack) ?? this.policyIn(stack);
    this.policies.set(stack, policy);
    return withStatementsIn(this.role, () => policy);
  }

  private policyIn(stack: Stack): Policy {
    const own = Stack.of(this.scope) === stack;
    const policy = own
      ? new Policy(this.scope, 'ImagesPolicy')
      : // eslint-disable-next-line cdk/no-variable-construct-id -- a stack may use several assemblers
        new Policy(stack, `StatefulMcpImagesPolicy${Names.nodeUniqueId(this.scope.node)}`, {
          policyName: policyName(stack, 'images'),
        });
    this.role.attachInlinePolicy(policy);
    return policy;
  }
}
