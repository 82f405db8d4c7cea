import { Names, Stack } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyDocument, PolicyStatement, type IRole, type Policy } from 'aws-cdk-lib/aws-iam';
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

export interface DeploymentPolicyOptions {
  readonly logGroup: ILogGroup;
  readonly inVpc: boolean;
  /** What the function needs whatever it is called for, beside its log. */
  readonly statements: readonly PolicyStatement[];
  /** Why they have wildcards. */
  readonly wildcards: Readonly<Record<string, string>>;
  /** What the grants are for, in the ids of their policies. */
  readonly purpose: string;
}

/**
 * What the role of a function may do: a policy for what it needs itself, and one for the servers of each stack, which
 * lies in that stack. A role that was passed in keeps its own statements apart, and stacks do not wait in a circle.
 */
export class DeploymentPolicies {
  public readonly own: OwnPolicy;
  private readonly policies = new Map<string, Policy | ManagedPolicy>();
  private readonly purpose: string;

  public constructor(
    private readonly scope: Construct,
    private readonly role: IRole,
    { logGroup, inVpc, statements, wildcards, purpose }: DeploymentPolicyOptions,
  ) {
    this.purpose = purpose;
    this.own = new OwnPolicy(scope, 'Policy');
    logGroup.grantWrite(withStatementsIn(role, () => this.own));
    this.own.addStatements(...statements);
    if (inVpc) {
      this.own.addStatements(
        new PolicyStatement({ sid: 'NetworkInterfaces', actions: NETWORK_ACTIONS, resources: ['*'] }),
      );
    }
    acknowledgeWildcards(this.own, wildcards);
    this.own.attachIfPossible(role);
  }

  /** Whether the role has taken them. */
  public get isEffective(): boolean {
    return this.own.isEffective;
  }

  /**
   * The role, for grants that go into the policy of a stack.
   *
   * @param part - there is one policy for each: a policy is not as long as all that many servers need
   */
  public roleIn(stack: Stack, part = 0): IRole {
    return withStatementsIn(this.role, () => this.policyIn(stack, part));
  }

  /** A policy of a stack. Equal statements become one, with the resources of all. */
  public policyIn(stack: Stack, part = 0): Policy | ManagedPolicy {
    const id = this.isEffective ? part : 0;
    const key = `${stack.node.addr} ${id}`;
    const policy = this.policies.get(key) ?? this.newPolicy(stack, id);
    this.policies.set(key, policy);
    return policy;
  }

  private newPolicy(stack: Stack, part: number): Policy | ManagedPolicy {
    const { scope, purpose } = this;
    const isOwn = Stack.of(scope) === stack;
    const within = isOwn ? scope : stack;
    const id = isOwn ? `${purpose}Policy` : `StatefulMcp${purpose}Policy${Names.nodeUniqueId(scope.node)}`;
    if (part > 0) {
      // Inline policies of a role have 10,240 characters in all; of the others it may have ten, with 6,144 each.
      // eslint-disable-next-line cdk/no-variable-construct-id -- there are several
      return new ManagedPolicy(within, `${id}${part + 1}`, { document: minimal(), roles: [this.role] });
    }
    const name = isOwn ? undefined : policyName(stack, purpose.toLowerCase());
    const policy = new OwnPolicy(within, id, { policyName: name, document: minimal() });
    policy.attachIfPossible(this.role);
    return policy;
  }
}

function minimal(): PolicyDocument {
  return new PolicyDocument({ minimize: true });
}
