import { App, Aws, CfnParameter, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { RuntimeCustomClaim } from 'aws-cdk-lib/aws-bedrockagentcore';
import {
  ManagedLoginVersion,
  UserPool,
  UserPoolClient,
  UserPoolClientIdentityProvider,
  UserPoolDomain,
} from 'aws-cdk-lib/aws-cognito';
import { McpAuth, McpHost, type CognitoAuth, type CognitoAuthOptions } from '../../../lib';
import { substituted } from '../../../lib/private/common/substitution';
import { nagFindings } from '../fixtures/cdk-nag';
import { errorOf, greetingServer, propertiesOf, unbundledStack } from '../fixtures/stacks';

const RUNTIME = 'AWS::BedrockAgentCore::Runtime';
const POOL = 'AWS::Cognito::UserPool';
const CLIENT = 'AWS::Cognito::UserPoolClient';

function stackWith(options?: CognitoAuthOptions): { stack: Stack; auth: CognitoAuth; template: Template } {
  const stack = unbundledStack();
  const auth = McpAuth.cognito(options);
  greetingServer(stack, { auth });
  return { stack, auth, template: Template.fromStack(stack) };
}

const problemsWith = (options: CognitoAuthOptions): string => errorOf(() => stackWith(options));

function clientsOf(template: Template): Record<string, unknown>[] {
  return Object.values(template.findResources(CLIENT)).map(
    client => (client as { Properties: Record<string, unknown> }).Properties,
  );
}

describe('the user pool', () => {
  test('is one whose users an administrator makes, with a second factor, and stays', () => {
    const { template } = stackWith();
    template.hasResource(POOL, {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
        DeletionProtection: 'ACTIVE',
        EnabledMfas: ['SOFTWARE_TOKEN_MFA'],
        MfaConfiguration: 'ON',
        UserPoolTier: 'ESSENTIALS',
        UsernameAttributes: ['email'],
        UsernameConfiguration: { CaseSensitive: false },
        Policies: { PasswordPolicy: { MinimumLength: 12 } },
      },
    });
  });

  test('goes with the stack when that is asked for', () => {
    stackWith({ removalPolicy: RemovalPolicy.DESTROY }).template.hasResource(POOL, {
      DeletionPolicy: 'Delete',
      Properties: { DeletionProtection: 'INACTIVE' },
    });
  });

  test('has a domain with managed login, of a name that Cognito takes', () => {
    const { template, stack } = stackWith();
    template.hasResourceProperties('AWS::Cognito::UserPoolDomain', {
      ManagedLoginVersion: 2,
      Domain: { 'Fn::Join': ['', [Match.stringLikeRegexp('^mcp-[0-9a-f]{12}-$'), stack.resolve(Aws.ACCOUNT_ID)]] },
    });
    template.hasResourceProperties('AWS::Cognito::ManagedLoginBranding', { UseCognitoProvidedValues: true });
  });

  test('has the domain that is asked for', () => {
    stackWith({ domainPrefix: 'expenses-example' }).template.hasResourceProperties('AWS::Cognito::UserPoolDomain', {
      Domain: 'expenses-example',
    });
  });

  test('can be another one, with or without a domain', () => {
    const stack = unbundledStack();
    const userPool = new UserPool(stack, 'People');
    greetingServer(stack, { auth: McpAuth.cognito({ userPool }) });
    const template = Template.fromStack(stack);
    template.resourceCountIs(POOL, 1);
    template.hasResourceProperties('AWS::Cognito::UserPoolDomain', {
      UserPoolId: stack.resolve(userPool.userPoolId) as object,
    });
    template.hasResourceProperties(CLIENT, { UserPoolId: stack.resolve(userPool.userPoolId) as object });
    expect(nagFindings(stack.node.findChild('Server'))).toEqual([]);
  });

  test.each([
    [ManagedLoginVersion.NEWER_MANAGED_LOGIN, 1],
    [ManagedLoginVersion.CLASSIC_HOSTED_UI, 0],
    [undefined, 0],
  ])('can bring its domain; a style is made for managed login %p alone', (managedLoginVersion, styles) => {
    const stack = unbundledStack();
    const userPool = new UserPool(stack, 'People');
    const domain = userPool.addDomain('Domain', { cognitoDomain: { domainPrefix: 'people' }, managedLoginVersion });
    const auth = McpAuth.cognito({ userPool, domain });
    greetingServer(stack, { auth });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::Cognito::UserPoolDomain', 1);
    template.resourceCountIs('AWS::Cognito::ManagedLoginBranding', styles);
    expect(stack.resolve(auth.domainUrl)).toEqual(stack.resolve(domain.baseUrl()));
  });

  test.each([
    ['login.example.com', 'https://login.example.com'],
    ['people', { 'Fn::Join': ['', ['https://people.auth.', { Ref: 'AWS::Region' }, '.amazoncognito.com']] }],
  ])('can be imported with its domain %s', (name, url) => {
    const stack = unbundledStack();
    const userPool = UserPool.fromUserPoolId(stack, 'People', 'eu-west-1_abc');
    const auth = McpAuth.cognito({ userPool, domain: UserPoolDomain.fromDomainName(stack, 'Domain', name) });
    greetingServer(stack, { auth });
    expect(stack.resolve(auth.domainUrl)).toEqual(url);
    expect(propertiesOf(stack, RUNTIME)).toMatchObject({
      AuthorizerConfiguration: {
        CustomJWTAuthorizer: {
          DiscoveryUrl: {
            'Fn::Join': [
              '',
              [
                'https://cognito-idp.',
                { Ref: 'AWS::Region' },
                '.amazonaws.com/eu-west-1_abc/.well-known/openid-configuration',
              ],
            ],
          },
        },
      },
    });
  });
});

