import { Duration, type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { RuntimeEndpoint } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import {
  McpAuth,
  McpCheck,
  McpRelease,
  McpReleaseCaller,
  ReleaseChecker,
  type McpReleaseConfig,
  type McpReleaseContext,
  type VerifiedReleaseOptions,
} from '../../../lib';
import { nagFindings } from '../fixtures/cdk-nag';
import { checkOf, resourcesOf, verifiedServer, waitsFor, idOf, CHECK } from '../fixtures/releases';
import { errorOf, greetingServer, permissionsOf, unbundledStack } from '../fixtures/stacks';

const ISSUER = 'https://login.example.com/.well-known/openid-configuration';
const TOKENS = McpAuth.jwt({ discoveryUrl: ISSUER, allowedClients: ['agent'] });

describe('callers with a token', () => {
  test('get it with a secret that the function alone reads', () => {
    const stack = unbundledStack();
    const encryptionKey = new Key(stack, 'Key');
    const secret = new Secret(stack, 'Secret', { encryptionKey });
    const options = { clientId: 'agent', secret, secretField: 'password', scopes: ['tools'], audience: 'api' };
    const callers = [McpReleaseCaller.clientCredentials(options)];
    verifiedServer(stack, { auth: TOKENS, release: McpRelease.verified({ callers }) });
    expect(checkOf(resourcesOf(stack), 'Candidate').callers).toEqual([
      {
        kind: 'client-credentials',
        discoveryUrl: ISSUER,
        clientId: 'agent',
        secretArn: stack.resolve(secret.secretArn) as unknown,
        secretField: 'password',
        scopes: ['tools'],
        audience: 'api',
      },
    ]);
    const allowed = permissionsOf(stack, ReleaseChecker.of(stack).role);
    expect(allowed['secretsmanager:GetSecretValue']).toEqual(stack.resolve(secret.secretArn));
    const keys = Template.fromStack(stack).findResources('AWS::KMS::Key');
    expect(JSON.stringify(keys)).toMatch(/kms:Decrypt.*StatefulMcpReleaseCheckerV1Role/);
    // A signature would be refused.
    expect(Object.keys(allowed)).not.toContain('bedrock-agentcore:InvokeAgentRuntime');
  });

  test('are the client for machines of Cognito by itself, whose pool tells the secret', () => {
    const stack = unbundledStack();
    const auth = McpAuth.cognito({ machineClient: true });
    verifiedServer(stack, { auth });
    const resources = resourcesOf(stack);
    expect(checkOf(resources, 'Candidate').callers).toEqual([
      {
        kind: 'client-credentials',
        discoveryUrl: expect.anything() as unknown,
        clientId: stack.resolve(auth.machineClient?.userPoolClientId) as unknown,
        userPoolId: stack.resolve(auth.userPool.userPoolId) as unknown,
        scopes: auth.scopes,
      },
    ]);
    expect(permissionsOf(stack, ReleaseChecker.of(stack).role)['cognito-idp:DescribeUserPoolClient']).toEqual(
      stack.resolve(auth.userPool.userPoolArn),
    );
    // The domain gives the tokens, and the runtime does not wait for it.
    expect([...waitsFor(resources, idOf(resources, CHECK, 'Candidate'))]).toContain(
      idOf(resources, 'AWS::Cognito::UserPoolDomain'),
    );
    expect(JSON.stringify(resources)).not.toMatch(/ClientSecret/);
    expect(nagFindings(stack)).toEqual([]);
  });

  test.each([
    ['a server with tokens and no client', { auth: TOKENS }, 'release without a check by `McpRelease.direct()`'],
    ['people alone', { auth: McpAuth.cognito() }, 'set `machineClient: true`'],
    [
      'a caller that signs, where they bring a token',
      { auth: TOKENS, release: McpRelease.verified({ callers: [McpReleaseCaller.role()] }) },
      '`callers[0]` signs, and callers of the server bring a token; `McpReleaseCaller.clientCredentials(...)` is allowed',
    ],
    ['no caller', { release: McpRelease.verified({ callers: [] }) }, '`callers` is an empty list'],
  ])('%s is refused', (_, props, message) => {
    expect(errorOf(() => verifiedServer(unbundledStack(), props))).toContain(message);
  });

  test('a caller with a token is refused where they sign', () => {
    const stack = unbundledStack();
    const secret = new Secret(stack, 'Secret');
    const callers = [McpReleaseCaller.clientCredentials({ clientId: 'agent', secret })];
    expect(errorOf(() => verifiedServer(stack, { release: McpRelease.verified({ callers }) }))).toContain(
      '`callers[0]` brings a token, and callers of the server sign; `McpReleaseCaller.role()` is allowed',
    );
  });

  test('a server with tokens and no client is released directly', () => {
    const stack = unbundledStack();
    const server = greetingServer(stack, { auth: TOKENS, release: McpRelease.direct() });
    expect([server.endpointName, server.endpoint]).toEqual(['DEFAULT', undefined]);
    expect(JSON.stringify(stack.resolve(server.url))).toContain('qualifier=DEFAULT');
    Template.fromStack(stack).resourceCountIs('AWS::BedrockAgentCore::RuntimeEndpoint', 0);
    Template.fromStack(stack).resourceCountIs('AWS::Lambda::Function', 0);
  });
});

test.each<[string, VerifiedReleaseOptions, string]>([
  ['DEFAULT', { endpointName: 'DEFAULT' }, '`endpointName` is "DEFAULT"'],
  ['a hyphen', { endpointName: 'my-live' }, '`endpointName` is "my-live"'],
  ['the name of the candidate', { endpointName: 'candidate', candidate: true }, 'not DEFAULT or candidate'],
  ['a watch every minute', { watch: Duration.minutes(1) }, '`watch` is 1 minutes; whole minutes from 5 to 1440'],
  ['a watch of seconds', { watch: Duration.seconds(330) }, '`watch` is 5.5 minutes'],
  [
    'a check that a schedule has no room for',
    {
      watch: Duration.hours(1),
      check: McpCheck.of({ tools: Array.from({ length: 500 }, (_, index) => `a_tool_${index}`) }),
    },
    '`check` has ',
  ],
  ['a watch above a day', { watch: Duration.days(2) }, '`watch` is 2880 minutes'],
])('%s is refused', (_, options, message) => {
  expect(errorOf(() => verifiedServer(unbundledStack(), { release: McpRelease.verified(options) }))).toContain(message);
});

test('a topic without a watch is refused', () => {
  const stack = unbundledStack();
  const watchTopic = new Topic(stack, 'Topic');
  expect(errorOf(() => verifiedServer(stack, { release: McpRelease.verified({ watchTopic }) }))).toContain(
    '`watchTopic` is given without `watch`',
  );
});

test.each([
  ['check', { tools: [] }, 'make one with `McpCheck.of(...)`'],
  ['onInconclusive', true, 'give `McpInconclusive.PASS`'],
  ['callers', ['role'], 'make one with `McpReleaseCaller'],
  ['checker', {}, 'a ReleaseChecker'],
  ['candidates', true, 'candidate'],
])('`%s` of a wrong kind is refused', (option, value, message) => {
  const said = errorOf(() => McpRelease.verified({ [option]: value }));
  expect(said).toContain(`\`${option}`);
  expect(said).toContain(message);
});

/** As a team writes one that moves its endpoint by a pipeline. */
class ByPipeline extends McpRelease {
  public context?: McpReleaseContext;

  public bind(scope: Stack, context: McpReleaseContext): McpReleaseConfig {
    this.context = context;
    const endpoint = new RuntimeEndpoint(scope, 'Prod', {
      endpointName: 'prod',
      agentRuntimeId: context.runtime.agentRuntimeId,
      agentRuntimeVersion: '3',
    });
    return { endpointName: 'prod', endpoint };
  }
}

test('a release of the user decides which endpoint users call', () => {
  const stack = unbundledStack();
  const release = new ByPipeline();
  const server = greetingServer(stack, { release, runtimeName: 'greeter' });
  expect(JSON.stringify(stack.resolve(server.url))).toContain('qualifier=prod');
  expect(release.context).toMatchObject({ runtimeName: 'greeter', usesServerKit: false, callers: [] });
  Template.fromStack(stack).hasResourceProperties('AWS::BedrockAgentCore::RuntimeEndpoint', {
    Name: 'prod',
    AgentRuntimeVersion: '3',
    Description: Match.absent(),
  });
});

test.each([
  [{ endpointName: 5 }, '`release.endpointName` is 5; a string is allowed'],
  [{ endpointName: 'prod', released: null }, '`release.released` is null; an IDependable is allowed'],
])('a release of the user that makes %j is refused', (made, message) => {
  const release = new (class extends ByPipeline {
    public bind(): McpReleaseConfig {
      return made as never;
    }
  })();
  expect(errorOf(() => greetingServer(unbundledStack(), { release }))).toContain(message);
});
