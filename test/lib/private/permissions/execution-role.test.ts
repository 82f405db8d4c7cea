import { type App, CfnOutput, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { AccountPrincipal, CompositePrincipal, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { AgentRuntimeArtifact } from 'aws-cdk-lib/aws-bedrockagentcore';
import { McpRelease, McpServerCode, StatefulMcpServer, type StatefulMcpServerProps } from '../../../../lib';
import { removeProjects } from '../../fixtures/projects';
import { greetingServer, unbundledStack } from '../../fixtures/stacks';

afterEach(removeProjects);

const IMAGE = McpServerCode.fromImageUri('123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/server:v1');
const AGENT_CORE = new ServicePrincipal('bedrock-agentcore.amazonaws.com');

function serverIn(stack: Stack, id: string, props: Partial<StatefulMcpServerProps> = {}): StatefulMcpServer {
  return new StatefulMcpServer(stack, id, { code: IMAGE, release: McpRelease.direct(), ...props });
}

/** Throws where templates, or resources in one, wait for each other in a circle. */
function synthesized(stack: Stack): Template {
  (stack.node.root as App).synth();
  return Template.fromStack(stack);
}

describe('grants among servers make no circle', () => {
  test('when a server may end its own sessions, and call itself', () => {
    const stack = unbundledStack();
    const server = serverIn(stack, 'Server');
    expect(server.grants.stopSession(server).success).toBe(true);
    expect(server.grants.invoke(server.role).success).toBe(true);
    synthesized(stack);
  });

  test('when servers may call each other', () => {
    const stack = unbundledStack();
    const [one, two] = [serverIn(stack, 'One'), serverIn(stack, 'Two')];
    one.grants.invoke(two);
    two.grants.invokeForUser(one);
    two.grants.stopSession(one.role);
    synthesized(stack);
  });

  test('when a function calls a server that may call the function', () => {
    const stack = unbundledStack();
    const server = serverIn(stack, 'Server');
    const client = new Function(stack, 'Client', {
      code: Code.fromInline('//'),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_22_X,
      environment: { URL: server.url },
    });
    server.grants.invoke(client);
    client.grantInvoke(server);
    synthesized(stack);
  });

  test.each<[string, (stack: Stack) => McpServerCode]>([
    ['an image at a URI', () => IMAGE],
    ['an image of a repository', stack => McpServerCode.fromEcrRepository(new Repository(stack, 'Images'), 'v1')],
    ['a bundle in an image', () => McpServerCode.fromTypeScript('server.ts')],
    ['a Dockerfile', () => McpServerCode.fromDockerfile('server')],
    [
      'an artifact of the L2',
      stack => McpServerCode.of(AgentRuntimeArtifact.fromEcrRepository(new Repository(stack, 'Images'), 'v1')),
    ],
  ])('when the role of two servers is of another stack, with %s', (_kind, codeOf) => {
    const app = unbundledStack().node.root as App;
    const role = new Role(new Stack(app, 'Roles'), 'Role', { assumedBy: AGENT_CORE });
    const stack = new Stack(app, 'Servers');
    const server = serverIn(stack, 'Server', { code: codeOf(stack), role });
    const another = serverIn(stack, 'Another', { role });
    server.grants.stopSession(server);
    server.grants.invoke(another);
    another.grants.invoke(server);
    new Table(stack, 'Table', { partitionKey: { name: 'id', type: AttributeType.STRING } }).grantReadData(server);
    new CfnOutput(stack, 'Url', { value: server.url });
    synthesized(stack);
  });

  test('and the runtime is there after what it needs itself', () => {
    const stack = unbundledStack();
    const server = serverIn(stack, 'Server');
    server.grants.stopSession(server);
    const [runtime] = Object.values(synthesized(stack).findResources('AWS::BedrockAgentCore::Runtime'));
    expect(runtime?.DependsOn).toEqual([
      expect.stringMatching(/^ServerPolicy/) as unknown,
      expect.stringMatching(/^ServerRole/) as unknown,
    ]);
  });
});

test('what the service documents is narrowed to the runtime by its name', () => {
  const stack = unbundledStack();
  greetingServer(stack, { runtimeName: 'greetings' });
  const policies = JSON.stringify(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
  expect(policies).toContain('/aws/bedrock-agentcore/runtimes/greetings-*');
  expect(policies).toContain('workload-identity/greetings-*');
  expect(policies).not.toContain('runtimes/*');
  expect(policies).not.toContain('workload-identity/*');
});

test('the L2 construct has the role of the server, and no statements of its own', () => {
  const stack = unbundledStack();
  const server = greetingServer(stack);
  expect(server.runtime.role).toBe(server.role);
  expect(Object.keys(Template.fromStack(stack).findResources('AWS::IAM::Policy'))).toHaveLength(1);
});

describe('a role of the user', () => {
  const warnings = (stack: Stack): string[] =>
    Annotations.fromStack(stack)
      .findWarning('*', Match.anyValue())
      .map(({ entry }) => entry.data as string);

  test.each([
    ['another service', new ServicePrincipal('lambda.amazonaws.com')],
    ['an account', new AccountPrincipal('123456789012')],
  ])('that trusts %s gives a warning', (_case, assumedBy) => {
    const stack = unbundledStack();
    greetingServer(stack, { role: new Role(stack, 'Role', { assumedBy }) });
    expect(warnings(stack)).toEqual([expect.stringMatching(/^`role` is Stack\/Role, which does not trust/)]);
  });

  test('that trusts AgentCore Runtime among others gives none', () => {
    const stack = unbundledStack();
    const assumedBy = new CompositePrincipal(new ServicePrincipal('lambda.amazonaws.com'), AGENT_CORE);
    greetingServer(stack, { role: new Role(stack, 'Role', { assumedBy }) });
    expect(warnings(stack)).toEqual([]);
  });

  test('whose trust is added later gives none', () => {
    const stack = unbundledStack();
    const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    greetingServer(stack, { role });
    role.assumeRolePolicy?.addStatements(
      new PolicyStatement({ actions: ['sts:AssumeRole'], principals: [AGENT_CORE] }),
    );
    expect(warnings(stack)).toEqual([]);
  });

  test.each<[string, (stack: Stack) => StatefulMcpServerProps['role']]>([
    [
      'imported as such',
      stack => Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::123456789012:role/mcp', { mutable: false }),
    ],
    ['protected', stack => new Role(stack, 'Role', { assumedBy: AGENT_CORE }).withoutPolicyUpdates()],
  ])('that may not be changed, because it is %s, gives a warning', (_case, roleIn) => {
    const stack = unbundledStack();
    greetingServer(stack, { role: roleIn(stack) });
    expect(warnings(stack)).toEqual([expect.stringMatching(/^`role` may not be changed/)]);
    Template.fromStack(stack).resourceCountIs('AWS::IAM::Policy', 0);
  });
});
