import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AccountPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { McpAuth, McpCanary, McpRelease, McpReleaseCaller, type McpCanaryProps } from '../../../lib';
import { errorOf, greetingServer, permissionsOf, propertiesOf, unbundledStack } from '../fixtures/stacks';

const GATEWAY = 'AWS::BedrockAgentCore::Gateway';
const TARGET = 'AWS::BedrockAgentCore::GatewayTarget';
const RULE = 'AWS::BedrockAgentCore::GatewayRule';

const discoveryUrl = 'https://login.example.com/.well-known/openid-configuration';
const release = McpRelease.verified({ candidate: true });

interface Target {
  readonly Properties: { readonly Name: string; readonly TargetConfiguration: unknown };
  readonly DependsOn: readonly string[];
}

function targetsOf(stack: Stack): Target[] {
  return Object.values(Template.fromStack(stack).findResources(TARGET)) as Target[];
}

function canary(stack: Stack, props: Partial<McpCanaryProps> = {}): McpCanary {
  return new McpCanary(stack, 'Canary', {
    server: props.server ?? greetingServer(stack, { release }),
    candidatePercent: 10,
    ...props,
  });
}

test('a tenth of the new sessions of what users call gets the candidate', () => {
  const stack = unbundledStack();
  const server = greetingServer(stack, { release });
  const { runtimeArn } = server;
  canary(stack, { server });
  const [live, candidate] = targetsOf(stack).map(({ Properties }) => Properties);
  for (const [target, Qualifier] of [
    [live, 'live'],
    [candidate, 'candidate'],
  ] as const) {
    expect(target?.TargetConfiguration).toEqual({
      Http: { AgentcoreRuntime: { Arn: stack.resolve(runtimeArn) as unknown, Qualifier } },
    });
  }
  expect(propertiesOf(stack, RULE)).toMatchObject({
    Priority: 100,
    Conditions: [{ MatchPaths: { AnyOf: [`/${live?.Name}/*`] } }],
    Actions: [
      {
        RouteToTarget: {
          WeightedRoute: {
            TrafficSplit: [
              { Name: 'live', TargetName: live?.Name, Weight: 90 },
              { Name: 'candidate', TargetName: candidate?.Name, Weight: 10 },
            ],
          },
        },
      },
    ],
  });
});

test.each([
  [0, /Live$/],
  [100, /Candidate$/],
])('with %d of a hundred, all get one of them', (candidatePercent, targetName) => {
  const stack = unbundledStack();
  canary(stack, { candidatePercent });
  expect(propertiesOf(stack, RULE)).toMatchObject({
    Actions: [{ RouteToTarget: { StaticRoute: { TargetName: expect.stringMatching(targetName) as string } } }],
  });
});

test('its gateway has no protocol, without which alone it has runtimes as targets', () => {
  const stack = unbundledStack();
  canary(stack, { gatewayName: 'canary' });
  const properties = propertiesOf(stack, GATEWAY);
  expect(properties).toMatchObject({ Name: 'canary', AuthorizerType: 'AWS_IAM' });
  expect(properties).not.toHaveProperty('ProtocolType');
  expect(properties).not.toHaveProperty('ProtocolConfiguration');
});

test('clients connect to the target of users, whose requests the rule splits', () => {
  const stack = unbundledStack();
  const { url } = canary(stack);
  const [live] = targetsOf(stack);
  const resolved = JSON.stringify(stack.resolve(url));
  expect(resolved).toContain('.gateway.bedrock-agentcore.');
  expect(resolved).toContain(`/${live?.Properties.Name}/invocations`);
});

test('the gateway calls both endpoints and no other, and its targets wait for that and for the endpoints', () => {
  const stack = unbundledStack();
  const { gateway } = canary(stack);
  const allowed = JSON.stringify(permissionsOf(stack, gateway.role)['bedrock-agentcore:InvokeAgentRuntime']);
  expect(JSON.stringify(Template.fromStack(stack).findResources('AWS::IAM::Policy'))).not.toContain('endpoint/DEFAULT');
  expect(allowed).toContain('/runtime-endpoint/candidate');
  for (const { DependsOn } of targetsOf(stack)) {
    expect(DependsOn).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^CanaryGatewayServiceRoleDefaultPolicy/),
        expect.stringMatching(/^ServerReleaseEndpoint/),
        expect.stringMatching(/^ServerReleaseCandidateEndpoint/),
      ]),
    );
  }
});

test('who brings a token to the server brings the same to the canary, which passes it on', () => {
  const stack = unbundledStack();
  const auth = McpAuth.jwt({ discoveryUrl, allowedClients: ['web'], allowedScopes: ['greet'] });
  const callers = [McpReleaseCaller.clientCredentials({ clientId: 'web', secret: new Secret(stack, 'Secret') })];
  const server = greetingServer(stack, { auth, release: McpRelease.verified({ candidate: true, callers }) });
  const { gateway } = canary(stack, { server });
  expect(propertiesOf(stack, GATEWAY)).toMatchObject({
    AuthorizerType: 'CUSTOM_JWT',
    AuthorizerConfiguration: {
      CustomJWTAuthorizer: { DiscoveryUrl: discoveryUrl, AllowedClients: ['web'], AllowedScopes: ['greet'] },
    },
  });
  for (const { Properties } of targetsOf(stack)) {
    expect(Properties).toMatchObject({
      CredentialProviderConfigurations: [{ CredentialProviderType: 'JWT_PASSTHROUGH' }],
    });
  }
  expect(permissionsOf(stack, gateway.role)).not.toHaveProperty('bedrock-agentcore:InvokeAgentRuntime');
});

test('a client that signs gets the permission to call it', () => {
  const stack = unbundledStack();
  const client = new Role(stack, 'Client', { assumedBy: new AccountPrincipal('123456789012') });
  canary(stack).gateway.grantInvoke(client);
  expect(permissionsOf(stack, client)).toHaveProperty('bedrock-agentcore:InvokeGateway');
});

test('its gateway is none for the tools of several servers', () => {
  const stack = unbundledStack();
  const server = greetingServer(stack, { release });
  const { gateway } = canary(stack, { server });
  expect(errorOf(() => server.addToGateway(gateway))).toBe(
    '[Stack/Server] `gateway` is Stack/Canary/Gateway, that of a canary, which has no protocol and shows no tools; gateways of the MCP protocol are allowed: make one with `new Gateway(...)`',
  );
});

test('names of targets fit, however deep the canary lies', () => {
  const stack = new Stack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'S'.repeat(120));
  canary(stack);
  for (const { Properties } of targetsOf(stack)) {
    expect(Properties.Name).toMatch(/^(?:[0-9a-zA-Z]-?){1,100}$/);
    expect(Properties.Name.length).toBeLessThanOrEqual(100);
  }
});

test('there have to be two versions to choose from', () => {
  const stack = unbundledStack();
  expect(errorOf(() => canary(stack, { server: greetingServer(stack, { release: McpRelease.verified() }) }))).toBe(
    '[Stack/Canary] `server` has no candidate: give it the prop `release: McpRelease.verified({ candidate: true })`, so that there are two versions to choose from',
  );
});

test.each([-1, 101, 0.5, NaN, '10'])('%p of a hundred is refused by name', candidatePercent => {
  expect(errorOf(() => canary(unbundledStack(), { candidatePercent } as Partial<McpCanaryProps>))).toMatch(
    /`(?:props\.)?candidatePercent` is .*(?:whole number)/,
  );
});
