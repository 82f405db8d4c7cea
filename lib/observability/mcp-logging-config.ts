import type { RemovalPolicy } from 'aws-cdk-lib';
import type { LoggingConfig, LogType } from 'aws-cdk-lib/aws-bedrockagentcore';
import type { IKeyRef } from 'aws-cdk-lib/aws-kms';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';

/**
 * Which logs of a server are kept, and where.
 */
export interface McpLoggingConfig {
  /**
   * The kinds of logs that go to a log group of their own, under `/aws/vendedlogs/`.
   *
   * @default - none
   */
  readonly logTypes?: LogType[];

  /**
   * How long these log groups keep a record.
   *
   * @default RetentionDays.ONE_MONTH
   */
  readonly retention?: RetentionDays;

  /**
   * What becomes of these log groups when the server is removed.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * The KMS key that encrypts these log groups. Its policy must let CloudWatch Logs use it.
   *
   * @default - a key of CloudWatch Logs
   */
  readonly encryptionKey?: IKeyRef;

  /**
   * Deliveries that the L2 construct makes, to where they say.
   *
   * @default - none
   */
  readonly loggingConfigs?: LoggingConfig[];
}
