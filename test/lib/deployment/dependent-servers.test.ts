import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Role } from 'aws-cdk-lib/aws-iam';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import {
  ImageAssembler,
  McpAuth,
  McpRelease,
  McpReleaseCaller,
  McpServerCode,
  Packaging,
  ReleaseChecker,
  StatefulMcpServer,
  type StatefulMcpServerProps,
} from '../../../lib';
import { resourcesOf } from '../fixtures/releases';
import { GREETING_SERVER, unbundledStack } from '../fixtures/stacks';

const ISSUER = 'https://login.example.com/.well-known/openid-configuration';

const image = () => McpServerCode.fromTypeScript(GREETING_SERVER);

type PropsOf = (stack: Stack) => Partial<StatefulMcpServerProps>;

const KINDS: Readonly<Record<string, PropsOf>> = {
  'in images': () => ({}),
  'in zip files': () => ({ code: McpServerCode.fromTypeScript(GREETING_SERVER, { packaging: Packaging.zip() }) }),
  'that are called by machines of Cognito': () => ({ auth: McpAuth.cognito({ machineClient: true }) }),
  'with functions of the app': stack => ({
    code: McpServerCode.fromTypeScript(GREETING_SERVER, {
      packaging: Packaging.image({
        assembler: new ImageAssembler(new Stack(stack.node.root, 'Assembly'), 'Assembler'),
      }),
    }),
    release: McpRelease.verified({ checker: new ReleaseChecker(new Stack(stack.node.root, 'Checks'), 'Checker') }),
  }),
};

/** Two servers with the same props, as far as those are not made for each. */
function servers(stack: Stack, propsOf: PropsOf): [StatefulMcpServer, StatefulMcpServer] {
  const props = propsOf(stack);
  const [first, second] = ['First', 'Second'].map(
    id => new StatefulMcpServer(stack, id, { code: image(), ...props, ...(props.auth ? propsOf(stack) : {}) }),
  );
  if (first === undefined || second === undefined) {
    throw new Error('two are made');
  }
  return [first, second];
}

describe.each(Object.entries(KINDS))('servers %s', (_kind, propsOf) => {
  test('may be made one after the other', () => {
    const stack = unbundledStack();
    const [first, second] = servers(stack, propsOf);
    second.node.addDependency(first);
    // It refuses templates with a circle in them.
    expect(() => Template.fromStack(stack)).not.toThrow();
  });

  test('may wait for what calls another', () => {
    const stack = unbundledStack();
    const [first, second] = servers(stack, propsOf);
    const caller = new Function(stack, 'Caller', {
      runtime: Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code: Code.fromInline(' '),
      environment: { URL: first.url },
    });
    first.grants.invoke(caller);
    second.node.addDependency(caller);
    expect(() => Template.fromStack(stack)).not.toThrow();
  });
});

test('a server that waits for another may have the secret of its caller in itself', () => {
  const stack = unbundledStack();
  const secrets = ['First', 'Second'].map(id => {
    const secret = new Secret(stack, `${id}Secret`);
    const callers = [McpReleaseCaller.clientCredentials({ clientId: 'agent', secret })];
    const auth = McpAuth.jwt({ discoveryUrl: ISSUER, allowedClients: ['agent'] });
    return [
      secret,
      new StatefulMcpServer(stack, id, { code: image(), auth, release: McpRelease.verified({ callers }) }),
    ];
  });
  secrets[1]?.[0]?.node.addDependency(...(secrets[0] ?? []));
  expect(() => Template.fromStack(stack)).not.toThrow();
});

test('functions of more servers than have policies of their own may do the same for each', () => {
  const stack = unbundledStack();
  const count = 14;
  for (let index = 0; index < count; index += 1) {
    new StatefulMcpServer(stack, `Server${index}`, { code: image(), auth: McpAuth.cognito({ machineClient: true }) });
  }
  const policies = Object.values(resourcesOf(stack)).filter(({ Type }) => /^AWS::IAM::(?:Managed)?Policy$/.test(Type));
  const text = JSON.stringify(policies);
  for (let index = 0; index < count; index += 1) {
    expect(text).toMatch(new RegExp(`"Fn::GetAtt":\\["Server${index}Repository[0-9A-F]{8}","Arn"\\]`));
    expect(text).toMatch(new RegExp(`"Fn::GetAtt":\\["Server${index}AuthUserPool[0-9A-F]{8}","Arn"\\]`));
  }
});

test('policies on a role that functions of several stacks share, by equal ids, have names of their own', () => {
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
  for (const id of ['One', 'Two']) {
    const stack = new Stack(app, id);
    const role = Role.fromRoleName(stack, 'Role', 'deployments');
    const assembler = new ImageAssembler(stack, 'Assembler', { role });
    const release = McpRelease.verified({ checker: new ReleaseChecker(stack, 'Checker', { role }) });
    const code = McpServerCode.fromTypeScript(GREETING_SERVER, { packaging: Packaging.image({ assembler }) });
    new StatefulMcpServer(stack, 'Server', { code, release });
  }
  const names = app.synth().stacks.flatMap(({ template }) =>
    Object.values((template as { Resources: Record<string, PolicyResource> }).Resources)
      .filter(({ Properties: { Roles: roles = [] } = {} }) => roles.includes('deployments'))
      .map(({ Properties }) => JSON.stringify(Properties?.PolicyName)),
  );
  expect(names.length).toBeGreaterThan(0);
  expect(new Set(names).size).toBe(names.length);
});

interface PolicyResource {
  readonly Properties?: { readonly PolicyName?: unknown; readonly Roles?: readonly unknown[] };
}