describe('the client for people', () => {
  test('has no secret, the code flow alone, and refresh tokens that rotate', () => {
    const { template } = stackWith();
    expect(clientsOf(template)).toEqual([
      expect.objectContaining({
        GenerateSecret: false,
        AllowedOAuthFlows: ['code'],
        AllowedOAuthFlowsUserPoolClient: true,
        // Rotation excludes ALLOW_REFRESH_TOKEN_AUTH, which Cognito adds where there are no flows.
        ExplicitAuthFlows: ['ALLOW_USER_AUTH'],
        RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 60 },
        EnableTokenRevocation: true,
        PreventUserExistenceErrors: 'ENABLED',
        AllowedOAuthScopes: ['openid', expect.stringMatching(/^Stack-Server-[0-9A-F]{8}\/invoke$/)],
      }),
    ]);
  });

  test('has the callback URLs of all hosts, exactly', () => {
    const [client] = clientsOf(stackWith().template);
    expect(client?.CallbackURLs).toEqual([
      'http://localhost:3118/callback',
      'http://127.0.0.1:3118/callback',
      'https://claude.ai/api/mcp/auth_callback',
      'https://claude.com/api/mcp/auth_callback',
      'cursor://anysphere.cursor-mcp/oauth/callback',
      'https://vscode.dev/redirect',
      'https://insiders.vscode.dev/redirect',
      'http://127.0.0.1:33418',
      'http://127.0.0.1:33418/',
      'http://localhost:3118/oauth/callback',
      'http://127.0.0.1:3118/oauth/callback',
      'http://localhost:6274/oauth/callback',
      'http://127.0.0.1:6276/oauth/callback',
      'https://chatgpt.com/connector_platform_oauth_redirect',
    ]);
  });

  test.each<[CognitoAuthOptions, string[]]>([
    [
      { hosts: [McpHost.CLAUDE_CODE], callbackPort: 4567 },
      ['http://localhost:4567/callback', 'http://127.0.0.1:4567/callback'],
    ],
    [
      { hosts: [McpHost.KIRO], callbackPort: 1024 },
      [
        'http://localhost:1024/callback',
        'http://127.0.0.1:1024/callback',
        'http://localhost:1024/oauth/callback',
        'http://127.0.0.1:1024/oauth/callback',
      ],
    ],
    [
      { hosts: [McpHost.GEMINI_CLI], callbackPort: 1024 },
      ['http://localhost:1024/oauth/callback', 'http://127.0.0.1:1024/oauth/callback'],
    ],
    [{ hosts: [McpHost.CURSOR] }, ['cursor://anysphere.cursor-mcp/oauth/callback']],
    [
      { hosts: [], callbackUrls: ['https://chatgpt.com/connector/oauth/abc', 'http://[::1]:1/a', 'goose://oauth'] },
      ['https://chatgpt.com/connector/oauth/abc', 'http://[::1]:1/a', 'goose://oauth'],
    ],
    [
      { hosts: [McpHost.CURSOR], callbackUrls: ['cursor://anysphere.cursor-mcp/oauth/callback'] },
      ['cursor://anysphere.cursor-mcp/oauth/callback'],
    ],
  ])('has those of %j alone', (options, urls) => {
    expect(clientsOf(stackWith(options).template)[0]?.CallbackURLs).toEqual(urls);
  });

  test('takes its times and identity providers', () => {
    expect(
      clientsOf(
        stackWith({
          accessTokenValidity: Duration.minutes(5),
          refreshTokenValidity: Duration.days(1),
          refreshTokenRotationGracePeriod: Duration.seconds(0),
          identityProviders: [UserPoolClientIdentityProvider.custom('Company')],
        }).template,
      ),
    ).toEqual([
      expect.objectContaining({
        AccessTokenValidity: 5,
        RefreshTokenValidity: 1440,
        RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 0 },
        SupportedIdentityProviders: ['Company'],
      }),
    ]);
  });
});

