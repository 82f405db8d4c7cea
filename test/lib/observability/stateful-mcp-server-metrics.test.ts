import { Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Runtime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { type Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { StatefulMcpServerMetrics } from '../../../lib';
import { errorOf, greetingServer, unbundledStack } from '../fixtures/stacks';

test.each<[string, string, (metrics: StatefulMcpServerMetrics) => Metric]>([
  ['Invocations', 'Sum', metrics => metrics.invocations()],
  ['Throttles', 'Sum', metrics => metrics.throttles()],
  ['SystemErrors', 'Sum', metrics => metrics.systemErrors()],
  ['UserErrors', 'Sum', metrics => metrics.userErrors()],
  ['Errors', 'Sum', metrics => metrics.errors()],
  ['Latency', 'Average', metrics => metrics.latency()],
  ['SessionCount', 'Sum', metrics => metrics.sessionCount()],
  ['Latency', 'p99', metrics => metrics.latencyPercentile(99)],
  ['Latency', 'p99.9', metrics => metrics.latencyPercentile(99.9)],
  ['ActiveSessionCount', 'Maximum', metrics => metrics.activeSessions()],
  ['CPUUsed-vCPUHours', 'Sum', metrics => metrics.cpuHours()],
  ['MemoryUsed-GBHours', 'Sum', metrics => metrics.memoryHours()],
  ['Anything', 'Average', metrics => metrics.metric('Anything')],
])('%s is a %s', (metricName, statistic, metricOf) => {
  expect(metricOf(greetingServer(unbundledStack()).metrics)).toMatchObject({
    namespace: 'AWS/Bedrock-AgentCore',
    metricName,
    statistic,
  });
});

// It is the one other source in code of the names that CloudWatch has.
test('what the L2 has, too, is the same metric', () => {
  const { runtime, metrics } = greetingServer(unbundledStack());
  const pairs = [
    [metrics.invocations(), runtime.metricInvocations()],
    [metrics.throttles(), runtime.metricThrottles()],
    [metrics.systemErrors(), runtime.metricSystemErrors()],
    [metrics.userErrors(), runtime.metricUserErrors()],
    [metrics.errors(), runtime.metricTotalErrors()],
    [metrics.latency(), runtime.metricLatency()],
    [metrics.sessionCount(), runtime.metricSessionCount()],
  ] as const;
  for (const [ours, { namespace, metricName, dimensions, statistic }] of pairs) {
    // As the oldest calls it, which was corrected since.
    const corrected = metricName === 'TotalErrors' ? 'Errors' : metricName;
    expect(ours).toMatchObject({ namespace, metricName: corrected, dimensions, statistic });
  }
});

test('an alarm watches the DEFAULT endpoint of this runtime', () => {
  const stack = unbundledStack();
  const server = greetingServer(stack);
  server.metrics
    .errors({ period: Duration.minutes(1) })
    .createAlarm(stack, 'Alarm', { threshold: 1, evaluationPeriods: 1 });
  Template.fromStack(stack).hasResourceProperties('AWS::CloudWatch::Alarm', {
    Namespace: 'AWS/Bedrock-AgentCore',
    MetricName: 'Errors',
    Period: 60,
    Dimensions: Match.arrayWith([
      { Name: 'Name', Value: `${server.runtime.agentRuntimeName}::DEFAULT` },
      { Name: 'Operation', Value: 'InvokeAgentRuntime' },
      { Name: 'Resource', Value: stack.resolve(server.runtime.agentRuntimeArn) as unknown },
    ]),
  });
});

test('an imported runtime has its metrics, too', () => {
  const runtime = Runtime.fromAgentRuntimeAttributes(unbundledStack(), 'Runtime', {
    agentRuntimeArn: 'arn:aws:bedrock-agentcore:us-east-1:123456789012:runtime/name-0123456789',
    agentRuntimeId: 'name-0123456789',
    agentRuntimeName: 'name',
    agentRuntimeVersion: '1',
    roleArn: 'arn:aws:iam::123456789012:role/mcp',
  });
  const { dimensions } = StatefulMcpServerMetrics.fromRuntime(runtime).latency();
  expect(dimensions).toMatchObject({ Name: 'name::DEFAULT' });
});

test('options come last', () => {
  const metric = greetingServer(unbundledStack()).metrics.latency({
    statistic: 'p99',
    region: 'eu-west-1',
    dimensionsMap: { Name: 'name::live' },
  });
  expect(metric).toMatchObject({
    statistic: 'p99',
    region: 'eu-west-1',
    dimensions: { Name: 'name::live', Operation: 'InvokeAgentRuntime' },
  });
});

test('usage is that of the endpoint, live sessions are those of the account', () => {
  const stack = unbundledStack();
  const server = greetingServer(stack);
  const live = server.metrics.forEndpoint('live');
  const name = `${server.runtime.agentRuntimeName}::live`;
  expect(stack.resolve(live.invocations().dimensions)).toMatchObject({ Name: name, Operation: 'InvokeAgentRuntime' });
  expect(stack.resolve(live.cpuHours().dimensions)).toEqual({
    Service: 'AgentCore.Runtime',
    Resource: stack.resolve(server.runtimeArn) as unknown,
    Name: name,
  });
  expect(live.activeSessions().dimensions).toEqual({ Service: 'AgentCore.Runtime' });
});

test.each([0, -1, 100.1, Number.NaN, '99'])('a percentile of %s is refused', percentile => {
  expect(errorOf(() => greetingServer(unbundledStack()).metrics.latencyPercentile(percentile as number))).toContain(
    '`percentile` is',
  );
});

test('a statistic that is undefined leaves the default', () => {
  const stack = new Stack(undefined, 'Other', { env: { account: '210987654321', region: 'eu-west-1' } });
  const metrics = StatefulMcpServerMetrics.fromRuntime(
    Runtime.fromAgentRuntimeAttributes(stack, 'Runtime', {
      agentRuntimeArn: 'arn:aws:bedrock-agentcore:eu-west-1:123456789012:runtime/name-0123456789',
      agentRuntimeId: 'name-0123456789',
      agentRuntimeName: 'name',
      agentRuntimeVersion: '1',
      roleArn: 'arn:aws:iam::123456789012:role/name',
    }),
  );
  const unset = { statistic: undefined, period: undefined, label: undefined };
  expect({ ...metrics.errors(unset) }).toEqual({ ...metrics.errors() });
  expect({ ...metrics.cpuHours(unset) }).toEqual({ ...metrics.cpuHours() });
  expect({ ...metrics.latencyPercentile(99, unset) }).toEqual({ ...metrics.latencyPercentile(99) });
});

test.each<[string, (metrics: StatefulMcpServerMetrics) => unknown]>([
  ['usage', metrics => metrics.cpuHours({ period: 5 } as never)],
  ['live sessions', metrics => metrics.activeSessions({ period: 5 } as never)],
  ['what has a statistic', metrics => metrics.errors({ period: 5 } as never)],
])('the options of %s are checked', (_, metricOf) => {
  expect(errorOf(() => metricOf(greetingServer(unbundledStack()).metrics))).toContain('`period` is 5; a Duration');
});

test.each(['a\nb', '1st', 'x'.repeat(300)])('an endpoint with the name %j is refused, as grants refuse it', name => {
  const { metrics } = greetingServer(unbundledStack());
  expect(errorOf(() => metrics.forEndpoint(name))).toContain('`endpointName` is');
});

test.each([Symbol('99'), Object.create(null)])('a percentile that is no number is named', percentile => {
  expect(errorOf(() => greetingServer(unbundledStack()).metrics.latencyPercentile(percentile as never))).toContain(
    '`percentile` is',
  );
});
