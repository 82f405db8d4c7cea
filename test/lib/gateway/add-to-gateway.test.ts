import { Duration, Lazy, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Gateway, GatewayCredentialProvider } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { McpAuth } from '../../../lib';
import { errorOf, greetingServer, permissionsOf, propertiesOf, unbundledStack } from '../fixtures/stacks';

const GATEWAY = 'AWS::BedrockAgentCore::Gateway';
const TARGET = 'AWS::BedrockAgentCore::GatewayTarget';

const jwt = McpAuth.jwt({
  discoveryUrl: 'https://login.example.com/.well-known/openid-configuration',
  allowedClients: ['gateway'],
});
const oauth = GatewayCredentialProvider.fromOauthIdentityArn({
  providerArn: 'arn:aws:bedrock-agentcore:eu-west-1:123456789012:token-vault/default/oauth2credentialprovider/login',
  secretArn: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:login-abcdef',
  scopes: ['server/call'],
});

test('the gateway calls the server by its URL, and signs for AgentCore by its own role', () => {
  const stack = unbundledStack();
  const gateway = new Gateway(stack, 'Gateway');
  const server = greetingServer(stack);
  server.addToGateway(gateway, { gatewayTargetName: 'greetings', description: 'Greets.' });
  expect(propertiesOf(stack, TARGET)).toMatchObject({
    Name: 'greetings',
    Description: 'Greets.',
    TargetConfiguration: { Mcp: { McpServer: { Endpoint: stack.resolve(server.url) as unknown } } },
    CredentialProviderConfigurations: [
      {
        CredentialProviderType: 'GATEWAY_IAM_ROLE',
        CredentialProvider: {
          IamCredentialProvider: { Service: 'bedrock-agentcore', Region: { Ref: 'AWS::Region' } },
        },
      },
    ],
  });
  expect(permissionsOf(stack, gateway.role)).toHaveProperty('bedrock-agentcore:InvokeAgentRuntime');
});

test('the target waits for the permission: the gateway asks for tools when it is made', () => {
  const stack = unbundledStack();
  greetingServer(stack).addToGateway(new Gateway(stack, 'Gateway'));
  const [target] = Object.values(Template.fromStack(stack).findResources(TARGET)) as { DependsOn?: string[] }[];
  expect(target?.DependsOn).toEqual(
    expect.arrayContaining([expect.stringMatching(/^GatewayServiceRoleDefaultPolicy/)]),
  );
});

test('the gateway keeps sessions and streams its answers', () => {
  const stack = unbundledStack();
  greetingServer(stack).addToGateway(new Gateway(stack, 'Gateway'));
  expect(propertiesOf(stack, GATEWAY)).toMatchObject({
    ProtocolType: 'MCP',
    ProtocolConfiguration: {
      Mcp: {
        SessionConfiguration: { SessionTimeoutInSeconds: 28_800 },
        StreamingConfiguration: { EnableResponseStreaming: true },
      },
    },
  });
});

test('its sessions can be shorter', () => {
  const stack = unbundledStack();
  greetingServer(stack).addToGateway(new Gateway(stack, 'Gateway'), { sessionTimeout: Duration.hours(1) });
  expect(propertiesOf(stack, GATEWAY)).toMatchObject({
    ProtocolConfiguration: { Mcp: { SessionConfiguration: { SessionTimeoutInSeconds: 3600 } } },
  });
});

test('a server whose callers bring a token gets one of the provider, and its gateway no permission to sign', () => {
  const stack = unbundledStack();
  const gateway = new Gateway(stack, 'Gateway');
  greetingServer(stack, { auth: jwt }).addToGateway(gateway, { credentialProvider: oauth });
  expect(propertiesOf(stack, TARGET)).toMatchObject({
    CredentialProviderConfigurations: [{ CredentialProviderType: 'OAUTH' }],
  });
  expect(permissionsOf(stack, gateway.role)).not.toHaveProperty('bedrock-agentcore:InvokeAgentRuntime');
});

