import { App, CfnParameter, Fn, Lazy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { StatefulMcpServer, StatefulMcpServerGrants } from '../../lib';
import { errorOf, greetingServer, unbundledStack } from './fixtures/stacks';

const RUNTIME_ARN = 'arn:aws:bedrock-agentcore:eu-west-1:111111111111:runtime/orders-0123456789';

test('a server of another app has its URL, grants and metrics, in its own Region', () => {
  const stack = new Stack(new App(), 'Stack', { env: { account: '222222222222', region: 'us-east-1' } });
  const server = StatefulMcpServer.fromAttributes(stack, 'Orders', { runtimeArn: RUNTIME_ARN });
  expect(server.runtimeId).toBe('orders-0123456789');
  expect(server.env).toEqual({ account: '111111111111', region: 'eu-west-1' });
  expect(stack.resolve(server.url)).toEqual({
    'Fn::Join': [
      '',
      [
        'https://bedrock-agentcore.eu-west-1.',
        { Ref: 'AWS::URLSuffix' },
        '/runtimes/arn%3Aaws%3Abedrock-agentcore%3Aeu-west-1%3A111111111111%3Aruntime%2Forders-0123456789/invocations?qualifier=live',
      ],
    ],
  });
  const caller = new Role(stack, 'Caller', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  server.grants.invoke(caller);
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: {
      Statement: [
        Match.objectLike({
          Action: 'bedrock-agentcore:InvokeAgentRuntime',
          Resource: [RUNTIME_ARN, `${RUNTIME_ARN}/runtime-endpoint/live`],
        }),
      ],
    },
  });
  expect(server.metrics.invocations()).toMatchObject({
    region: 'eu-west-1',
    account: '111111111111',
    dimensions: { Name: 'orders::live', Resource: RUNTIME_ARN },
  });
});

test('the ARN may be known to the deployment alone', () => {
  const stack = unbundledStack();
  const runtimeArn = new CfnParameter(stack, 'Arn').valueAsString;
  const server = StatefulMcpServer.fromAttributes(stack, 'Orders', { runtimeArn });
  expect(stack.resolve(server.runtimeId)).toEqual({
    'Fn::Select': [1, { 'Fn::Split': ['/', { 'Fn::Select': [5, { 'Fn::Split': [':', { Ref: 'Arn' }] }] }] }],
  });
});

test.each([undefined, { account: '111111111111', region: 'eu-west-1' }])(
  'alarms are made on a server whose ARN the deployment alone knows, in a stack of %j',
  env => {
    const stack = new Stack(new App(), 'Stack', { env });
    const server = StatefulMcpServer.fromAttributes(stack, 'Orders', { runtimeArn: Fn.importValue('orders') });
    server.metrics.systemErrors().createAlarm(stack, 'Alarm', { threshold: 1, evaluationPeriods: 1 });
    Template.fromStack(stack).hasResourceProperties('AWS::CloudWatch::Alarm', {
      Dimensions: Match.arrayWith([{ Name: 'Resource', Value: { 'Fn::ImportValue': 'orders' } }]),
    });
  },
);

test.each([
  [{}, '`attributes.runtimeArn` is undefined; a string is allowed'],
  [
    { runtimeArn: 'orders-0123456789' },
    '`attributes.runtimeArn` is "orders-0123456789"; the ARN of a runtime is allowed',
  ],
  [{ runtimeArn: `${RUNTIME_ARN}/runtime-endpoint/live` }, 'the ARN of a runtime is allowed'],
  [{ runtimeArn: RUNTIME_ARN, endpointName: 1 }, '`attributes.endpointName` is 1; a string is allowed'],
])('%j is refused', (attributes, message) => {
  expect(errorOf(() => StatefulMcpServer.fromAttributes(unbundledStack(), 'Orders', attributes as never))).toContain(
    message,
  );
});

test('a server stands for its runtime in whatever takes one', () => {
  const stack = unbundledStack();
  const server = greetingServer(stack);
  const caller = new Role(stack, 'Caller', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  StatefulMcpServerGrants.fromRuntime(server).stopSession(caller).assertSuccess();
  expect(server.runtimeRef).toEqual(server.runtime.runtimeRef);
});

test('the URL is in a parameter where a name for it is given', () => {
  const stack = unbundledStack();
  const server = greetingServer(stack, { urlParameterName: '/mcp/orders/url' });
  Template.fromStack(stack).hasResourceProperties('AWS::SSM::Parameter', {
    Name: '/mcp/orders/url',
    Type: 'String',
    Value: stack.resolve(server.url) as unknown,
  });
});

test.each<[string, (stack: Stack) => string, unknown]>([
  ['a parameter of the stack', stack => new CfnParameter(stack, 'Name').valueAsString, { Ref: 'Name' }],
  [
    'a part of it',
    ({ region }) => `/mcp/${region}/url`,
    { 'Fn::Join': ['', ['/mcp/', { Ref: 'AWS::Region' }, '/url']] },
  ],
  ['a lazy value', () => Lazy.string({ produce: () => 'orders' }), 'orders'],
])('its name may be known later: %s', (_case, nameIn, Name) => {
  const stack = unbundledStack();
  greetingServer(stack, { urlParameterName: nameIn(stack) });
  Template.fromStack(stack).hasResourceProperties('AWS::SSM::Parameter', { Name });
});

test.each([
  '',
  ' ',
  'mcp/url',
  '/mcp//url',
  '/mcp/url/',
  '/a b',
  '/größe',
  'aws-url',
  '/AWS/url',
  '/ssm/url',
  '/a'.repeat(16),
])('a name that no parameter can have is refused: %j', urlParameterName => {
  expect(errorOf(() => greetingServer(unbundledStack(), { urlParameterName }))).toContain(
    `\`urlParameterName\` is "${urlParameterName}"; letters, digits`,
  );
});

test.each(['url', 'mcp.orders_url-1', '/awesome/url', '/a'.repeat(15)])('a name is taken: %j', urlParameterName => {
  expect(() => greetingServer(unbundledStack(), { urlParameterName })).not.toThrow();
});
