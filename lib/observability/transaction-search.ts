import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnResourcePolicy } from 'aws-cdk-lib/aws-logs';
import { CfnTransactionSearchConfig } from 'aws-cdk-lib/aws-xray';
import { Construct, Dependable } from 'constructs';
import { removalPolicy } from '../private/common/cdk-kinds';
import { refuse } from '../private/common/construct-error';
import { number, optional, options, type Kinds } from '../private/common/kinds';
import { substituted } from '../private/common/substitution';
import { announceTransactionSearch } from '../private/observability/transaction-search-announcements';

/**
 * Properties of `TransactionSearch`.
 */
export interface TransactionSearchProps {
  /**
   * The percentage of spans that X-Ray also indexes as trace summaries, 0 to 100. All spans are kept in CloudWatch Logs
   * whatever this is; the first percent is free of charge.
   *
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Transaction-Search.html
   *
   * @default 1
   */
  readonly indexingPercentage?: number;

  /**
   * What becomes of the setting when this is removed. `RETAIN` leaves it on for whoever else in the account relies on it;
   * a later deployment of this construct then fails, because the account has the setting already.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;
}

const PROPS: Kinds<TransactionSearchProps> = {
  indexingPercentage: optional(number),
  removalPolicy: optional(removalPolicy),
};

/**
 * CloudWatch Transaction Search, the setting of an account and Region that traces of AgentCore need: X-Ray then keeps
 * spans in CloudWatch Logs. It exists once in an account and Region, so make it in the stack that owns such settings.
 *
 * Every server of the app in the same account and Region has its traces delivered from then on, after this is in place.
 * Where another team has switched it on, leave this out and set `tracingEnabled: true` on the server.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Transaction-Search-Cloudformation.html
 */
export class TransactionSearch extends Construct {
  public constructor(scope: Construct, id: string, props?: TransactionSearchProps) {
    super(scope, id);

    refuse(this, optional(options(PROPS))(props, 'props'));
    const { indexingPercentage = 1 } = props ?? {};
    refuse(this, percentageProblems(indexingPercentage));
    const earlier = announceTransactionSearch(this);
    refuse(
      this,
      earlier === undefined
        ? []
        : [
            `the app has Transaction Search for this account and Region at \`${earlier.node.path}\`: leave one of them out`,
          ],
    );

    const access = new CfnResourcePolicy(this, 'Access', {
      policyName: `TransactionSearchAccess-${this.node.addr.slice(0, 8)}`,
      policyDocument: substituted(Stack.of(this).toJsonString(accessToSpans(Stack.of(this)))),
    });
    const setting = new CfnTransactionSearchConfig(this, 'Setting', { indexingPercentage });
    setting.node.addDependency(access);
    // It waits for the other.
    Dependable.implement(this, { dependencyRoots: [setting] });
    access.applyRemovalPolicy(props?.removalPolicy ?? RemovalPolicy.DESTROY);
    setting.applyRemovalPolicy(props?.removalPolicy ?? RemovalPolicy.DESTROY);
  }
}

function percentageProblems(percentage: number): string[] {
  return percentage >= 0 && percentage <= 100
    ? []
    : [`\`indexingPercentage\` is ${percentage}; 0 to 100 is allowed: give the part of spans to index, in percent`];
}

/** X-Ray writes spans to these log groups, which it makes itself. */
function accessToSpans({ partition, region, account }: Stack): PolicyDocument {
  const logGroups = `arn:${partition}:logs:${region}:${account}:log-group`;
  return new PolicyDocument({
    statements: [
      new PolicyStatement({
        sid: 'TransactionSearchXRayAccess',
        principals: [new ServicePrincipal('xray.amazonaws.com')],
        actions: ['logs:PutLogEvents'],
        resources: [`${logGroups}:aws/spans:*`, `${logGroups}:/aws/application-signals/data:*`],
        conditions: {
          ArnLike: { 'aws:SourceArn': `arn:${partition}:xray:${region}:${account}:*` },
          StringEquals: { 'aws:SourceAccount': account },
        },
      }),
    ],
  });
}
