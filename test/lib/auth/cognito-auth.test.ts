import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { RuntimeCustomClaim } from 'aws-cdk-lib/aws-bedrockagentcore';
import { UserPool, UserPoolClient, UserPoolDomain } from 'aws-cdk-lib/aws-cognito';
import { McpAuth, type CognitoAuthOptions } from '../../../lib';
import { substituted } from '../../../lib/private/common/substitution';
import { nagFindings } from '../fixtures/cdk-nag';
import { errorOf, greetingServer, propertiesOf, unbundledStack } from '../fixtures/stacks';
import { POOL, RUNTIME, stackWith } from './cognito-stacks';

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
