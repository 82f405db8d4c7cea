import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as agentcore from 'aws-cdk-lib/aws-bedrockagentcore';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { McpLogging } from '../../../lib';
import { errorOf, greetingServer, propertiesOf, unbundledStack } from '../fixtures/stacks';

/** The oldest aws-cdk-lib that is supported has neither the class nor the prop; both came by version 2.276. */
const IS_NEW = 'PlatformVersion' in agentcore;
const { LoggingDestination, LogType } = agentcore;

const delivered = (stack: Stack) => [
  {
    logType: LogType.APPLICATION_LOGS,
    destination: LoggingDestination.cloudWatchLogs(
      new LogGroup(stack, 'Logs', { logGroupName: '/aws/vendedlogs/bedrock-agentcore/runtime' }),
    ),
  },
];

test('logs and traces are delivered where the props say', () => {
  const stack = unbundledStack();
  greetingServer(stack, { logging: McpLogging.of(...delivered(stack)), tracingEnabled: true });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::Logs::DeliverySource', { LogType: 'APPLICATION_LOGS' });
  template.hasResourceProperties('AWS::Logs::DeliverySource', { LogType: 'TRACES' });
  template.resourceCountIs('AWS::Logs::ResourcePolicy', 1);
});

test('no resource policy is made on request, or it is said that this version of the CDK makes one', () => {
  const stack = unbundledStack();
  const make = (): unknown =>
    greetingServer(stack, {
      logging: McpLogging.of(...delivered(stack)),
      tracingEnabled: true,
      manageDeliveryResourcePolicy: false,
    });
  if (IS_NEW) {
    make();
    Template.fromStack(stack).resourceCountIs('AWS::Logs::ResourcePolicy', 0);
    Template.fromStack(stack).resourceCountIs('AWS::XRay::ResourcePolicy', 0);
  } else {
    expect(errorOf(make)).toContain('this version of aws-cdk-lib makes resource policies all the same: update');
  }
});

test('what is no configuration is named', () => {
  expect(errorOf(() => McpLogging.of({ logType: 'APPLICATION_LOGS' } as never))).toMatch(
    /`configs\[0\]\.logType` is "APPLICATION_LOGS".*`configs\[0\]\.destination` is undefined/s,
  );
});

test('tags are those of the runtime', () => {
  const stack = unbundledStack();
  greetingServer(stack, { tags: { team: 'finance' } });
  expect(propertiesOf(stack, 'AWS::BedrockAgentCore::Runtime').Tags).toEqual({ team: 'finance' });
});
