import { App, Duration, Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import path from 'node:path';
import { McpRelease, McpServerCode, Packaging, StatefulMcpServer, type StatefulMcpServerProps } from '../../../../lib';
import { nagFindings } from '../../fixtures/cdk-nag';
import { project, removeProjects } from '../../fixtures/projects';
import { errorOf, GREETING_SERVER } from '../../fixtures/stacks';

afterEach(removeProjects);

const RUNTIME = 'AWS::BedrockAgentCore::Runtime';
/** What the code of a zip file adds. */
const SOURCE_MAPS = { NODE_OPTIONS: '--enable-source-maps' };
const SECRET = 'AWS::SecretsManager::Secret';
/** What the published kit has in it, too. */
const KIT_SERVER = { 'server.ts': 'console.log(process.env.STATEFUL_MCP_REQUEST_STATE_KEY);' };

const MY_KEY = Buffer.from('0123456789abcdefghijklmnopqrstuv').toString('base64');

function stackWith(
  props: Partial<StatefulMcpServerProps>,
  build: (stack: Stack) => Partial<StatefulMcpServerProps> = () => ({}),
): Stack {
  const stack = new Stack(new App({ outdir: project({}) }), 'Stack');
  const code = McpServerCode.fromTypeScript(path.join(project(KIT_SERVER), 'server.ts'), {
    packaging: Packaging.zip(),
  });
  new StatefulMcpServer(stack, 'Server', { code, release: McpRelease.direct(), ...props, ...build(stack) });
  return stack;
}

function environmentOf(stack: Stack): unknown {
  const [runtime] = Object.values(Template.fromStack(stack).findResources(RUNTIME)) as {
    Properties: { EnvironmentVariables?: Record<string, unknown> };
  }[];
  return runtime?.Properties.EnvironmentVariables;
}

test('a server with the kit in its bundle is told its timeouts, and gets a key that the template does not hold', () => {
  const stack = stackWith({ idleTimeout: Duration.minutes(5) });
  const [secretId] = Object.keys(Template.fromStack(stack).findResources(SECRET));
  expect(environmentOf(stack)).toEqual({
    ...SOURCE_MAPS,
    STATEFUL_MCP_IDLE_TIMEOUT_SECONDS: '300',
    STATEFUL_MCP_MAX_LIFETIME_SECONDS: '28800',
    STATEFUL_MCP_REQUEST_STATE_KEY: {
      'Fn::Join': ['', ['{{resolve:secretsmanager:', { Ref: secretId }, ':SecretString:::}}']],
    },
  });
  Template.fromStack(stack).hasResourceProperties(SECRET, {
    GenerateSecretString: { PasswordLength: 64, ExcludePunctuation: true },
  });
  expect(nagFindings(stack)).toEqual([]);
});

test('the key is base64 of 32 bytes or more, whatever letters and digits are drawn', () => {
  expect(Buffer.from('Az09'.repeat(16), 'base64')).toHaveLength(48);
});

test.each([
  [undefined, 'Delete'],
  [RemovalPolicy.RETAIN, 'Retain'],
])('with a removal policy of %s, the generated key has %s', (removalPolicy, deletionPolicy) => {
  Template.fromStack(stackWith({ removalPolicy })).allResources(SECRET, { DeletionPolicy: deletionPolicy });
});

test('an image is told the same', () => {
  const code = McpServerCode.fromTypeScript(path.join(project(KIT_SERVER), 'server.ts'));
  expect(environmentOf(stackWith({ code }))).toMatchObject({ STATEFUL_MCP_IDLE_TIMEOUT_SECONDS: '900' });
});

test('a secret of the user takes the place of the generated one', () => {
  const stack = stackWith({}, scope => ({
    requestStateKey: Secret.fromSecretNameV2(scope, 'Key', 'team/key').secretValue,
  }));
  Template.fromStack(stack).resourceCountIs(SECRET, 0);
  expect(JSON.stringify(environmentOf(stack))).toContain('secret:team/key:SecretString:::}}');
});

test('variables of the user win, and a key of theirs costs no secret', () => {
  const stack = stackWith({
    environment: { STATEFUL_MCP_REQUEST_STATE_KEY: MY_KEY, STATEFUL_MCP_IDLE_TIMEOUT_SECONDS: '60' },
  });
  expect(environmentOf(stack)).toEqual({
    ...SOURCE_MAPS,
    STATEFUL_MCP_IDLE_TIMEOUT_SECONDS: '60',
    STATEFUL_MCP_MAX_LIFETIME_SECONDS: '28800',
    STATEFUL_MCP_REQUEST_STATE_KEY: MY_KEY,
  });
  Template.fromStack(stack).resourceCountIs(SECRET, 0);
});

test('timeouts that the deployment decides are passed on', () => {
  const lifetime = Duration.seconds(Lazy.number({ produce: () => 7200 }));
  expect(environmentOf(stackWith({ idleTimeout: lifetime, maxLifetime: lifetime }))).toMatchObject({
    STATEFUL_MCP_MAX_LIFETIME_SECONDS: '7200',
  });
});

test('the limits of the service count what the kit is told', () => {
  const variables = (count: number): Record<string, string> =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`VARIABLE_${index}`, 'x']));
  expect(() => stackWith({ environment: variables(46) })).not.toThrow();
  expect(errorOf(() => stackWith({ environment: variables(47) }))).toBe(
    '[Stack/Server] `environment` has 51 variables together with the 4 that the construct adds; 50 are allowed: ' +
      'put settings together, for example in an SSM parameter',
  );
  expect(errorOf(() => stackWith({ environment: { A: 'x'.repeat(2048), B: 'x'.repeat(2000) } }))).toMatch(
    /holds \d+ bytes of names and values together with the 4 that the construct adds; 4096 are allowed/,
  );
});

describe('a server without the kit', () => {
  const TIMEOUTS = {
    ...SOURCE_MAPS,
    STATEFUL_MCP_IDLE_TIMEOUT_SECONDS: '900',
    STATEFUL_MCP_MAX_LIFETIME_SECONDS: '28800',
  };
  const code = McpServerCode.fromTypeScript(GREETING_SERVER, { packaging: Packaging.zip() });

  test('is told its timeouts, for the kit may be where it is not seen, and gets no secret', () => {
    const stack = stackWith({ code });
    expect(environmentOf(stack)).toEqual(TIMEOUTS);
    Template.fromStack(stack).resourceCountIs(SECRET, 0);
  });

  test('gets a key that it is given', () => {
    const stack = stackWith({ code }, scope => ({ requestStateKey: new Secret(scope, 'Key').secretValue }));
    expect(environmentOf(stack)).toEqual({ ...TIMEOUTS, STATEFUL_MCP_REQUEST_STATE_KEY: expect.anything() as unknown });
  });
});
