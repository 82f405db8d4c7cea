import path from 'node:path';
import { App, Size, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import type { CfnRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { AllowedPort, McpPlatformVersion, McpServerCode, McpWarmup, StatefulMcpServerGrants } from '../../../lib';
import { errorOf, greetingServer, permissionsOf, propertiesOf, unbundledStack } from '../fixtures/stacks';

const KIT_SERVER = path.join(__dirname, '../../../samples/expense-tracker/server.ts');
const RUNTIME = 'AWS::BedrockAgentCore::Runtime';

const propertiesWith = (props: Parameters<typeof greetingServer>[1]): Record<string, unknown> => {
  const stack = unbundledStack();
  greetingServer(stack, props);
  return propertiesOf(stack, RUNTIME);
};

const stackIn = (region: string): Stack =>
  new Stack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'Stack', { env: { region } });

test('a server that says nothing leaves it all to the service', () => {
  const properties = propertiesWith({});
  expect(properties.ProtocolConfiguration).toBe('MCP');
  for (const name of ['PlatformVersion', 'AllowedPorts', 'ResourceConfigurations', 'HooksConfiguration']) {
    expect(properties).not.toHaveProperty(name);
  }
  expect(properties.EnvironmentVariables).not.toHaveProperty('PORT');
});

test('port and path are told to the service and to the server', () => {
  expect(propertiesWith({ port: 9000, path: '/tools/mcp' })).toMatchObject({
    ProtocolConfiguration: { ServerProtocol: 'MCP', Port: 9000, Path: '/tools/mcp' },
    EnvironmentVariables: { PORT: '9000', STATEFUL_MCP_PATH: '/tools/mcp' },
  });
});

test('one of them alone leaves the other to the service', () => {
  expect(propertiesWith({ port: 9000 }).ProtocolConfiguration).toEqual({ ServerProtocol: 'MCP', Port: 9000 });
  expect(propertiesWith({ path: '/' }).ProtocolConfiguration).toEqual({ ServerProtocol: 'MCP', Path: '/' });
});

test('ports and ranges that callers reach', () => {
  expect(
    propertiesWith({ allowedPorts: [AllowedPort.single(9000), AllowedPort.range(9100, 9199)] }).AllowedPorts,
  ).toEqual([{ Port: 9000 }, { PortRange: { From: 9100, To: 9199 } }]);
});

test('a grant to call the server has the action for them, and only then', () => {
  const stack = unbundledStack();
  const client = new Role(stack, 'Client', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  const server = greetingServer(stack, { allowedPorts: [AllowedPort.single(9000)] });
  StatefulMcpServerGrants.fromRuntime(server.runtime).invoke(client);
  expect(Object.keys(permissionsOf(stack, client))).toEqual([
    'bedrock-agentcore:InvokeAgentRuntime',
    'bedrock-agentcore:InvokeAgentRuntimeProxy',
  ]);

  const other = unbundledStack();
  const caller = new Role(other, 'Client', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  greetingServer(other).grants.invoke(caller);
  expect(Object.keys(permissionsOf(other, caller))).toEqual(['bedrock-agentcore:InvokeAgentRuntime']);
});

test('of a runtime that says nothing, a grant of its own has it', () => {
  const stack = unbundledStack();
  const client = new Role(stack, 'Client', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  greetingServer(stack).grants.invokeSessionEndpoint(client);
  expect(Object.keys(permissionsOf(stack, client))).toContain('bedrock-agentcore:InvokeAgentRuntimeProxy');
});

test.each([McpPlatformVersion.V1, McpPlatformVersion.V2, McpPlatformVersion.of('V3')])(
  'platform version %p',
  version => {
    expect(propertiesWith({ platformVersion: version }).PlatformVersion).toBe(version.value);
  },
);

test.each(['', 'V 2', 'V'.repeat(129)])('a platform version named %j is refused', name => {
  expect(errorOf(() => propertiesWith({ platformVersion: McpPlatformVersion.of(name) }))).toContain(
    '1 to 128 characters without a blank are allowed',
  );
});

test('memory, of at least so much', () => {
  expect(propertiesWith({ minimumMemory: Size.gibibytes(4) }).ResourceConfigurations).toEqual([
    { MinimumMemoryInMiB: 4096 },
  ]);
});

test.each([Size.kibibytes(1536), Size.mebibytes(0)])('memory that is no whole MiB above 0 is refused', size => {
  expect(errorOf(() => propertiesWith({ minimumMemory: size }))).toContain('whole MiB above 0 are allowed: round it');
});

test.each([
  ['/warmup', 'takes the request that warms it up'],
  ['/warmup/', 'takes the request that warms it up'],
  ['/ping/', 'takes health checks'],
])('the path %s of MCP is refused for a server of the kit, which starts with no such path', (mcpPath, use) => {
  const code = McpServerCode.fromTypeScript(KIT_SERVER);
  for (const props of [{}, { platformVersion: McpPlatformVersion.V2 }, { warmup: McpWarmup.none() }]) {
    expect(errorOf(() => propertiesWith({ code, path: mcpPath, ...props }))).toContain(
      `\`path\` is "${mcpPath}", where a server that is written with stateful-mcp-server ${use}; any other path is allowed`,
    );
  }
});

test('another server may serve MCP there', () => {
  const code = McpServerCode.fromImageUri('123456789012.dkr.ecr.us-east-1.amazonaws.com/other:1');
  expect(propertiesWith({ code, path: '/warmup' }).ProtocolConfiguration).toEqual({
    ServerProtocol: 'MCP',
    Path: '/warmup',
  });
});

describe('the warm-up hook', () => {
  test('is a POST to a path of the server', () => {
    expect(
      propertiesWith({ platformVersion: McpPlatformVersion.V2, warmup: McpWarmup.httpPost({ path: '/warmup' }) })
        .HooksConfiguration,
    ).toEqual({ Build: { Warmup: { Action: { HttpPost: { Path: '/warmup' } } } } });
    expect(
      propertiesWith({
        platformVersion: McpPlatformVersion.V2,
        warmup: McpWarmup.httpPost({ path: '/warmup', port: 9000 }),
      }).HooksConfiguration,
    ).toEqual({ Build: { Warmup: { Action: { HttpPost: { Path: '/warmup', Port: 9000 } } } } });
  });

  test.each([
    ['without a platform version', undefined, 'is not;'],
    ['on V1', McpPlatformVersion.V1, 'is "V1";'],
  ])('is refused %s', (_case, platformVersion, text) => {
    const stack = unbundledStack();
    greetingServer(stack, { platformVersion, warmup: McpWarmup.httpPost({ path: '/warmup' }) });
    const message = errorOf(() => (stack.node.root as App).synth());
    expect(message).toContain(`\`platformVersion\` ${text}`);
    expect(message).toContain('hooks are for platform version V2');
  });

  test('is taken where an override says V2', () => {
    const stack = unbundledStack();
    const server = greetingServer(stack, { warmup: McpWarmup.httpPost({ path: '/warmup' }) });
    (server.node.defaultChild as CfnRuntime).addPropertyOverride('PlatformVersion', 'V2');
    expect(() => (stack.node.root as App).synth()).not.toThrow();
  });
});

test('what is for microVMs is refused on Instances', () => {
  const stack = unbundledStack();
  const server = greetingServer(stack, {
    port: 9000,
    allowedPorts: [AllowedPort.single(9000)],
    platformVersion: McpPlatformVersion.V2,
    warmup: McpWarmup.httpPost({ path: '/warmup' }),
  });
  (server.node.defaultChild as CfnRuntime).addPropertyOverride('CapacityProviderConfiguration', {
    CapacityProviderArn: 'arn:aws:bedrock-agentcore:us-east-1:123456789012:capacity-provider/a',
  });
  const message = errorOf(() => (stack.node.root as App).synth());
  expect(message).toContain('`port` or `path` and `allowedPorts` are given, and the runtime is on Instances');
  expect(message).toContain('`warmup` is given, and the runtime is on Instances');
});

test('a warning says what CloudFormation does not document', () => {
  const stack = unbundledStack();
  greetingServer(stack, { port: 9000, allowedPorts: [AllowedPort.single(9000)] });
  Annotations.fromStack(stack).hasWarning(
    '*',
    Match.stringLikeRegexp('did not document `port`, `allowedPorts` .*undocumentedMember'),
  );
  const plain = unbundledStack();
  greetingServer(plain, { platformVersion: McpPlatformVersion.V2, minimumMemory: Size.gibibytes(1) });
  expect(Annotations.fromStack(plain).findWarning('*', Match.anyValue())).toEqual([]);
});

test.each([
  ['eu-central-1', McpPlatformVersion.V2, 1],
  ['us-east-1', McpPlatformVersion.V2, 0],
  ['eu-central-1', McpPlatformVersion.V1, 0],
])('in %s, %p gets %d warnings', (region, platformVersion, warnings) => {
  const stack = stackIn(region);
  greetingServer(stack, { platformVersion });
  expect(Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('platformVersionRegion'))).toHaveLength(
    warnings,
  );
});

describe('variables that say the same', () => {
  test.each([
    [{ port: 9000, environment: { PORT: '9000' } }, '`port` is given, and `environment` sets PORT'],
    [
      { path: '/a', environment: { STATEFUL_MCP_PATH: '/a' } },
      '`path` is given, and `environment` sets STATEFUL_MCP_PATH',
    ],
  ])('are refused with the prop: %j', (props, message) => {
    expect(errorOf(() => propertiesWith(props))).toContain(message);
  });
});
