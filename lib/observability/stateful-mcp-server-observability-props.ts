import type { LoggingConfig } from 'aws-cdk-lib/aws-bedrockagentcore';

/**
 * What AgentCore Runtime delivers of the calls of a server: logs and traces.
 */
export interface StatefulMcpServerObservabilityProps {
  /**
   * Where application logs (requests and responses of the callers) and usage logs are delivered to. What the server
   * itself writes is in the runtime's own log group, with or without this.
   *
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/observability.html
   *
   * @default - nowhere
   */
  readonly loggingConfigs?: LoggingConfig[];

  /**
   * Whether the service delivers traces of the calls to AWS X-Ray.
   *
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/observability.html
   *
   * @default false
   */
  readonly tracingEnabled?: boolean;

  /**
   * Whether a resource policy is made that lets the service deliver logs and traces. An account has 10 of them for
   * Amazon CloudWatch Logs in each Region, and fewer for AWS X-Ray.
   *
   * `false` is for log groups below `/aws/vendedlogs/` of the same account, which need none, and for policies of your
   * own; otherwise nothing is delivered, without an error. It needs a newer aws-cdk-lib than 2.257, which says so.
   *
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-V2-CloudWatchLogs.html
   *
   * @default true
   */
  readonly manageDeliveryResourcePolicy?: boolean;
}
