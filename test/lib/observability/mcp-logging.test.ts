import { CfnParameter, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { LoggingDestination, LogType } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Key } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { McpLogging, type McpLoggingConfig } from '../../../lib';
import { errorOf, greetingServer, unbundledStack } from '../fixtures/stacks';

const LOG_GROUP = 'AWS::Logs::LogGroup';

function logTypesOf(stack: Stack): string[] {
  const sources = Template.fromStack(stack).findResources('AWS::Logs::DeliverySource');
  return Object.values(sources)
    .map(source => (source as { Properties: { LogType: string } }).Properties.LogType)
    .sort();
}

test('application and usage logs are kept for a month, without a resource policy', () => {
  const stack = unbundledStack();
  const server = greetingServer(stack, { runtimeName: 'greetings' });
  const template = Template.fromStack(stack);
  expect(logTypesOf(stack)).toEqual(['APPLICATION_LOGS', 'USAGE_LOGS']);
  template.resourceCountIs('AWS::Logs::ResourcePolicy', 0);
  template.resourceCountIs('AWS::XRay::ResourcePolicy', 0);
  const { 'Fn::GetAtt': runtimeId } = stack.resolve(server.runtimeId) as { 'Fn::GetAtt': string[] };
  for (const [type, name, logGroup] of [
    ['APPLICATION_LOGS', 'greetings-app', server.applicationLogGroup],
    ['USAGE_LOGS', 'greetings-usage', server.usageLogGroup],
  ] as const) {
    template.hasResource(LOG_GROUP, {
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: {
        LogGroupName: { 'Fn::Sub': `/aws/vendedlogs/bedrock-agentcore/runtime/${type}/\${${runtimeId.join('.')}}` },
        RetentionInDays: 30,
      },
    });
    template.hasResourceProperties('AWS::Logs::DeliverySource', {
      Name: name,
      LogType: type,
      ResourceArn: stack.resolve(server.runtimeArn) as unknown,
    });
    template.hasResourceProperties('AWS::Logs::DeliveryDestination', {
      Name: name,
      DeliveryDestinationType: 'CWL',
      DestinationResourceArn: stack.resolve(logGroup?.logGroupArn) as unknown,
    });
    template.hasResource('AWS::Logs::Delivery', {
      Properties: { DeliverySourceName: name, DeliveryDestinationArn: Match.anyValue() },
      DependsOn: Match.arrayWith([Match.stringLikeRegexp('Source')]),
    });
  }
});

test('names of the longest runtime fit in those of deliveries', () => {
  const stack = unbundledStack();
  greetingServer(stack, { runtimeName: 'a'.repeat(48) });
  const names = Object.values(Template.fromStack(stack).findResources('AWS::Logs::DeliveryDestination')).map(
    destination => (destination as { Properties: { Name: string } }).Properties.Name,
  );
  expect(new Set(names).size).toBe(2);
  expect(names.every(name => name.length <= 60)).toBe(true);
});

test('names of a runtime whose name the deployment knows are whole, however long the reference is', () => {
  const stack = unbundledStack();
  const id = 'NameOfTheRuntime'.repeat(6);
  greetingServer(stack, { runtimeName: new CfnParameter(stack, id).valueAsString });
  const names = Object.values(Template.fromStack(stack).findResources('AWS::Logs::DeliveryDestination')).map(
    destination => (destination as { Properties: { Name: unknown } }).Properties.Name,
  );
  expect(names).toEqual(['app', 'usage'].map(end => ({ 'Fn::Join': ['', [{ Ref: id }, `-${end}`]] })));
});

test('the standard logs take a retention, a removal policy and a key', () => {
  const stack = unbundledStack();
  greetingServer(stack, {
    logging: McpLogging.standard({
      usageLogs: false,
      retention: RetentionDays.INFINITE,
      removalPolicy: RemovalPolicy.DESTROY,
      encryptionKey: new Key(stack, 'Key'),
    }),
  });
  Template.fromStack(stack).hasResource(LOG_GROUP, {
    DeletionPolicy: 'Delete',
    Properties: {
      RetentionInDays: Match.absent(),
      KmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] },
    },
  });
  expect(logTypesOf(stack)).toEqual(['APPLICATION_LOGS']);
});

test('application logs, which hold what users say, can be left out', () => {
  const stack = unbundledStack();
  const server = greetingServer(stack, { logging: McpLogging.standard({ applicationLogs: false }) });
  expect(logTypesOf(stack)).toEqual(['USAGE_LOGS']);
  expect(server.applicationLogGroup).toBeUndefined();
});

test('the removal policy of the server is that of its log groups, unless logging has one', () => {
  const stack = unbundledStack();
  greetingServer(stack, { removalPolicy: RemovalPolicy.DESTROY });
  Template.fromStack(stack).allResources(LOG_GROUP, { DeletionPolicy: 'Delete' });
  const other = unbundledStack();
  greetingServer(other, {
    removalPolicy: RemovalPolicy.DESTROY,
    logging: McpLogging.standard({ removalPolicy: RemovalPolicy.RETAIN }),
  });
  Template.fromStack(other).allResources(LOG_GROUP, { DeletionPolicy: 'Retain' });
});

test('without logs, there is nothing of them', () => {
  const stack = unbundledStack();
  greetingServer(stack, { logging: McpLogging.none() });
  expect(logTypesOf(stack)).toEqual([]);
  Template.fromStack(stack).resourceCountIs(LOG_GROUP, 0);
});

test('deliveries of the L2 construct go where they say', () => {
  const stack = unbundledStack();
  greetingServer(stack, {
    logging: McpLogging.of({
      logType: LogType.APPLICATION_LOGS,
      destination: LoggingDestination.s3(new Bucket(stack, 'Bucket')),
    }),
  });
  expect(logTypesOf(stack)).toEqual(['APPLICATION_LOGS']);
  Template.fromStack(stack).hasResourceProperties('AWS::Logs::DeliveryDestination', { DeliveryDestinationType: 'S3' });
});

test('a logging of one’s own says which logs to keep', () => {
  class UsageAlone extends McpLogging {
    public bind(): McpLoggingConfig {
      return { logTypes: [LogType.USAGE_LOGS], retention: RetentionDays.ONE_DAY };
    }
  }
  const stack = unbundledStack();
  greetingServer(stack, { logging: new UsageAlone() });
  expect(logTypesOf(stack)).toEqual(['USAGE_LOGS']);
  Template.fromStack(stack).hasResourceProperties(LOG_GROUP, { RetentionInDays: 1 });
});

test.each([
  [{ retention: 'ONE_DAY' }, '`retention` is "ONE_DAY"; a RetentionDays is allowed'],
  [{ retention: 31 }, '`retention` is 31; a RetentionDays is allowed'],
  [{ applicationLogs: 'no' }, '`applicationLogs` is "no"; true or false is allowed'],
  [{ removalPolicy: 'keep' }, '`removalPolicy` is "keep"; a RemovalPolicy other than SNAPSHOT is allowed'],
  [{ encryptionKey: 'arn' }, '`encryptionKey` is "arn"; an IKeyRef is allowed'],
])('%j is refused', (given, message) => {
  expect(errorOf(() => McpLogging.standard(given as never))).toContain(message);
});
