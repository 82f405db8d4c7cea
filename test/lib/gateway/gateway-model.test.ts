import { readFileSync } from 'node:fs';
import path from 'node:path';
import { App, Duration, Stack, type CfnResource } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Gateway, GatewayCredentialProvider, RuntimeCustomClaim } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { McpAuth, McpCanary, McpRelease, McpReleaseCaller, type StatefulMcpServer } from '../../../lib';
import { greetingServer, unbundledStack } from '../fixtures/stacks';

// What is written for a gateway, its targets and its rules, against the service model: names, kinds, patterns and limits.

interface Shape {
  readonly type: string;
  readonly union?: boolean;
  readonly required?: readonly string[];
  readonly members?: Readonly<Record<string, string>>;
  readonly member?: string;
  readonly value?: string;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly min?: number;
  readonly max?: number;
}

/** Written by `python3 scripts/service_model.py`. */
const { inputs, shapes } = JSON.parse(readFileSync(path.join(__dirname, '../data/gateway-model.json'), 'utf8')) as {
  inputs: Record<string, string>;
  shapes: Record<string, Shape>;
};

const OPERATIONS: Readonly<Record<string, string>> = {
  'AWS::BedrockAgentCore::Gateway': 'CreateGateway',
  'AWS::BedrockAgentCore::GatewayTarget': 'CreateGatewayTarget',
  'AWS::BedrockAgentCore::GatewayRule': 'CreateGatewayRule',
};

/** What a deployment puts in. */
const DEPLOYED: Readonly<Record<string, string>> = {
  'AWS::Region': 'eu-west-1',
  'AWS::URLSuffix': 'amazonaws.com',
  AgentRuntimeArn: 'arn:aws:bedrock-agentcore:eu-west-1:123456789012:runtime/server-0123456789',
  GatewayIdentifier: 'gateway-0123456789',
  Arn: 'arn:aws:iam::123456789012:role/gateway',
};

function deployed(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(deployed);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const [[name, argument] = ['', undefined], ...others] = Object.entries(value);
  const resolved = deployed(argument);
  if (others.length > 0 || !/^(Ref|Fn::)/.test(name)) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, deployed(inner)]));
  }
  if (name === 'Fn::Join' || name === 'Fn::Split') {
    const [separator, parts] = resolved as [string, string & string[]];
    return name === 'Fn::Join' ? parts.join(separator) : parts.split(separator);
  }
  // Of a resource that is no gateway, the id is as good as any other.
  const found =
    name === 'Ref' ? (DEPLOYED[String(resolved)] ?? resolved) : DEPLOYED[String((resolved as unknown[])[1])];
  if (found === undefined) {
    throw new Error(`the test knows no value of ${JSON.stringify(value)}`);
  }
  return found;
}

/** What the service would not take. */
function problemsIn(stack: Stack): string[] {
  const { Resources } = Template.fromStack(stack).toJSON() as {
    Resources: Record<string, { Type: string; Properties: unknown }>;
  };
  return Object.values(Resources).flatMap(({ Type, Properties }) => {
    const operation = OPERATIONS[Type];
    return operation === undefined ? [] : problemsWith(deployed(Properties), inputs[operation] ?? '', operation);
  });
}

function problemsWith(value: unknown, shapeName: string, at: string): string[] {
  const shape = shapes[shapeName];
  switch (shape?.type) {
    case 'structure':
      return problemsOfStructure(value as Record<string, unknown>, shape, at);
    case 'list':
      return Array.isArray(value)
        ? [
            ...outside(value.length, shape, `${at}.length`),
            ...value.flatMap((each, index) => problemsWith(each, shape.member ?? '', `${at}[${index}]`)),
          ]
        : [`${at} is no list`];
    case 'map':
      return Object.entries(value as object).flatMap(([key, inner]) =>
        problemsWith(inner, shape.value ?? '', `${at}.${key}`),
      );
    case 'string':
      return typeof value === 'string' ? problemsOfText(value, shape, at) : [`${at} is no text`];
    case 'integer':
      return Number.isInteger(value) ? outside(value as number, shape, at) : [`${at} is no whole number`];
    case 'boolean':
      return typeof value === 'boolean' ? [] : [`${at} is no boolean`];
    case undefined:
    default:
      throw new Error(`the test knows no ${shape?.type ?? shapeName}`);
  }
}

function problemsOfStructure(
  properties: Record<string, unknown>,
  { members = {}, required = [], union = false }: Shape,
  at: string,
): string[] {
  const given = Object.entries(properties).map(([name, value]) => [
    name.charAt(0).toLowerCase() + name.slice(1),
    value,
  ]);
  const names = given.map(([name]) => name);
  return [
    ...required.filter(name => !names.includes(name)).map(name => `${at}.${name} is missing`),
    ...(union && given.length !== 1 ? [`${at} has ${given.length} members instead of one`] : []),
    ...given.flatMap(([name, value]) => {
      const member = members[String(name)];
      return member === undefined
        ? [`${at} has no member ${String(name)}`]
        : problemsWith(value, member, `${at}.${String(name)}`);
    }),
  ];
}

