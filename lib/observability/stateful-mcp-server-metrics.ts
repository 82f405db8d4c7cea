import { Fn } from 'aws-cdk-lib';
import type { IRuntimeRef } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Metric, Stats, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { duration, runtime as runtimeKind } from '../private/common/cdk-kinds';
import { refuse } from '../private/common/construct-error';
import {
  kindProblems,
  nonEmptyText,
  number,
  optional,
  options as optionsOf,
  textMap,
  type Kinds,
} from '../private/common/kinds';
import { DEFAULT_ENDPOINT, endpointProblems } from '../private/server/invocation-url';

const NAMESPACE = 'AWS/Bedrock-AgentCore';
/** What usage is counted for, beside gateways, memories and the other parts of AgentCore. */
const SERVICE = 'AgentCore.Runtime';

/** What of the options can be told from a wrong one, or would be lost. */
const OPTIONS: Kinds<Pick<MetricOptions, 'dimensionsMap' | 'label' | 'period' | 'statistic'>> = {
  dimensionsMap: optional(textMap),
  label: optional(nonEmptyText),
  period: optional(duration),
  statistic: optional(nonEmptyText),
};

/**
 * CloudWatch metrics that AgentCore Runtime publishes for an MCP server, for one of its endpoints.
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
    return new StatefulMcpServerMetrics(runtime, DEFAULT_ENDPOINT);
  }

  private constructor(
    private readonly runtime: IRuntimeRef,
    private readonly endpointName: string,
  ) {}

  /**
   * The metrics of another endpoint of the same runtime.
   *
   * @param endpointName - the name of the endpoint, such as `live`
   */
  public forEndpoint(endpointName: string): StatefulMcpServerMetrics {
    refuse(this.runtime, kindProblems({ endpointName }, { endpointName: nonEmptyText }));
    refuse(this.runtime, endpointProblems(endpointName));
    return new StatefulMcpServerMetrics(this.runtime, endpointName);
  }

  /**
   * A metric by its CloudWatch name.
   *
   * @param metricName - for example `Invocations`
   * @param options - what to change; given dimensions are added to those of the runtime
   */
  public metric(metricName: string, options: MetricOptions = {}): Metric {
    refuse(this.runtime, kindProblems({ metricName }, { metricName: nonEmptyText }));
    this.refuseOptions(options);
    const { agentRuntimeArn } = this.runtime.runtimeRef;
    return this.measure(metricName, options, {
      Operation: 'InvokeAgentRuntime',
      Name: this.name(),
      Resource: agentRuntimeArn,
    });
  }

  /**
   * Requests to the server (sum).
   *
   * @param options - what to change
   */
  public invocations(options: MetricOptions = {}): Metric {
    return this.metric('Invocations', this.withDefault(Stats.SUM, options));
  }

  /**
   * Requests refused because a quota was used up (sum).
   *
   * @param options - what to change
   */
  public throttles(options: MetricOptions = {}): Metric {
    return this.metric('Throttles', this.withDefault(Stats.SUM, options));
  }

  /**
   * Requests that failed in the service (sum).
   *
   * @param options - what to change
   */
  public systemErrors(options: MetricOptions = {}): Metric {
    return this.metric('SystemErrors', this.withDefault(Stats.SUM, options));
  }

  /**
   * Requests that failed by a fault on the caller's side, such as an invalid request (sum).
   *
   * @param options - what to change
   */
  public userErrors(options: MetricOptions = {}): Metric {
    return this.metric('UserErrors', this.withDefault(Stats.SUM, options));
  }

  /**
   * All failed requests, client and server errors together (sum).
   *
   * @param options - what to change
   */
  public errors(options: MetricOptions = {}): Metric {
    return this.metric('Errors', this.withDefault(Stats.SUM, options));
  }

  /**
   * Milliseconds from a request to the end of its response (average). In a session, that includes the time a tool waits
   * for the user.
   *
   * @param options - what to change
   */
  public latency(options: MetricOptions = {}): Metric {
    return this.metric('Latency', this.withDefault(Stats.AVERAGE, options));
  }

  /**
   * Sessions that began (sum): not how many there are at a time.
   *
   * @param options - what to change
   */
  public sessionCount(options: MetricOptions = {}): Metric {
    return this.metric('SessionCount', this.withDefault(Stats.SUM, options));
  }

  /**
   * A percentile of the milliseconds from a request to the end of its response.
   *
   * @param percentile - above 0, at most 100, such as 99 or 99.9
   * @param options - what to change
   */
  public latencyPercentile(percentile: number, options: MetricOptions = {}): Metric {
    refuse(this.runtime, kindProblems({ percentile }, { percentile: number }));
    if (percentile <= 0 || percentile > 100) {
      refuse(this.runtime, [
        `\`percentile\` is ${percentile}; above 0 and at most 100 is allowed: give one such as 99`,
      ]);
    }
    return this.metric('Latency', this.withDefault(Stats.percentile(percentile), options));
  }

  /**
   * How many sessions live at a time (maximum), **of all runtimes in the account and Region**: the service does not tell
   * them apart.
   *
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/observability-runtime-metrics.html
   *
   * @param options - what to change
   */
  public activeSessions(options: MetricOptions = {}): Metric {
    return this.measure('ActiveSessionCount', this.withDefault(Stats.MAXIMUM, options), { Service: SERVICE });
  }

  /**
   * The hours of vCPU that sessions of the endpoint used (sum). Each is billed; the figure may come an hour late.
   *
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/observability-runtime-metrics.html
   *
   * @param options - what to change
   */
  public cpuHours(options: MetricOptions = {}): Metric {
    return this.usage('CPUUsed-vCPUHours', options);
  }

  /**
   * The GB-hours of memory that sessions of the endpoint held (sum), idle ones too. Each is billed; the figure may come an
   * hour late.
   *
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/observability-runtime-metrics.html
   *
   * @param options - what to change
   */
  public memoryHours(options: MetricOptions = {}): Metric {
    return this.usage('MemoryUsed-GBHours', options);
  }

  private usage(metricName: string, options: MetricOptions): Metric {
    const { agentRuntimeArn } = this.runtime.runtimeRef;
    return this.measure(metricName, this.withDefault(Stats.SUM, options), {
      Service: SERVICE,
      Resource: agentRuntimeArn,
      Name: this.name(),
    });
  }

  /** A statistic that is undefined would take the place of the default. */
  private withDefault(statistic: string, options: MetricOptions): MetricOptions {
    this.refuseOptions(options);
    return { ...options, statistic: options.statistic ?? statistic };
  }

  private refuseOptions(options: MetricOptions): void {
    refuse(this.runtime, kindProblems({ options }, { options: optionsOf(OPTIONS, { open: true }) }));
  }

  private measure(metricName: string, options: MetricOptions, dimensions: Record<string, string>): Metric {
    return new Metric({
      namespace: NAMESPACE,
      metricName,
      region: this.runtime.env.region,
      account: this.runtime.env.account,
      ...options,
      dimensionsMap: { ...dimensions, ...options.dimensionsMap },
    });
  }

  /**
   * Constructs of runtimes know the name. An id is the name, a hyphen and ten characters; the name itself has no hyphen.
   */
  private name(): string {
    const { agentRuntimeName } = this.runtime as IRuntimeRef & { readonly agentRuntimeName?: string };
    const name = agentRuntimeName ?? Fn.select(0, Fn.split('-', this.runtime.runtimeRef.agentRuntimeId));
    return `${name}::${this.endpointName}`;
  }
}
