import { type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { CfnRuntime, Runtime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Role, ServicePrincipal, User, type Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { StatefulMcpServerGrants } from '../../lib';
import { greetingServer, unbundledStack } from './fixtures/stacks';

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
