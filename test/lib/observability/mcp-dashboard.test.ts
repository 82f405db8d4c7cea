import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { McpDashboard, StatefulMcpServer } from '../../../lib';
import { errorOf, greetingServer, propertiesOf, unbundledStack } from '../fixtures/stacks';

test('it shows each server, of this app or of another', () => {
  const stack = unbundledStack();
  const deployed = StatefulMcpServer.fromAttributes(stack, 'Deployed', {
    runtimeArn: 'arn:aws:bedrock-agentcore:eu-west-1:111111111111:runtime/orders-0123456789',
  });
  new McpDashboard(stack, 'Dashboard', { servers: [greetingServer(stack), deployed], dashboardName: 'servers' });
  const [dashboard] = Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Dashboard')) as {
    Properties: { DashboardName: string; DashboardBody: { 'Fn::Sub': string } };
  }[];
  expect(dashboard?.Properties.DashboardName).toBe('servers');
  const body = JSON.stringify(dashboard?.Properties.DashboardBody);
  for (const metric of [
    'Invocations',
    'SystemErrors',
    'UserErrors',
    'Throttles',
    'Latency',
    'SessionCount',
    'ActiveSessionCount',
    'CPUUsed-vCPUHours',
    'MemoryUsed-GBHours',
  ]) {
    expect(body.split(metric).length - 1).toBeGreaterThanOrEqual(2);
  }
  expect(body).toContain('# orders-0123456789');
  expect(body).toContain('cpu * 0.0895 + memory * 0.00945');
});

/** The widgets of a dashboard, with `${...}` where the deployment puts something in. */
function widgetsOf(stack: Stack): { properties: { region?: string; metrics?: unknown[][] } }[] {
  const { DashboardBody: body } = propertiesOf(stack, 'AWS::CloudWatch::Dashboard') as {
    DashboardBody: { 'Fn::Sub': string };
  };
  return (JSON.parse(body['Fn::Sub']) as { widgets: ReturnType<typeof widgetsOf> }).widgets;
}

test('of a server of its own place it says no account and no Region, of another it does', () => {
  const stack = unbundledStack();
  const elsewhere = StatefulMcpServer.fromAttributes(stack, 'Deployed', {
    runtimeArn: 'arn:aws:bedrock-agentcore:eu-west-1:111111111111:runtime/orders-0123456789',
  });
  new McpDashboard(stack, 'Dashboard', { servers: [greetingServer(stack, { runtimeName: 'greeter' }), elsewhere] });
  const calls = widgetsOf(stack).flatMap(({ properties: { metrics = [] } }) =>
    metrics.filter(([, name]) => name === 'Invocations'),
  );
  expect(calls).toEqual([
    [
      'AWS/Bedrock-AgentCore',
      'Invocations',
      'Name',
      'greeter::DEFAULT',
      'Operation',
      'InvokeAgentRuntime',
      'Resource',
      expect.stringMatching(/^\$\{ServerRuntime\w+\.AgentRuntimeArn\}$/),
      { label: 'calls', stat: 'Sum' },
    ],
    expect.arrayContaining([
      'orders::live',
      { accountId: '111111111111', label: 'calls', region: 'eu-west-1', stat: 'Sum' },
    ]),
  ]);
});

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
test('a metric repeats by dots what it shares with the one before it', () => {
  const stack = unbundledStack();
  new McpDashboard(stack, 'Dashboard', { servers: [greetingServer(stack, { runtimeName: 'greeter' })] });
  const graphs = widgetsOf(stack).flatMap(({ properties: { metrics } }) => (metrics === undefined ? [] : [metrics]));
  const same = (count: number): string[] => Array.from({ length: count }, () => '.');
  expect(graphs.map(([, ...further]) => further)).toEqual([
    [],
    [
      ['.', 'UserErrors', ...same(6), expect.objectContaining({ stat: 'Sum' })],
      ['.', 'Throttles', ...same(6), expect.objectContaining({ stat: 'Sum' })],
    ],
    [
      ['...', expect.objectContaining({ stat: 'p90' })],
      ['...', expect.objectContaining({ stat: 'p99' })],
    ],
    // It has other dimensions.
    [
      [
        'AWS/Bedrock-AgentCore',
        'ActiveSessionCount',
        'Service',
        'AgentCore.Runtime',
        expect.objectContaining({ stat: 'Maximum' }),
      ],
    ],
    [['.', 'MemoryUsed-GBHours', ...same(6), expect.objectContaining({ period: 3600 })]],
    // An expression has nothing to repeat.
    [
      expect.arrayContaining(['AWS/Bedrock-AgentCore', 'CPUUsed-vCPUHours', 'greeter::DEFAULT']),
      ['.', 'MemoryUsed-GBHours', ...same(6), expect.objectContaining({ id: 'memory' })],
    ],
  ]);
});

test('what is added to it later may have text that looks like a variable', () => {
  const stack = unbundledStack();
  const { dashboard } = new McpDashboard(stack, 'Dashboard', { servers: [greetingServer(stack)] });
  dashboard.addWidgets(new TextWidget({ markdown: '${LABEL}' }));
  expect(JSON.stringify(propertiesOf(stack, 'AWS::CloudWatch::Dashboard'))).toContain('${!LABEL}');
});

test('a server of another stack is referred to', () => {
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
  const [servers, dashboards] = [new Stack(app, 'Servers'), new Stack(app, 'Dashboards')];
  new McpDashboard(dashboards, 'Dashboard', { servers: [greetingServer(servers)] });
  const [text, values] = (
    propertiesOf(dashboards, 'AWS::CloudWatch::Dashboard') as {
      DashboardBody: { 'Fn::Sub': [string, Record<string, unknown>] };
    }
  ).DashboardBody['Fn::Sub'];
  expect(Object.keys(values).every(name => text.includes(`\${${name}}`))).toBe(true);
  expect(Object.values(values)).toEqual(
    ['AgentRuntimeId', 'AgentRuntimeArn'].map(name => ({
      'Fn::ImportValue': expect.stringContaining(name) as unknown,
    })),
  );
});

test.each([
  [{}, '`servers` is undefined; a list of servers is allowed'],
  [{ servers: [] }, '`servers` is an empty list'],
  [{ servers: ['orders'] }, '`servers[0]` is "orders"; an IStatefulMcpServer is allowed'],
])('%j is refused', (props, message) => {
  expect(errorOf(() => new McpDashboard(unbundledStack(), 'Dashboard', props as never))).toContain(message);
});