function problemsOfText(text: string, { enum: values, pattern, ...limits }: Shape, at: string): string[] {
  return [
    ...(values?.includes(text) === false ? [`${at} is ${text}`] : []),
    ...(pattern !== undefined && !new RegExp(`^(?:${pattern})$`).test(text) ? [`${at} does not match: ${text}`] : []),
    ...outside(text.length, limits, `${at}.length`),
  ];
}

function outside(size: number, { min = -Infinity, max = Infinity }: Pick<Shape, 'min' | 'max'>, at: string): string[] {
  return size < min || size > max ? [`${at} is ${size}`] : [];
}

const discoveryUrl = 'https://login.example.com/.well-known/openid-configuration';
const auth = McpAuth.jwt({
  discoveryUrl,
  allowedClients: ['web'],
  allowedScopes: ['greet'],
  allowedAudiences: ['greetings'],
  customClaims: [RuntimeCustomClaim.withStringArrayValue('groups', ['staff'])],
});

function servers(stack: Stack): Record<'signing' | 'token', () => StatefulMcpServer> {
  const callers = [McpReleaseCaller.clientCredentials({ clientId: 'web', secret: new Secret(stack, 'Secret') })];
  return {
    signing: () => greetingServer(stack, { release: McpRelease.verified({ candidate: true }) }),
    token: () => greetingServer(stack, { auth, release: McpRelease.verified({ candidate: true, callers }) }),
  };
}

describe('a canary', () => {
  test.each([0, 1, 10, 99, 100])('of %d in a hundred is taken', candidatePercent => {
    const stack = unbundledStack();
    new McpCanary(stack, 'Canary', { server: servers(stack).signing(), candidatePercent });
    expect(problemsIn(stack)).toEqual([]);
  });

  test('of a server whose callers bring a token is taken', () => {
    const stack = unbundledStack();
    new McpCanary(stack, 'Canary', { server: servers(stack).token(), candidatePercent: 10 });
    expect(problemsIn(stack)).toEqual([]);
  });

  test('with the longest name, and deep in an app, is taken', () => {
    const stack = new Stack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'S'.repeat(120));
    const server = servers(stack).signing();
    new McpCanary(stack, 'Named', { server, candidatePercent: 10, gatewayName: `${'canary-'.repeat(6)}canary` });
    new McpCanary(stack, 'C'.repeat(100), { server, candidatePercent: 10 });
    expect(problemsIn(stack)).toEqual([]);
  });
});

describe('a server behind a gateway', () => {
  test.each([15, 60, 480])('with sessions of %d minutes is taken', minutes => {
    const stack = unbundledStack();
    servers(stack)
      .signing()
      .addToGateway(new Gateway(stack, 'Gateway'), {
        gatewayTargetName: 'greetings',
        sessionTimeout: Duration.minutes(minutes),
      });
    expect(problemsIn(stack)).toEqual([]);
  });

  test('with a token of a provider is taken', () => {
    const stack = unbundledStack();
    const vault = 'arn:aws:bedrock-agentcore:eu-west-1:123456789012:token-vault/default';
    const credentialProvider = GatewayCredentialProvider.fromOauthIdentityArn({
      providerArn: `${vault}/oauth2credentialprovider/login`,
      secretArn: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:login-abcdef',
      scopes: ['server/call'],
    });
    servers(stack).token().addToGateway(new Gateway(stack, 'Gateway'), { credentialProvider });
    expect(problemsIn(stack)).toEqual([]);
  });
});

// Otherwise a test that looks at nothing would pass, too.
test.each([
  ['Split', 'Actions.0.RouteToTarget.WeightedRoute.TrafficSplit.0.Weight', 100, /weight is 100$/],
  ['Split', 'Actions.0.RouteToTarget.StaticRoute', { TargetName: 'live' }, /has 2 members instead of one$/],
  ['Split', 'Conditions.0.MatchPaths.AnyOf', ['/live/invocations'], /anyOf\[0\] does not match/],
  ['Split', 'Priority', 1_000_001, /priority is 1000001$/],
  ['Live', 'Name', 'live_target', /name does not match/],
  ['Live', 'TargetConfiguration.Http.AgentcoreRuntime.Endpoint', 'live', /has no member endpoint$/],
  ['Live', 'TargetConfiguration.Http.AgentcoreRuntime.Arn', undefined, /arn is missing$/],
  ['Live', 'CredentialProviderConfigurations.0.CredentialProviderType', 'IAM', /credentialProviderType is IAM$/],
])('%s with another %s is not taken', (id, property, value, problem) => {
  const stack = unbundledStack();
  const canary = new McpCanary(stack, 'Canary', { server: servers(stack).signing(), candidatePercent: 10 });
  const resource = canary.node.findChild(id) as CfnResource;
  resource.addPropertyOverride(property, value);
  expect(problemsIn(stack)).toEqual([expect.stringMatching(problem)]);
});
