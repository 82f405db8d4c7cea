import { Duration } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { McpAlarms, McpRelease } from '../../../lib';
import { errorOf, greetingServer, unbundledStack } from '../fixtures/stacks';

const ALARM = 'AWS::CloudWatch::Alarm';

test('the standard alarms tell a topic of errors, throttling, many sessions and much vCPU', () => {
  const stack = unbundledStack();
  const topic = new Topic(stack, 'Topic');
  const server = greetingServer(stack, { alarms: McpAlarms.standard({ topic }) });
  expect(server.alarms).toHaveLength(4);
  const template = Template.fromStack(stack);
  const told = [stack.resolve(topic.topicArn) as unknown];
  for (const [metric, threshold, period, statistic] of [
    ['SystemErrors', 1, 300, 'Sum'],
    ['Throttles', 1, 300, 'Sum'],
    ['ActiveSessionCount', 500, 300, 'Maximum'],
    ['CPUUsed-vCPUHours', 10, 3600, 'Sum'],
  ] as const) {
    template.hasResourceProperties(ALARM, {
      Namespace: 'AWS/Bedrock-AgentCore',
      MetricName: metric,
      Threshold: threshold,
      Period: period,
      Statistic: statistic,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'notBreaching',
      AlarmActions: told,
      OKActions: told,
    });
  }
});

test('a threshold is taken, and 0 leaves an alarm out', () => {
  const stack = unbundledStack();
  greetingServer(stack, {
    alarms: McpAlarms.standard({
      topic: new Topic(stack, 'Topic'),
      systemErrors: 3,
      throttles: 0,
      activeSessions: 0,
      cpuHours: 0,
    }),
  });
  const template = Template.fromStack(stack);
  template.resourceCountIs(ALARM, 1);
  template.hasResourceProperties(ALARM, { MetricName: 'SystemErrors', Threshold: 3 });
});

test('deep in an app, descriptions are as long as CloudWatch takes', () => {
  const stack = unbundledStack();
  const deep = Array.from({ length: 30 }, (_, index) => `Level${index}`.padEnd(40, 'x')).reduce<Construct>(
    (scope, id) => new Construct(scope, id),
    stack,
  );
  greetingServer(deep, {
    alarms: McpAlarms.standard({ topic: new Topic(stack, 'Topic') }),
    release: McpRelease.verified({ watch: Duration.hours(1) }),
  });
  const alarms = Object.values(Template.fromStack(stack).findResources(ALARM)) as {
    Properties: { AlarmDescription: string };
  }[];
  expect(alarms).toHaveLength(5);
  for (const { Properties } of alarms) {
    expect(Properties.AlarmDescription.length).toBeLessThanOrEqual(1024);
    expect(Properties.AlarmDescription).toContain('Level29');
  }
});

test('a server has no alarms unless it is told', () => {
  const stack = unbundledStack();
  expect(greetingServer(stack).alarms).toEqual([]);
  Template.fromStack(stack).resourceCountIs(ALARM, 0);
});

test.each([
  [{}, '`topic` is undefined; an ITopic is allowed'],
  [{ topic: 'arn:aws:sns:eu-west-1:111111111111:topic' }, 'an ITopic is allowed'],
])('%j is refused', (options, message) => {
  expect(errorOf(() => McpAlarms.standard(options as never))).toContain(message);
});

test.each(['systemErrors', 'throttles', 'activeSessions', 'cpuHours'])(
  'a %s below 0, or without end, is refused',
  name => {
    const topic = new Topic(unbundledStack(), 'Topic');
    // Infinity is null in a template.
    for (const value of [-1, Infinity]) {
      expect(errorOf(() => McpAlarms.standard({ topic, [name]: value }))).toContain(
        `\`${name}\` is ${value}; a number of 0 or more is allowed`,
      );
    }
  },
);
