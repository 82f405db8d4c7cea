import path from 'node:path';
import { CfnParameter, SecretValue, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { type CfnRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { McpServerCode, Packaging } from '../../../../lib';
import { IMAGE_KINDS, packagedKinds } from '../../fixtures/code-kinds';
import { project, removeProjects } from '../../fixtures/projects';
import { errorOf, greetingServer, permissionsOf, propertiesOf, unbundledStack } from '../../fixtures/stacks';

afterEach(removeProjects);

const KEY = 'STATEFUL_MCP_REQUEST_STATE_KEY';
const GOOD_KEY = Buffer.from('0123456789abcdefghijklmnopqrstuv').toString('base64');

/** The shortest that the kit takes: 32 bytes in base64, without the sign that fills it up. */
const SHORTEST_KEY = 43;

const KINDS = [
  ...Object.entries(packagedKinds(() => Packaging.image())).map(
    ([kind, code]) => [`${kind} in an image`, code] as const,
  ),
  ...Object.entries(packagedKinds(() => Packaging.zip())).map(
    ([kind, code]) => [`${kind} in a zip file`, code] as const,
  ),
  ...Object.entries(IMAGE_KINDS),
];

function environmentOf(stack: Stack): Record<string, unknown> {
  return propertiesOf(stack, 'AWS::BedrockAgentCore::Runtime').EnvironmentVariables as Record<string, unknown>;
}

describe.each(KINDS)('%s', (_kind, codeOf) => {
  const newStack = (): { stack: Stack; code: McpServerCode } => {
    const stack = unbundledStack();
    return { stack, code: codeOf(stack) };
  };

  test('is told when its sessions end', () => {
    const { stack, code } = newStack();
    greetingServer(stack, { code });
    expect(environmentOf(stack)).toMatchObject({
      STATEFUL_MCP_IDLE_TIMEOUT_SECONDS: '900',
      STATEFUL_MCP_MAX_LIFETIME_SECONDS: '28800',
    });
  });

  test('gets the key of a secret, which the deployment reads, and not the server', () => {
    const { stack, code } = newStack();
    const secret = new Secret(stack, 'Key', { encryptionKey: new Key(stack, 'Kms') });
    const server = greetingServer(stack, { code, requestStateKey: secret.secretValue });
    const [secretId] = Object.keys(Template.fromStack(stack).findResources('AWS::SecretsManager::Secret'));
    expect(environmentOf(stack)[KEY]).toEqual({
      'Fn::Join': ['', ['{{resolve:secretsmanager:', { Ref: secretId }, ':SecretString:::}}']],
    });
    const actions = Object.keys(permissionsOf(stack, server.role)).join();
    expect(actions).not.toContain('secretsmanager:');
    expect(actions).not.toContain('kms:');
  });

  test('gets a new key and the earlier one, during a rotation', () => {
    const { stack, code } = newStack();
    const secret = new Secret(stack, 'Key');
    const [next, earlier] = ['AWSCURRENT', 'AWSPREVIOUS'].map(versionStage =>
      SecretValue.secretsManager(secret.secretArn, { versionStage }).unsafeUnwrap(),
    );
    greetingServer(stack, { code, requestStateKey: SecretValue.unsafePlainText(`${next},${earlier}`) });
    const value = JSON.stringify(environmentOf(stack)[KEY]);
    expect(value).toMatch(/SecretString::AWSCURRENT:\}\},\{\{resolve:secretsmanager:/);
    expect(value).toContain('SecretString::AWSPREVIOUS:}}');
  });

  test('gets both by a parameter that nobody sees, too', () => {
    const { stack, code } = newStack();
    const parameter = new CfnParameter(stack, 'Keys', { noEcho: true });
    greetingServer(stack, { code, requestStateKey: SecretValue.cfnParameter(parameter) });
    expect(environmentOf(stack)[KEY]).toEqual({ Ref: 'Keys' });
  });

  test('has a key that counts in the size of the environment', () => {
    const known = unbundledStack();
    greetingServer(known, { code: codeOf(known) });
    // Those of the code itself, and of the kit.
    const added = Object.entries(environmentOf(known)).filter(([name]) => name !== KEY) as [string, string][];
    const used = added.reduce((sum, [name, value]) => sum + name.length + value.length, KEY.length);
    // Two variables, as one has 2048 characters at most.
    const serverWith = (bytes: number): unknown => {
      const { stack, code } = newStack();
      const environment = { A: 'a'.repeat(2000), B: 'b'.repeat(bytes - 2000 - 'AB'.length) };
      greetingServer(stack, { code, environment, requestStateKey: SecretValue.secretsManager('key') });
      return environmentOf(stack);
    };
    expect(() => serverWith(4096 - used - SHORTEST_KEY)).not.toThrow();
    expect(errorOf(() => serverWith(4096 - used - SHORTEST_KEY + 1))).toContain(
      `\`environment\` holds 4097 bytes of names and values together with the ${added.length + 1} that the construct adds; 4096 are allowed`,
    );
  });

  test('gets no key that is none, and not one that a variable sets as well', () => {
    const { stack, code } = newStack();
    const requestStateKey = SecretValue.unsafePlainText('mine');
    expect(errorOf(() => greetingServer(stack, { code, requestStateKey }))).toMatch(/`requestStateKey` is no key/);
    const environment = { [KEY]: GOOD_KEY };
    expect(
      errorOf(() =>
        greetingServer(unbundledStack(), { code, environment, requestStateKey: SecretValue.secretsManager('k') }),
      ),
    ).toContain('`requestStateKey` is given, and `environment` sets');
  });

  test('is refused a SecureString of SSM, which CloudFormation does not resolve there', () => {
    const { stack, code } = newStack();
    const server = greetingServer(stack, { code, requestStateKey: SecretValue.ssmSecure('key') });
    expect(server.node.validate()).toEqual([expect.stringMatching(/^`requestStateKey` .* a SecureString of SSM/)]);
  });
});

test.each([
  ['a zip file', Packaging.zip(), 1536],
  ['an image', Packaging.image(), 2560],
])('on platform version V2, the generated key counts in the size with %s, as it is', (_form, packaging, allowed) => {
  // In an image, the flag of Node.js is in the image itself.
  const flag = allowed === 1536 ? 'NODE_OPTIONS--enable-source-maps' : '';
  const seconds = 'STATEFUL_MCP_IDLE_TIMEOUT_SECONDS900STATEFUL_MCP_MAX_LIFETIME_SECONDS28800';
  const kit = `${KEY}${seconds}${flag}`.length + 64;
  const entry = path.join(project({ 'server.ts': "import 'stateful-mcp-server';" }), 'server.ts');
  const problemsWith = (bytes: number): string[] => {
    const server = greetingServer(unbundledStack(), {
      code: McpServerCode.fromTypeScript(entry, { packaging }),
      environment: { A: 'x'.repeat(1000), B: 'x'.repeat(bytes - 1000 - 'AB'.length) },
    });
    (server.node.defaultChild as CfnRuntime).addPropertyOverride('PlatformVersion', 'V2');
    return server.node.validate();
  };
  expect(problemsWith(allowed - kit)).toEqual([]);
  expect(problemsWith(allowed - kit + 1)).toEqual([
    expect.stringContaining(`holds ${allowed + 1} bytes of names and values with those of the server kit`),
  ]);
});