test('the gateway may be of another stack', () => {
  const stack = unbundledStack();
  const gateway = new Gateway(new Stack(stack.node.root, 'Platform'), 'Gateway');
  greetingServer(stack).addToGateway(gateway);
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: { Statement: [Match.objectLike({ Action: 'bedrock-agentcore:InvokeAgentRuntime' })] },
    Roles: [{ 'Fn::ImportValue': Match.stringLikeRegexp('^Platform:.*GatewayServiceRole') }],
  });
});

test.each([
  ['First', 'Second'],
  ['Second', 'First'],
  ['Third', 'Second'],
])('a server may wait for another one of its gateway: %s for %s', (waiting, awaited) => {
  const stack = unbundledStack();
  const gateway = new Gateway(stack, 'Gateway');
  const servers = new Map(['First', 'Second', 'Third'].map(id => [id, greetingServer(new Construct(stack, id))]));
  for (const server of servers.values()) {
    server.addToGateway(gateway);
  }
  servers.get(waiting)?.node.addDependency(servers.get(awaited) ?? gateway);
  Template.fromStack(stack).resourceCountIs(TARGET, 3);
});

test('many servers leave room for other policies on the role of their gateway', () => {
  const stack = unbundledStack();
  const gateway = new Gateway(stack, 'Gateway');
  for (let count = 0; count < 13; count++) {
    greetingServer(new Construct(stack, `Server${count}`)).addToGateway(gateway);
  }
  const invoked = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy')).filter(policy => {
    const { Roles, PolicyDocument } = policy['Properties'] as { Roles: unknown; PolicyDocument: unknown };
    return (
      /GatewayServiceRole/.test(JSON.stringify(Roles)) && /InvokeAgentRuntime/.test(JSON.stringify(PolicyDocument))
    );
  });
  expect(invoked).toHaveLength(10);
});

test('one server is a target of several gateways, and one gateway has several servers', () => {
  const stack = unbundledStack();
  const server = greetingServer(stack);
  server.addToGateway(new Gateway(stack, 'One', { gatewayName: 'one' }));
  server.addToGateway(new Gateway(stack, 'Two', { gatewayName: 'two' }));
  Template.fromStack(stack).resourceCountIs(TARGET, 2);
});

test('of an imported gateway a warning says what has to be switched on', () => {
  const stack = unbundledStack();
  const gateway = Gateway.fromGatewayAttributes(stack, 'Gateway', {
    gatewayArn: 'arn:aws:bedrock-agentcore:eu-west-1:123456789012:gateway/tools-abcdefghij',
    gatewayId: 'tools-abcdefghij',
    gatewayName: 'tools',
    role: Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::123456789012:role/gateway'),
  });
  greetingServer(stack).addToGateway(gateway);
  Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('tools-abcdefghij is imported'));
});

test('what does not fit is refused', () => {
  const added = (props: object, options: object): string => {
    const stack: Stack = unbundledStack();
    return errorOf(() => greetingServer(stack, props).addToGateway(new Gateway(stack, 'Gateway'), options));
  };
  expect(added({ auth: jwt }, {})).toMatch(/^\[Stack\/Server\] `credentialProvider` is not given/);
  expect(added({}, { credentialProvider: oauth })).toContain('`credentialProvider` is given');
  expect(added({}, { sessionTimeout: Duration.minutes(14) })).toContain('`sessionTimeout` is 840 seconds');
  expect(added({}, { sessionTimeout: Duration.hours(9) })).toContain('`sessionTimeout` is 32400 seconds');
  expect(added({}, { sessionTimeout: Duration.minutes(Lazy.number({ produce: () => 20 })) })).toContain(
    '`sessionTimeout` is an unresolved token in minutes',
  );
  expect(added({}, { gatewayTargetName: 5 })).toContain('`gatewayTargetName` is 5');
  expect(added({}, { name: 'a' })).toContain('name');
  const stack = unbundledStack();
  expect(errorOf(() => greetingServer(stack).addToGateway('gateway' as never))).toContain('`gateway` is "gateway"');
});
