import { Names, Stack } from 'aws-cdk-lib';
import { PolicyStatement, type IRole, type Policy } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from '../permissions/acknowledged-findings';
import { policyName, withStatementsIn } from '../permissions/execution-role';
import { OwnPolicy } from '../permissions/own-policy';

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
  public readonly own: OwnPolicy;
  private readonly policies = new Map<Stack, Policy>();

  public constructor(
    private readonly scope: Construct,
    private readonly role: IRole,
    { logGroup, inVpc }: AssemblerPolicyOptions,
  ) {
    this.own = new OwnPolicy(scope, 'Policy');
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
    this.own.attachIfPossible(role);
  }

  /** Whether the role has taken them. */
  public get isEffective(): boolean {
    return this.own.isEffective;
  }

  public roleIn(stack: Stack): IRole {
    const policy = this.policies.get(stack) ?? this.policyIn(stack);
    this.policies.set(stack, policy);
    return withStatementsIn(this.role, () => policy);
  }

  private policyIn(stack: Stack): Policy {
    const own = Stack.of(this.scope) === stack;
    const policy = own
      ? new OwnPolicy(this.scope, 'ImagesPolicy')
      : new OwnPolicy(stack, `StatefulMcpImagesPolicy${Names.nodeUniqueId(this.scope.node)}`, {
          policyName: policyName(stack, 'images'),
        });
    policy.attachIfPossible(this.role);
    return policy;
  }
}
