import { CfnResource, Lazy, Stack } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct, type IDependable } from 'constructs';
import { described } from '../common/kinds';

/** The construct of the CDK would raise the version that is needed. */
const TYPE = 'AWS::BedrockAgentCore::ResourcePolicy';

/** The endpoint that users call. */
export interface CalledEndpoint {
  readonly endpointName: string;
  /** The construct, where this app makes it. */
  readonly endpoint?: IDependable;
}

/**
 * The policies of a runtime and of the endpoint that users call. The service looks at both, and takes no other resource
 * in them than the one that they belong to. A runtime without a statement has none.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/resource-based-policies.html
 */
export class ResourcePolicies {
  private readonly statements: PolicyStatement[] = [];
  private made?: Construct;

  /** @param server - in which they are made with the first statement */
  public constructor(
    private readonly server: Construct,
    private readonly runtimeArn: string,
    private readonly called: CalledEndpoint,
  ) {}

  public add(statement: PolicyStatement): Construct {
    this.statements.push(statement.copy());
    this.made ??= this.make();
    return this.made;
  }

  private make(): Construct {
    const scope = new Construct(this.server, 'ResourcePolicy');
    const arns = {
      Runtime: this.runtimeArn,
      Endpoint: `${this.runtimeArn}/runtime-endpoint/${this.called.endpointName}`,
    };
    for (const [id, arn] of Object.entries(arns)) {
      const policy = new CfnResource(scope, id, {
        type: TYPE,
        properties: {
          ResourceArn: arn,
          Policy: Lazy.string({ produce: () => Stack.of(scope).toJsonString(this.documentFor(arn)) }),
        },
      });
      if (id === 'Endpoint' && this.called.endpoint !== undefined) {
        policy.node.addDependency(this.called.endpoint);
      }
    }
    return scope;
  }

  private documentFor(arn: string): object {
    return {
      Version: '2012-10-17',
      Statement: this.statements.map(statement => statement.copy({ resources: [arn] }).toStatementJson() as object),
    };
  }
}

/**
 * What the service would refuse in a statement of these policies.
 *
 * @param hasTokens - callers that bring a token have no principal of IAM
 */
export function statementProblems(statement: PolicyStatement, hasTokens: boolean): string[] {
  const { actions, notActions, resources, notResources, hasPrincipal } = statement;
  const { Principal: principal } = statement.toStatementJson() as { Principal?: unknown };
  const isAnybody = principal === '*' || JSON.stringify(principal) === '{"AWS":"*"}';
  return [
    ...(resources.length + notResources.length > 0
      ? [
          `\`statement\` names the resource ${described(resources[0] ?? notResources[0])}; the runtime and its endpoint, which are named here, are allowed: leave it out`,
        ]
      : []),
    ...(hasPrincipal
      ? []
      : [
          '`statement` has no principal; a resource policy says who may call: give it one, such as an `AccountPrincipal`',
        ]),
    ...(actions.length + notActions.length === 0
      ? ["`statement` has no action: give it one, such as 'bedrock-agentcore:InvokeAgentRuntime'"]
      : []),
    ...(hasTokens && hasPrincipal && !isAnybody
      ? [
          '`statement` names a principal, and callers bring a token, so that they are nobody to IAM; `AnyPrincipal` is allowed, with conditions: use it',
        ]
      : []),
  ];
}
