import { Template } from 'aws-cdk-lib/assertions';
import { McpDashboard, StatefulMcpServer } from '../../../lib';
import { errorOf, greetingServer, unbundledStack } from '../fixtures/stacks';

test('it shows each server, of this app or of another', () => {
  const stack = unbundledStack();
  const deployed = StatefulMcpServer.fromAttributes(stack, 'Deployed', {
    runtimeArn: 'arn:aws:bedrock-agentcore:eu-west-1:111111111111:runtime/orders-0123456789',
  });
  new McpDashboard(stack, 'Dashboard', { servers: [greetingServer(stack), deployed], dashboardName: 'servers' });
  const [dashboard] = Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Dashboard')) as {
    Properties: { DashboardName: string; DashboardBody: { 'Fn::Join': [string, unknown[]] } };
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

test.each([
  [{}, '`servers` is undefined; a list of servers is allowed'],
  [{ servers: [] }, '`servers` is an empty list'],
  [{ servers: ['orders'] }, '`servers[0]` is "orders"; an IStatefulMcpServer is allowed'],
])('%j is refused', (props, message) => {
  expect(errorOf(() => new McpDashboard(unbundledStack(), 'Dashboard', props as never))).toContain(message);
});
