import { Duration, Stack } from 'aws-cdk-lib';
import {
  Dashboard,
  MathExpression,
  TextWidget,
  type CfnDashboard,
  type IMetric,
  type IWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { refuse } from '../private/common/construct-error';
import { substituted } from '../private/common/substitution';
import { like, listOf, nonEmptyText, optional, options, type Kinds } from '../private/common/kinds';
import { RepeatingGraph } from '../private/observability/repeating-graph';
import type { IStatefulMcpServer } from '../stateful-mcp-server-ref';

/**
 * Properties of `McpDashboard`.
 */
export interface McpDashboardProps {
  /**
   * The servers that it shows, one or more: each gets three rows.
   */
  readonly servers: IStatefulMcpServer[];

  /**
   * The name of the dashboard: letters, digits, hyphens and underscores.
   *
   * @default - a generated name
   */
  readonly dashboardName?: string;
}

const server = like(
  'IStatefulMcpServer',
  ['runtimeArn', 'metrics', 'url'],
  'give a `StatefulMcpServer`, or `StatefulMcpServer.fromAttributes(...)`',
);
const PROPS: Kinds<McpDashboardProps> = { servers: listOf(server, 'servers'), dashboardName: optional(nonEmptyText) };

/** Dollars in us-east-1 in August 2026. https://aws.amazon.com/bedrock/agentcore/pricing/ */
const PRICE = { cpuHour: 0.0895, memoryHour: 0.00945 } as const;

const WIDTH = 8;
const HEIGHT = 6;

/**
 * A CloudWatch dashboard of MCP servers: calls and what failed, how long they took, sessions, and what they cost.
 *
 * @example
 * const topic = new sns.Topic(this, 'Operators');
 * const server = new StatefulMcpServer(this, 'Expenses', {
 *   code: McpServerCode.fromTypeScript('server.ts'),
 *   logging: McpLogging.standard({ retention: logs.RetentionDays.ONE_WEEK }),
 *   alarms: McpAlarms.standard({ topic, activeSessions: 100 }),
 * });
 * new McpDashboard(this, 'Dashboard', { servers: [server] });
 */
export class McpDashboard extends Construct {
  /**
   * The dashboard, to which widgets can be added.
   */
  public readonly dashboard: Dashboard;

  public constructor(scope: Construct, id: string, props: McpDashboardProps) {
    super(scope, id);

    refuse(this, options(PROPS)(props, 'props'));
    refuse(
      this,
      props.servers.length === 0 ? ['`servers` is an empty list; one or more are allowed: give those to show'] : [],
    );
    this.dashboard = new Dashboard(this, 'Dashboard', {
      dashboardName: props.dashboardName,
      defaultInterval: Duration.hours(24),
    });
    for (const shown of props.servers) {
      this.dashboard.addWidgets(...rowsOf(shown, Stack.of(this)));
    }
    const resource = this.dashboard.node.defaultChild as CfnDashboard;
    resource.dashboardBody = substituted(resource.dashboardBody);
  }
}

function rowsOf({ metrics, runtimeId, env }: IStatefulMcpServer, stack: Stack): IWidget[] {
  // A dashboard looks into its own account and Region by itself.
  const isOwn = env.account === stack.account && env.region === stack.region;
  const place = isOwn ? { account: undefined, region: undefined } : {};
  const hourly = { ...place, period: Duration.hours(1) };
  const cpuHours = metrics.cpuHours(hourly);
  const memoryHours = metrics.memoryHours(hourly);
  const graph = (title: string, ...left: IMetric[]): IWidget =>
    new RepeatingGraph({ title, left, region: env.region, width: WIDTH, height: HEIGHT });
  return [
    new TextWidget({ markdown: `# ${runtimeId}`, width: 3 * WIDTH, height: 1 }),
    graph('Calls', metrics.invocations({ ...place, label: 'calls' })),
    graph(
      'Calls that failed',
      metrics.systemErrors({ ...place, label: 'in the service or the server' }),
      metrics.userErrors({ ...place, label: 'by a fault of the caller' }),
      metrics.throttles({ ...place, label: 'throttled' }),
    ),
    graph(
      'Milliseconds to the end of a response, with the time that users take to answer',
      metrics.latencyPercentile(50, { ...place, label: 'half of them' }),
      metrics.latencyPercentile(90, { ...place, label: '90 %' }),
      metrics.latencyPercentile(99, { ...place, label: '99 %' }),
    ),
    graph(
      'Sessions',
      metrics.sessionCount({ ...place, label: 'began' }),
      metrics.activeSessions({ ...place, label: 'live, of all runtimes in the Region' }),
    ),
    graph('Use in an hour', cpuHours.with({ label: 'vCPU hours' }), memoryHours.with({ label: 'GB hours of memory' })),
    graph(
      'Estimated dollars in an hour, at the price of us-east-1',
      new MathExpression({
        expression: `cpu * ${PRICE.cpuHour} + memory * ${PRICE.memoryHour}`,
        usingMetrics: { cpu: cpuHours, memory: memoryHours },
        label: 'vCPU and memory',
        period: hourly.period,
      }),
    ),
  ];
}