test('the client for machines has a secret and client credentials alone, and nobody signs in by it', () => {
  const { template, auth, stack } = stackWith({ machineClient: true });
  expect(clientsOf(template)).toContainEqual(
    expect.objectContaining({
      GenerateSecret: true,
      AllowedOAuthFlows: ['client_credentials'],
      ExplicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH'],
      AllowedOAuthScopes: auth.scopes,
    }),
  );
  expect(clientsOf(template)).toHaveLength(2);
  expect(stack.resolve(auth.tokenEndpoint)).toEqual(stack.resolve(`${auth.domainUrl}/oauth2/token`));
  expect(stackWith().auth.machineClient).toBeUndefined();
});

describe('the runtime', () => {
  const authorizerIn = ({ stack }: { stack: Stack }): unknown =>
    (propertiesOf(stack, RUNTIME).AuthorizerConfiguration as { CustomJWTAuthorizer: unknown }).CustomJWTAuthorizer;

  test('takes tokens of its clients with one of its scopes, and looks at no audience', () => {
    const made = stackWith({ machineClient: true, scopes: { read: 'Read', write: 'Write' } });
    const { stack, auth } = made;
    expect(authorizerIn(made)).toEqual({
      DiscoveryUrl: {
        'Fn::Join': [
          '',
          [
            'https://cognito-idp.',
            { Ref: 'AWS::Region' },
            '.amazonaws.com/',
            stack.resolve(auth.userPool.userPoolId),
            '/.well-known/openid-configuration',
          ],
        ],
      },
      AllowedClients: [
        stack.resolve(auth.publicClient.userPoolClientId),
        stack.resolve(auth.machineClient?.userPoolClientId),
      ],
      AllowedScopes: auth.scopes,
    });
    expect(auth.scopes).toEqual([
      expect.stringMatching(/^Stack-Server-[0-9A-F]{8}\/read$/),
      expect.stringMatching(/^Stack-Server-[0-9A-F]{8}\/write$/),
    ]);
  });

  test('takes those of other clients, audiences and claims when they are named', () => {
    const stack = unbundledStack();
    const userPool = new UserPool(stack, 'People');
    const other = new UserPoolClient(stack, 'Other', { userPool });
    const auth = McpAuth.cognito({
      userPool,
      additionalClients: [other],
      allowedAudiences: ['https://expenses.example.com/mcp'],
      customClaims: [RuntimeCustomClaim.withStringArrayValue('cognito:groups', ['staff'])],
      resourceServerIdentifier: 'https://expenses.example.com',
    });
    greetingServer(stack, { auth });
    expect(authorizerIn({ stack })).toMatchObject({
      AllowedClients: [stack.resolve(auth.publicClient.userPoolClientId), stack.resolve(other.userPoolClientId)],
      AllowedAudience: ['https://expenses.example.com/mcp'],
      AllowedScopes: ['https://expenses.example.com/invoke'],
      CustomClaims: [{ InboundTokenClaimName: 'cognito:groups' }],
    });
    Template.fromStack(stack).hasResourceProperties('AWS::Cognito::UserPoolResourceServer', {
      Identifier: 'https://expenses.example.com',
      Scopes: [{ ScopeName: 'invoke', ScopeDescription: 'Use the tools of the MCP server' }],
    });
  });
});

