import type { McpAlarms } from './mcp-alarms';
import type { McpLogging } from './mcp-logging';

/**
 * What AgentCore Runtime delivers of the calls of a server, and who is told of what.
 */
export interface StatefulMcpServerObservabilityProps {
  /**
   * Which logs the service delivers, and where to. What the server itself writes is in the runtime's own log group
   * whatever this is.
   *
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/observability.html
   *
   * @default McpLogging.standard()
   */
  readonly logging?: McpLogging;

  /**
   * Whether the service delivers traces of the calls to AWS X-Ray.
   *
   * That needs CloudWatch Transaction Search, a setting of the account and Region: where it is off, the deployment fails
   * with "X-Ray Delivery Destination is supported with CloudWatch Logs as a Trace Segment Destination". So `true` is for
   * accounts that have it.
   *
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Transaction-Search.html
   *
   * @default - true where the app has a `TransactionSearch` for the same account and Region, otherwise false
   */
  readonly tracingEnabled?: boolean;

  /**
   * The alarms of the server.
   *
   * @default - none
   */
  readonly alarms?: McpAlarms;

  /**
   * Whether a resource policy is made for the deliveries of `McpLogging.of(...)`. An account has 10 of them for Amazon
   * CloudWatch Logs in each Region. Those of `McpLogging.standard()` need none.
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
