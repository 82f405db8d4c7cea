import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData, type IAlarm, type Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { topic } from '../private/common/cdk-kinds';
import { refuse } from '../private/common/construct-error';
import { kind, optional, options, type Kinds } from '../private/common/kinds';
import { regionProblems } from '../private/platform/same-region';
import { describedPath } from '../private/permissions/described-path';
import type { StatefulMcpServerMetrics } from './stateful-mcp-server-metrics';

/**
 * Options of `McpAlarms.standard()`. A threshold of 0 leaves its alarm out.
 */
export interface StandardAlarmsOptions {
  /**
   * Where alarms are told, and that they are over.
   */
  readonly topic: ITopic;

  /**
   * Requests in five minutes that failed in the service, or because the server did not start or broke off.
   *
   * @default 1
   */
  readonly systemErrors?: number;

  /**
   * Requests in five minutes that were refused because a quota was used up.
   *
   * @default 1
   */
  readonly throttles?: number;

  /**
   * Sessions that live at a time, of all runtimes in the account and Region: the service does not tell them apart. Idle
   * ones count and cost, until their timeout. An account may have 2,500 of them, in some Regions 5,000.
   *
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/bedrock-agentcore-limits.html
   *
   * @default 500
   */
  readonly activeSessions?: number;

  /**
   * Hours of vCPU in one hour. A session that is caught in a loop uses 2; the service tells the figure up to an hour late.
   *
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/observability-runtime-metrics.html
   *
   * @default 10
   */
  readonly cpuHours?: number;
}

const threshold = kind(
  'a number of 0 or more',
  'give one, or 0 for no such alarm',
  value => Number.isFinite(value) && Number(value) >= 0,
);

const STANDARD_OPTIONS: Kinds<StandardAlarmsOptions> = {
  topic,
  systemErrors: optional(threshold),
  throttles: optional(threshold),
  activeSessions: optional(threshold),
  cpuHours: optional(threshold),
};

/**
 * Which alarms a server has. For others than the standard ones, make them of `server.metrics`, or extend the class.
 */
export abstract class McpAlarms {
  /**
   * Alarms for what a server of any kind should not do: fail, be throttled, keep too many sessions, run without end.
   *
   * There is none on latency, which in a session includes the time that a tool waits for the user, and none on errors of
   * callers.
   *
   * @param options - where they are told, and from when on
   */
  public static standard(options: StandardAlarmsOptions): McpAlarms {
    refuse(undefined, optionsProblems(options));
    return new StandardAlarms(options);
  }

  /**
   * Makes the alarms of one server. Called once for each server.
   *
   * @param scope - where to make them
   * @param metrics - the metrics of the endpoint that users call
   * @returns the alarms
   */
  public abstract bind(scope: Construct, metrics: StatefulMcpServerMetrics): IAlarm[];
}

function optionsProblems(given: StandardAlarmsOptions): string[] {
  return options(STANDARD_OPTIONS)(given, 'options');
}

class StandardAlarms extends McpAlarms {
  public constructor(private readonly given: StandardAlarmsOptions) {
    super();
  }

  public bind(scope: Construct, metrics: StatefulMcpServerMetrics): IAlarm[] {
    const { topic: told, systemErrors = 1, throttles = 1, activeSessions = 500, cpuHours = 10 } = this.given;
    refuse(scope, regionProblems(scope, { topic: told }));
    const fiveMinutes = { period: Duration.minutes(5) };
    return [
      alarmOf(scope, 'SystemErrors', told, {
        least: systemErrors,
        metric: metrics.systemErrors(fiveMinutes),
        description: 'requests failed in the service or at the start of the server',
      }),
      alarmOf(scope, 'Throttles', told, {
        least: throttles,
        metric: metrics.throttles(fiveMinutes),
        description: 'requests were refused because a quota was used up',
      }),
      alarmOf(scope, 'ActiveSessions', told, {
        least: activeSessions,
        metric: metrics.activeSessions(fiveMinutes),
        description: 'many sessions live in this account and Region; idle ones cost until their timeout',
      }),
      alarmOf(scope, 'CpuHours', told, {
        least: cpuHours,
        metric: metrics.cpuHours({ period: Duration.hours(1) }),
        description: 'sessions use much vCPU: one may be caught in a loop',
      }),
    ].flat();
  }
}

/** The alarm on one metric, or none where it is left out. */
function alarmOf(
  scope: Construct,
  id: string,
  topic: ITopic,
  { least, metric, description }: { readonly least: number; readonly metric: Metric; readonly description: string },
): IAlarm[] {
  if (least === 0) {
    return [];
  }
  // eslint-disable-next-line cdk/no-variable-construct-id, cdk/require-passing-this -- one of the four names above
  const alarm = new Alarm(scope, id, {
    metric,
    threshold: least,
    evaluationPeriods: 1,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: TreatMissingData.NOT_BREACHING,
    alarmDescription: `MCP server ${describedPath(scope.node.scope ?? scope)}: ${description}`,
  });
  const action = new SnsAction(topic);
  alarm.addAlarmAction(action);
  alarm.addOkAction(action);
  return [alarm];
}