test('servers share their people, and a token for one does not open the other', () => {
  const stack = unbundledStack();
  const first = McpAuth.cognito();
  greetingServer(stack, { auth: first });
  const scope = new Stack(stack.node.scope, 'Other');
  const domain = UserPoolDomain.fromDomainName(scope, 'Domain', 'login.example.com');
  const second = McpAuth.cognito({ userPool: first.userPool, domain });
  greetingServer(scope, { auth: second });
  expect(second.scopes).not.toEqual(first.scopes);
  Template.fromStack(scope).resourceCountIs(POOL, 0);
  expect(
    (propertiesOf(scope, RUNTIME).AuthorizerConfiguration as { CustomJWTAuthorizer: { AllowedClients: unknown } })
      .CustomJWTAuthorizer.AllowedClients,
  ).toEqual([scope.resolve(second.publicClient.userPoolClientId)]);
});

test('one auth for two servers is refused', () => {
  const stack = unbundledStack();
  const auth = McpAuth.cognito();
  greetingServer(stack, { auth });
  const other = new Stack(stack.node.scope, 'Other');
  expect(errorOf(() => greetingServer(other, { auth }))).toBe(
    '[Other/Server] `auth` is that of Stack/Server already, and its tokens would open both servers: give each server a `McpAuth.cognito()` of its own, ' +
      'with the `userPool` and the `domain` of the other one where the people are the same',
  );
});

test.each([
  'userPool',
  'resourceServer',
  'publicClient',
  'machineClient',
  'scopes',
  'domainUrl',
  'tokenEndpoint',
  'metadataUrl',
] as const)('%s is not there before the server is', attribute => {
  expect(errorOf(() => McpAuth.cognito()[attribute] as unknown)).toBe(
    `\`${attribute}\` is not made yet: give the \`McpAuth.cognito()\` to a server first, as \`auth\``,
  );
});

test('what a host needs is in the outputs, by names that a program finds', () => {
  const outputsOf = (options: CognitoAuthOptions): object =>
    Object.fromEntries(
      Object.entries(stackWith(options).template.findOutputs('*')).map(([id, output]) => [
        /^ServerAuth(\w+)[0-9A-F]{8}$/.exec(id)?.[1] ?? id,
        (output as { Value: unknown }).Value,
      ]),
    );
  expect(outputsOf({ machineClient: true, callbackPort: 4000, scopes: { a: 'A', b: 'B' } })).toEqual({
    Url: expect.objectContaining({}) as object,
    ClientId: { Ref: expect.stringMatching(/^ServerAuthClient/) as string },
    Scopes: expect.stringMatching(/^Stack-Server-\w+\/a Stack-Server-\w+\/b$/) as string,
    CallbackPort: '4000',
    MetadataUrl: expect.objectContaining({}) as object,
    MachineClientId: { Ref: expect.stringMatching(/^ServerAuthMachineClient/) as string },
    TokenEndpoint: expect.objectContaining({}) as object,
  });
  expect(Object.keys(outputsOf({ publishMetadata: false }))).toEqual(['Url', 'ClientId', 'Scopes', 'CallbackPort']);
});

test('the URL of the outputs is that of the server', () => {
  const stack = unbundledStack();
  const { url } = greetingServer(stack, { auth: McpAuth.cognito() });
  Template.fromStack(stack).hasOutput('*', { Value: stack.resolve(substituted(url)) as object });
});

test('cdk-nag finds nothing', () => {
  expect(nagFindings(stackWith({ machineClient: true }).stack)).toEqual([]);
});

