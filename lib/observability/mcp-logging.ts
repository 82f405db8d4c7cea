import type { RemovalPolicy } from 'aws-cdk-lib';
import { LogType, type LoggingConfig } from 'aws-cdk-lib/aws-bedrockagentcore';
import type { IKeyRef } from 'aws-cdk-lib/aws-kms';
import { type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { key, loggingConfigs, removalPolicy, retention } from '../private/common/cdk-kinds';
import { refuse } from '../private/common/construct-error';
import { flag, kindProblems, optional, options, type Kinds } from '../private/common/kinds';
import type { McpLoggingConfig } from './mcp-logging-config';

/**
 * Options of `McpLogging.standard()`.
 */
export interface StandardLoggingOptions {
  /**
   * Whether application logs are kept: a record for each request, **with what it and its response say**, ids and trace.
   * Leave them out where users' data may not be in logs.
   *
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/observability-runtime-metrics.html
   *
   * @default true
   */
  readonly applicationLogs?: boolean;

  /**
   * Whether usage logs are kept: vCPU and memory of each session, by the second.
   *
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/observability-runtime-metrics.html
   *
   * @default true
   */
  readonly usageLogs?: boolean;

  /**
   * How long a record is kept.
   *
   * @default RetentionDays.ONE_MONTH
   */
  readonly retention?: RetentionDays;

  /**
   * What becomes of the log groups when the server is removed. They are named by the runtime's id, so that those of an
   * earlier one are in nobody's way.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * The KMS key that encrypts the log groups. Its policy must let CloudWatch Logs use it.
   *
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
   *
   * @default - a key of CloudWatch Logs
   */
  readonly encryptionKey?: IKeyRef;
}

const STANDARD_OPTIONS: Kinds<StandardLoggingOptions> = {
  applicationLogs: optional(flag),
  usageLogs: optional(flag),
  retention: optional(retention),
  removalPolicy: optional(removalPolicy),
  encryptionKey: optional(key),
};

/**
 * Which logs AgentCore Runtime delivers of an MCP server, beside what the server itself writes to stdout and stderr.
 *
 * The latter always goes to the log group `/aws/bedrock-agentcore/runtimes/<runtime id>-<endpoint>`, which the service
 * makes with the first request, and in which nothing ever expires.
 */
export abstract class McpLogging {
  /**
   * Application and usage logs, each to a log group `/aws/vendedlogs/bedrock-agentcore/runtime/<type>/<runtime id>`.
   *
   * Delivery to a log group of this name needs no resource policy, of which an account may have ten.
   *
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-V2-CloudWatchLogs.html
   *
   * @param options - what to keep, and for how long
   */
  public static standard(options: StandardLoggingOptions = {}): McpLogging {
    refuse(undefined, optionsProblems(options));
    const { applicationLogs = true, usageLogs = true, ...others } = options;
    return new ConfiguredLogging({
      ...others,
      logTypes: [...(applicationLogs ? [LogType.APPLICATION_LOGS] : []), ...(usageLogs ? [LogType.USAGE_LOGS] : [])],
    });
  }

  /**
   * Neither application nor usage logs.
   */
  public static none(): McpLogging {
    return new ConfiguredLogging({});
  }

  /**
   * Logs as configurations of the L2 construct have them: to a log group, a bucket or a Firehose stream of yours.
   *
   * @param configs - such as `{ logType: LogType.APPLICATION_LOGS, destination: LoggingDestination.s3(bucket) }`
   */
  public static of(...configs: LoggingConfig[]): McpLogging {
    refuse(undefined, kindProblems({ configs }, { configs: loggingConfigs }));
    return new ConfiguredLogging({ loggingConfigs: configs });
  }

  /**
   * Which logs one server keeps. Called once for each server.
   *
   * @param scope - the server, a construct; what the configuration needs can be made in it
   */
  public abstract bind(scope: Construct): McpLoggingConfig;
}

function optionsProblems(given: StandardLoggingOptions): string[] {
  return options(STANDARD_OPTIONS)(given, 'options');
}

class ConfiguredLogging extends McpLogging {
  public constructor(private readonly config: McpLoggingConfig) {
    super();
  }

  public bind(): McpLoggingConfig {
    return this.config;
  }
}
