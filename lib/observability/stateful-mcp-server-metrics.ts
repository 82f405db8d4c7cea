import { Fn } from 'aws-cdk-lib';
import type { IRuntimeRef } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Metric, Stats, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { runtime as runtimeKind } from '../private/common/cdk-kinds';
import { refuse } from '../private/common/construct-error';
import { kindProblems, text } from '../private/common/kinds';
import { DEFAULT_ENDPOINT } from '../private/server/invocation-url';

/**
 * CloudWatch metrics that AgentCore Runtime publishes for an MCP server, for its DEFAULT endpoint.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/observability-runtime-metrics.html
 */
export class StatefulMcpServerMetrics {
  /**
   * Metrics of any runtime: of a `StatefulMcpServer`, an L2 or L1 construct, or imported.
   *
   * @param runtime - the runtime that hosts the server
   */
  public static fromRuntime(runtime: IRuntimeRef): StatefulMcpServerMetrics {
    refuse(undefined, kindProblems({ runtime }, { runtime: runtimeKind }));
    return new StatefulMcpServerMetrics(runtime);
  }

  private constructor(private readonly runtime: IRuntimeRef) {}

  /**
   * A metric by its CloudWatch name.
   *
   * @param metricName - for example `Invocations`
   * @param options - what to change; given dimensions are added to those of the runtime
   */
  public metric(metricName: string, options: MetricOptions = {}): Metric {
    refuse(this.runtime, kindProblems({ metricName }, { metricName: text }));
    const { agentRuntimeArn, agentRuntimeId } = this.runtime.runtimeRef;
    // An id is the runtime's name, a hyphen and ten characters; the name itself has no hyphen.
    const runtimeName = Fn.select(0, Fn.split('-', agentRuntimeId));
    return new Metric({
      namespace: 'AWS/Bedrock-AgentCore',
      metricName,
      region: this.runtime.env.region,
      account: this.runtime.env.account,
      ...options,
      dimensionsMap: {
        Operation: 'InvokeAgentRuntime',
        Name: `${runtimeName}::${DEFAULT_ENDPOINT}`,
        Resource: agentRuntimeArn,
        ...options.dimensionsMap,
      },
    });
  }

  /**
   * Requests to the server (sum).
   *
   * @param options - what to change
   */
  public invocations(options: MetricOptions = {}): Metric {
    return this.metric('Invocations', { statistic: Stats.SUM, ...options });
  }

  /**
   * Requests refused because a quota was used up (sum).
   *
   * @param options - what to change
   */
  public throttles(options: MetricOptions = {}): Metric {
    return this.metric('Throttles', { statistic: Stats.SUM, ...options });
  }

  /**
   * Requests that failed in the service (sum).
   *
   * @param options - what to change
   */
  public systemErrors(options: MetricOptions = {}): Metric {
    return this.metric('SystemErrors', { statistic: Stats.SUM, ...options });
  }

  /**
   * Requests that failed by a fault on the caller's side, such as an invalid request (sum).
   *
   * @param options - what to change
   */
  public userErrors(options: MetricOptions = {}): Metric {
    return this.metric('UserErrors', { statistic: Stats.SUM, ...options });
  }

  /**
   * Requests that failed, whoever's fault it was (sum).
   *
   * @param options - what to change
   */
  public errors(options: MetricOptions = {}): Metric {
    return this.metric('Errors', { statistic: Stats.SUM, ...options });
  }

  /**
   * Milliseconds from a request to the end of its response (average). In a session, that includes the time a tool waits
   * for the user.
   *
   * @param options - what to change
   */
  public latency(options: MetricOptions = {}): Metric {
    return this.metric('Latency', { statistic: Stats.AVERAGE, ...options });
  }

  /**
   * Sessions that began (sum): not how many there are at a time.
   *
   * @param options - what to change
   */
  public sessionCount(options: MetricOptions = {}): Metric {
    return this.metric('SessionCount', { statistic: Stats.SUM, ...options });
  }
}
