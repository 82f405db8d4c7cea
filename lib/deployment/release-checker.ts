import { Stack } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement, type IRole, type ManagedPolicy, type Policy } from 'aws-cdk-lib/aws-iam';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import { Construct, Dependable } from 'constructs';
import { construct } from '../private/common/cdk-kinds';
import { refuse } from '../private/common/construct-error';
import { instanceOf, kindProblems, optional } from '../private/common/kinds';
import { customResourceId } from '../private/deployment/custom-resource-id';
import { DeploymentFunction } from '../private/deployment/deployment-function';
import type { DeploymentPolicies } from '../private/deployment/deployment-policies';
import { CHECKER_ROLE } from '../private/permissions/role-warnings';
import type { DeploymentFunctionProps } from './deployment-function-props';

/** The number is that of the contract between the construct and the function: another one is another function. */
const DEFAULT_ID = 'StatefulMcpReleaseCheckerV1';

const OWN_ID =
  'give what has this id in the stack another one, or name a checker by `McpRelease.verified({ checker })`';

/** How many servers a policy of the role has room for, with names of any length, and a secret each. */
const SERVERS_IN_POLICY = 10;

/**
 * Properties of a `ReleaseChecker`.
 */
export interface ReleaseCheckerProps extends DeploymentFunctionProps {
  /**
   * The role of the function. One of your own must trust `lambda.amazonaws.com`, and gets policies beside those that it
   * has; one that may not be changed gets none. A warning says so in both cases.
   *
   * It needs to write the log group, to call itself (`lambda:InvokeFunction`), and for each server
   * `bedrock-agentcore:GetAgentRuntime` and `GetAgentRuntimeEndpoint`, `logs:FilterLogEvents` on its log groups, and
   * `ssm:GetParameter` and `PutParameter` on its record, `/stateful-mcp/release/<runtime name>`. It needs
   * `ssm:DeleteParameter` on all records, since a runtime that is renamed leaves one of its former name. Where
   * callers sign, it also needs `bedrock-agentcore:InvokeAgentRuntime` and `StopRuntimeSession`. Where they bring a token,
   * it needs to read the secret of the client: `secretsmanager:GetSecretValue`, with `kms:Decrypt` where the secret has a
   * key, or `cognito-idp:DescribeUserPoolClient`. In a VPC it also needs to manage network interfaces.
   *
   * @default - a role with these permissions and no others
   */
  readonly role?: IRole;

  /**
   * The VPC that the function runs in. From there it must reach Amazon Bedrock AgentCore (both planes), Amazon CloudWatch
   * Logs, AWS Systems Manager, AWS Lambda and CloudFormation's bucket for responses. Where callers bring a token, it must
   * also reach the authorization server, and AWS Secrets Manager or Amazon Cognito for the secret of the client.
   *
   * @default - the function is in no VPC, and reaches the internet
   */
  readonly vpc?: IVpc;
}

/**
 * The function that holds conversations with new versions of servers during a deployment, for `McpRelease.verified()`.
 *
 * Each stack with such a server gets one. In an account with rules of its own, make one for the whole app, and name it
 * in `McpRelease.verified({ checker })`. Give it the role, the network, the key and the log retention that the rules ask
 * for. Servers of other stacks may use it, in the same account and Region.
 */
export class ReleaseChecker extends Construct {
  /**
   * The one of a stack, for servers whose release names none. It is made when it is asked for first.
   *
   * @param scope - any construct of the stack
   */
  public static of(scope: Construct): ReleaseChecker {
    refuse(undefined, kindProblems({ scope }, { scope: construct }));
    const stack = Stack.of(scope);
    const found = stack.node.tryFindChild(DEFAULT_ID);
    refuse(stack, optional(instanceOf('ReleaseChecker', () => ReleaseChecker, OWN_ID, []))(found, DEFAULT_ID));
    // eslint-disable-next-line cdk/no-variable-construct-id -- it is looked up by the same id
    return (found as ReleaseChecker | undefined) ?? new ReleaseChecker(stack, DEFAULT_ID);
  }

  /**
   * The function.
   */
  public readonly function: Function;

  /**
   * The role of the function.
   */
  public readonly role: IRole;

  private readonly policies: DeploymentPolicies;
  private readonly servers = new Map<Stack, number>();

  public constructor(scope: Construct, id: string, props?: ReleaseCheckerProps) {
    super(scope, id);

    const made = new DeploymentFunction(this, props, {
      handler: 'release-check',
      description: 'Holds conversations with new versions of MCP servers before users get them',
      use: CHECKER_ROLE,
      statements: [],
      wildcards: { '*': 'network interfaces to be have no resources' },
      purpose: 'Releases',
    });
    this.function = made.function;
    this.role = made.role;
    this.policies = made.policies;
    // The function waits for its log, its role and its policy; a server waits for the policy that it is in.
    Dependable.implement(this, { dependencyRoots: [this.function] });
  }

  /**
   * The id of a check that this holds, in a release.
   *
   * @internal
   */
  public _checkId(id: string, release: Construct): string {
    return customResourceId(id, release, this, DEFAULT_ID);
  }

  /**
   * The policy for one more server of a stack, and the role for grants that name what is in the server.
   *
   * @internal
   */
  public _policyFor(server: Construct): { readonly policy: Policy | ManagedPolicy; readonly role: IRole } {
    const stack = Stack.of(server);
    const count = this.servers.get(stack) ?? 0;
    this.servers.set(stack, count + 1);
    const part = Math.floor(count / SERVERS_IN_POLICY);
    const policy = this.policies.policyIn(stack, part);
    // A check may last longer than one call of the function, which waits for its own policy, and for none that names it.
    policy.addStatements(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [this.function.functionArn] }),
    );
    return { policy, role: this.policies.roleFor(server, part) };
  }
}