describe('options that contradict each other or a limit', () => {
  test.each<[string, CognitoAuthOptions, string]>([
    [
      'a prefix with capitals',
      { domainPrefix: 'Expenses' },
      '`domainPrefix` is "Expenses"; 1 to 63 lower-case letters',
    ],
    ['a prefix with a hyphen first', { domainPrefix: '-a' }, '`domainPrefix` is "-a"; 1 to 63'],
    ['a long prefix', { domainPrefix: 'a'.repeat(64) }, '`domainPrefix` is "aaa'],
    ['an empty prefix', { domainPrefix: '' }, '`domainPrefix` is ""; 1 to 63'],
    ['a reserved word', { domainPrefix: 'my-cognito-pool' }, ': leave out `cognito`'],
    ['a reserved word in another', { domainPrefix: 'lawsuits' }, ': leave out `aws`'],
    ['no scopes', { scopes: {} }, '`scopes` has 0 names; 1 to 49 are allowed: leave it out instead'],
    [
      'many scopes',
      { scopes: Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`s${index}`, 'Scope'])) },
      '`scopes` has 50 names; 1 to 49 are allowed: use fewer',
    ],
    ['a slash in a scope', { scopes: { 'a/b': 'A' } }, '`scopes` has the name "a/b"; characters without'],
    ['a space in a scope', { scopes: { 'a b': 'A' } }, '`scopes` has the name "a b"; characters without'],
    ['a long scope', { scopes: { ['a'.repeat(250)]: 'A' } }, '255 at most together with the identifier'],
    ['no description', { scopes: { a: '' } }, '`scopes` describes "a" with 0 characters; 1 to 256 are allowed'],
    ['a long description', { scopes: { a: 'd'.repeat(257) } }, '`scopes` describes "a" with 257 characters'],
    [
      'scopes that are too long to be told',
      { scopes: Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`${index}${'s'.repeat(150)}`, 'A'])) },
      '2500 are allowed where the metadata are published',
    ],
    [
      'an identifier with a space',
      { resourceServerIdentifier: 'my server' },
      '`resourceServerIdentifier` is "my server"; 1 to 256 characters',
    ],
    ['a low port', { callbackPort: 80 }, '`callbackPort` is 80; 1024 to 65535 are allowed'],
    ['a high port', { callbackPort: 65_536 }, '`callbackPort` is 65536; 1024 to 65535 are allowed'],
    ['no hosts', { hosts: [] }, '`hosts` is empty and `callbackUrls` names none; nobody could sign in'],
    [
      'many callbacks',
      { callbackUrls: Array.from({ length: 87 }, (_, index) => `https://a.b/${index}`) },
      '`callbackUrls` and those of `hosts` are 101; 100 are allowed',
    ],
    ['no URL', { callbackUrls: ['localhost/callback'] }, '`callbackUrls` has "localhost/callback"; a URL of 1024'],
    ['a fragment', { callbackUrls: ['https://a.b/#c'] }, 'without a fragment'],
    ['a long URL', { callbackUrls: [`https://a.b/${'c'.repeat(1024)}`] }, 'a URL of 1024 characters at most'],
    ['HTTP', { callbackUrls: ['http://example.com/callback'] }, 'HTTPS is allowed, and HTTP on this machine alone'],
    ['a script', { callbackUrls: ['javascript:alert(1)'] }, 'a scheme that belongs to the host'],
    [
      'an audience for machines',
      { machineClient: true, allowedAudiences: ['https://a.b'] },
      '`machineClient` is true, and `allowedAudiences` is given; tokens of machines have no audience',
    ],
    ['no audience', { allowedAudiences: [] }, '`allowedAudiences` is empty'],
    [
      'a claim that is none',
      { customClaims: [RuntimeCustomClaim.withStringValue('a b', 'c')] },
      '`customClaims` has the name "a b"',
    ],
  ])('are refused: %s', (_, options, message) => {
    expect(problemsWith(options)).toContain(message);
  });

  test('are refused: those of a pool that is given', () => {
    const stack = unbundledStack();
    const userPool = new UserPool(stack, 'People');
    const domain = userPool.addDomain('Domain', { cognitoDomain: { domainPrefix: 'people' } });
    const message = (options: CognitoAuthOptions): string =>
      errorOf(() =>
        greetingServer(new Stack(stack, `S${stack.node.children.length}`), { auth: McpAuth.cognito(options) }),
      );
    expect(message({ userPool })).toContain('`userPool` has a domain, Stack/People/Domain/Resource');
    expect(message({ domain })).toContain('`domain` is given without `userPool`');
    expect(message({ userPool, domain, domainPrefix: 'a' })).toContain('`domain` and `domainPrefix` are given');
    expect(message({ userPool, domain, removalPolicy: RemovalPolicy.DESTROY })).toContain(
      '`removalPolicy` is "destroy", and `userPool` is given',
    );
    const name = new CfnParameter(stack, 'Name').valueAsString;
    expect(message({ userPool, domain: UserPoolDomain.fromDomainName(stack, 'Imported', name) })).toContain(
      '`domain` is imported by an unresolved token',
    );
  });

  test('are refused: a pool of another Region', () => {
    const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
    const people = new Stack(app, 'People', { env: { account: '123456789012', region: 'eu-west-1' } });
    const userPool = new UserPool(people, 'People');
    const stack = new Stack(app, 'Stack', { env: { account: '123456789012', region: 'us-east-1' } });
    expect(errorOf(() => greetingServer(stack, { auth: McpAuth.cognito({ userPool }) }))).toContain(
      '`userPool` is of the Region eu-west-1, and the server of us-east-1',
    );
  });
});
