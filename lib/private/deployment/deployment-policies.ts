import { Names, Stack } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyDocument, PolicyStatement, type IRole, type Policy } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from '../permissions/acknowledged-findings';
import { policyName, withStatementsIn } from '../permissions/execution-role';
import { OwnPolicy, SERVERS_WITH_POLICY } from '../permissions/own-policy';

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
 * What the role of a function may do: a policy for what it needs itself, one for the servers of each stack, which lies in
 * that stack, and one for what is in a server, which lies in the server. A role that was passed in keeps its own
 * statements apart, and neither stacks nor servers wait in a circle.
 */
export class DeploymentPolicies {
  public readonly own: OwnPolicy;
  private readonly policies = new Map<string, Policy | ManagedPolicy>();
  private readonly purpose: string;
  private servers = 0;

  public constructor(
    private readonly scope: Construct,
    private readonly role: IRole,
    { logGroup, inVpc, statements, wildcards, purpose }: DeploymentPolicyOptions,
  ) {
    this.purpose = purpose;
    this.own = new OwnPolicy(scope, 'Policy', { policyName: policyName(scope, 'function') });
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
   * The role, for grants that name what is in a server. In a policy of several servers, the deployment of each would wait
   * for what is in the others, and so for itself where another waits for it.
   *
   * @param part - as of the policies of a stack, for more servers than have one of their own
   */
  public roleFor(server: Construct, part = 0): IRole {
    return withStatementsIn(this.role, () => this.policyFor(server, part));
  }

  /**
   * A policy of a stack, for what names nothing that is in a server. Equal statements become one, with the resources of
   * all.
   *
   * @param part - there is one policy for each: a policy is not as long as all that many servers need
   */
  public policyIn(stack: Stack, part = 0): Policy | ManagedPolicy {
    const id = this.isEffective ? part : 0;
    return this.known(`${stack.node.addr} ${id}`, () => this.newPolicy(stack, id));
  }

  private policyFor(server: Construct, part: number): Policy | ManagedPolicy {
    return this.known(server.node.addr, () => {
      this.servers += 1;
      return this.servers <= SERVERS_WITH_POLICY || !this.isEffective
        ? this.attached(server, `${this.purpose}Policy`)
        : this.policyIn(Stack.of(server), part);
    });
  }

  private known(key: string, make: () => Policy | ManagedPolicy): Policy | ManagedPolicy {
    const policy = this.policies.get(key) ?? make();
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
    return this.attached(within, id);
  }

  private attached(within: Construct, id: string): OwnPolicy {
    const name = policyName(within, this.purpose.toLowerCase());
    const policy = new OwnPolicy(within, id, { policyName: name, document: minimal() });
    policy.attachIfPossible(this.role);
    return policy;
  }
}

function minimal(): PolicyDocument {
  return new PolicyDocument({ minimize: true });
}
