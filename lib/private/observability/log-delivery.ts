import { RemovalPolicy, Token } from 'aws-cdk-lib';
import type { IRuntimeRef, LogType } from 'aws-cdk-lib/aws-bedrockagentcore';
import type { IKeyRef } from 'aws-cdk-lib/aws-kms';
import {
  CfnDelivery,
  CfnDeliveryDestination,
  CfnDeliverySource,
  LogGroup,
  RetentionDays,
  type ILogGroup,
} from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { substituted } from '../common/substitution';

/** What is delivered: the names of sources and destinations, 60 characters at most, begin with the runtime's, 48 at most. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  APPLICATION_LOGS: 'app',
  USAGE_LOGS: 'usage',
  TRACES: 'traces',
};

export interface LogDeliveryProps {
  readonly runtime: IRuntimeRef;
  readonly runtimeName: string;
  readonly logType: LogType;
  readonly retention?: RetentionDays;
  readonly removalPolicy?: RemovalPolicy;
  readonly encryptionKey?: IKeyRef;
}

/**
 * Delivers one kind of logs of a runtime to a log group of its own. The L2 construct would add a resource policy to the
 * stack, which a log group of this name does not need.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-V2-CloudWatchLogs.html
 */
export class LogDelivery extends Construct {
  public readonly logType: string;
  public readonly logGroup: ILogGroup;
  private readonly delivery: CfnDelivery;

  public constructor(scope: Construct, id: string, props: LogDeliveryProps) {
    super(scope, id);

    const { runtime, logType } = props;
    this.logType = logType.value;
    this.logGroup = new LogGroup(this, 'LogGroup', {
      logGroupName: substituted(
        `/aws/vendedlogs/bedrock-agentcore/runtime/${logType.value}/${runtime.runtimeRef.agentRuntimeId}`,
      ),
      retention: props.retention ?? RetentionDays.ONE_MONTH,
      removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      encryptionKey: props.encryptionKey,
    });
    this.delivery = deliver(this, runtime, logType.value, props.runtimeName, {
      deliveryDestinationType: 'CWL',
      destinationResourceArn: this.logGroup.logGroupArn,
    });
  }

  /** The service refuses some of several deliveries that are made at once, which the L2 construct knows of, too. */
  public waitFor(earlier: LogDelivery): void {
    this.delivery.node.addDependency(earlier.delivery);
  }
}

/**
 * Delivers the spans of the service to X-Ray. The service lets itself in there by a resource policy for all runtimes of
 * the account, with the permissions of who deploys.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-V2-XRayTraces.html
 */
export class TraceDelivery extends Construct {
  public constructor(
    scope: Construct,
    id: string,
    props: { readonly runtime: IRuntimeRef; readonly runtimeName: string },
  ) {
    super(scope, id);

    deliver(this, props.runtime, 'TRACES', props.runtimeName, { deliveryDestinationType: 'XRAY' });
  }
}

interface Destination {
  readonly deliveryDestinationType: string;
  readonly destinationResourceArn?: string;
}

function deliver(
  scope: Construct,
  runtime: IRuntimeRef,
  logType: string,
  runtimeName: string,
  to: Destination,
): CfnDelivery {
  const whole = `${runtimeName}-${SHORT_NAMES[logType] ?? logType.toLowerCase()}`;
  const name = Token.isUnresolved(whole) ? whole : whole.slice(0, 60);
  const source = new CfnDeliverySource(scope, 'Source', {
    name,
    logType,
    resourceArn: runtime.runtimeRef.agentRuntimeArn,
  });
  const destination = new CfnDeliveryDestination(scope, 'Destination', { name, ...to });
  const delivery = new CfnDelivery(scope, 'Delivery', {
    deliverySourceName: name,
    deliveryDestinationArn: destination.attrArn,
  });
  delivery.node.addDependency(source);
  return delivery;
}
