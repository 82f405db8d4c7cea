import { type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { CfnRuntime, Runtime, RuntimeEndpoint } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Role, ServicePrincipal, User, type Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { AllowedPort, StatefulMcpServerGrants } from '../../lib';
import { errorOf, greetingServer, unbundledStack } from './fixtures/stacks';

const INVOKE = 'bedrock-agentcore:InvokeAgentRuntime';
const grantees: [string, (stack: Stack) => IGrantable][] = [
  ['a role', stack => new Role(stack, 'Client', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') })],
  ['an imported role', stack => Role.fromRoleArn(stack, 'Client', 'arn:aws:iam::123456789012:role/client')],
  ['a user', stack => new User(stack, 'Client')],
];

const grants: [string, (grants: StatefulMcpServerGrants, grantee: IGrantable) => Grant, string | string[]][] = [
  ['invoke', (facade, grantee) => facade.invoke(grantee), INVOKE],
  ['invokeForUser', (facade, grantee) => facade.invokeForUser(grantee), [INVOKE, `${INVOKE}ForUser`]],
  ['stopSession', (facade, grantee) => facade.stopSession(grantee), 'bedrock-agentcore:StopRuntimeSession'],
];

describe.each(grants)('%s', (_name, grant, actions) => {
  test.each(grantees)('is granted to %s, on the runtime and its endpoints', (_grantee, granteeIn) => {
    const stack = unbundledStack();
    const server = greetingServer(stack);
    const arn = stack.resolve(server.runtime.agentRuntimeArn) as unknown;
    expect(grant(server.grants, granteeIn(stack)).success).toBe(true);
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyName: Match.stringLikeRegexp('^Client'),
      PolicyDocument: {
        Statement: [{ Effect: 'Allow', Action: actions, Resource: [arn, { 'Fn::Join': ['', [arn, '/*']] }] }],
      },
    });
  });

  test('fails for a grantee without a policy, and says so when asked', () => {
    const result = grant(greetingServer(unbundledStack()).grants, new ServicePrincipal('lambda.amazonaws.com'));
    expect(result.success).toBe(false);
    expect(() => result.assertSuccess()).toThrow();
  });
});

test.each<[string, (stack: Stack) => Parameters<typeof StatefulMcpServerGrants.fromRuntime>[0]]>([
  [
    'an L1',
    stack =>
      new CfnRuntime(stack, 'Runtime', {
        agentRuntimeName: 'name',
        agentRuntimeArtifact: {},
        networkConfiguration: { networkMode: 'PUBLIC' },
        roleArn: 'arn:aws:iam::123456789012:role/mcp',
      }),
  ],
  [
    'an imported runtime',
    stack =>
      Runtime.fromAgentRuntimeAttributes(stack, 'Runtime', {
        agentRuntimeArn: 'arn:aws:bedrock-agentcore:us-east-1:123456789012:runtime/name-0123456789',
        agentRuntimeId: 'name-0123456789',
        agentRuntimeName: 'name',
        agentRuntimeVersion: '1',
        roleArn: 'arn:aws:iam::123456789012:role/mcp',
      }),
  ],
])('%s can be granted, too', (_case, runtimeIn) => {
  const stack = unbundledStack();
  const runtime = runtimeIn(stack);
  StatefulMcpServerGrants.fromRuntime(runtime).invoke(new User(stack, 'Client'));
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: {
      Statement: [
        Match.objectLike({
          Action: INVOKE,
          Resource: Match.arrayWith([stack.resolve(runtime.runtimeRef.agentRuntimeArn)]),
        }),
      ],
    },
  });
});

describe('through one endpoint', () => {
  const resourcesOf = (stack: Stack): unknown[] =>
    Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'))
      .map(
        policy => policy.Properties as { PolicyName: unknown; PolicyDocument: { Statement: { Resource: unknown }[] } },
      )
      .filter(({ PolicyName }) => JSON.stringify(PolicyName).startsWith('"Client'))
      .flatMap(({ PolicyDocument }) => PolicyDocument.Statement.map(({ Resource }) => Resource));

  test.each(grants)('%s names the runtime and the endpoint alone', (_name, grant, actions) => {
    const stack = unbundledStack();
    const server = greetingServer(stack);
    const arn = stack.resolve(server.runtimeArn) as unknown;
    grant(server.grants.forEndpoint('live'), new User(stack, 'Client'));
    expect(resourcesOf(stack)).toEqual([[arn, { 'Fn::Join': ['', [arn, '/runtime-endpoint/live']] }]]);
    expect([actions].flat()).not.toContain('*');
  });

  test('of an L2 construct, the ARN of the runtime is the first part of that of the endpoint', () => {
    const stack = unbundledStack();
    const endpoint = greetingServer(stack).runtime.addEndpoint('live', { version: '1' });
    StatefulMcpServerGrants.fromEndpoint(endpoint).invoke(new User(stack, 'Client'));
    const arn = stack.resolve(endpoint.agentRuntimeEndpointArn) as unknown;
    const part = (index: number): unknown => ({ 'Fn::Select': [index, { 'Fn::Split': ['/', arn] }] });
    expect(resourcesOf(stack)).toEqual([[{ 'Fn::Join': ['/', [part(0), part(1)]] }, arn]]);
  });

  test('of an imported one it is known', () => {
    const stack = unbundledStack();
    const runtime = 'arn:aws:bedrock-agentcore:us-east-1:123456789012:runtime/name-0123456789';
    const endpoint = RuntimeEndpoint.fromRuntimeEndpointAttributes(stack, 'Endpoint', {
      agentRuntimeEndpointArn: `${runtime}/runtime-endpoint/live`,
      endpointName: 'live',
      agentRuntimeArn: runtime,
    });
    StatefulMcpServerGrants.fromEndpoint(endpoint).stopSession(new User(stack, 'Client'));
    expect(resourcesOf(stack)).toEqual([[runtime, `${runtime}/runtime-endpoint/live`]]);
  });

  test('a server with `allowedPorts` lets its callers reach them there, too', () => {
    const stack = unbundledStack();
    const { grants: facade } = greetingServer(stack, { allowedPorts: [AllowedPort.single(9100)] });
    facade.forEndpoint('live').invoke(new User(stack, 'Client'));
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: [Match.objectLike({ Action: [INVOKE, `${INVOKE}Proxy`] })] },
    });
  });

  test.each(['', 'live-1', '1live', '*', 'l'.repeat(49)])('fails with the name %j', name => {
    expect(errorOf(() => greetingServer(unbundledStack()).grants.forEndpoint(name))).toContain(
      `\`endpointName\` is ${JSON.stringify(name)}`,
    );
  });

  test('fails with the ARN of something else', () => {
    const endpoint = RuntimeEndpoint.fromRuntimeEndpointAttributes(unbundledStack(), 'Endpoint', {
      agentRuntimeEndpointArn: 'arn:aws:bedrock-agentcore:us-east-1:123456789012:agent-runtime-endpoint/live',
      endpointName: 'live',
      agentRuntimeArn: 'arn:aws:bedrock-agentcore:us-east-1:123456789012:runtime/name-0123456789',
    });
    expect(errorOf(() => StatefulMcpServerGrants.fromEndpoint(endpoint))).toContain('`endpoint` has the ARN');
  });
});
