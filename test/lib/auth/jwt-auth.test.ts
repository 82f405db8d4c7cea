import { CfnParameter, Token, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { CustomClaimOperator, RuntimeCustomClaim } from 'aws-cdk-lib/aws-bedrockagentcore';
import { McpAuth, type JwtAuthOptions } from '../../../lib';
import { errorOf, greetingServer, propertiesOf, unbundledStack } from '../fixtures/stacks';

const RUNTIME = 'AWS::BedrockAgentCore::Runtime';
const DISCOVERY_URL = 'https://login.example.com/.well-known/openid-configuration';

function authorizer(options: Partial<JwtAuthOptions>, stack: Stack = unbundledStack()): unknown {
  greetingServer(stack, { auth: McpAuth.jwt({ discoveryUrl: DISCOVERY_URL, ...options }) });
  return (propertiesOf(stack, RUNTIME).AuthorizerConfiguration as { CustomJWTAuthorizer: unknown }).CustomJWTAuthorizer;
}

const problemsWith = (options: Partial<JwtAuthOptions>): string => errorOf(() => authorizer(options));

test('all rules reach the template', () => {
  expect(
    authorizer({
      allowedClients: ['agent', 'other-agent'],
      allowedAudiences: ['https://expenses.example.com'],
      allowedScopes: ['expenses/read', 'expenses:write'],
      customClaims: [
        RuntimeCustomClaim.withStringValue('department', 'finance'),
        RuntimeCustomClaim.withStringArrayValue('groups', ['auditors']),
        RuntimeCustomClaim.withStringArrayValue(
          'https://example.com/roles',
          ['admin', 'staff'],
          CustomClaimOperator.CONTAINS_ANY,
        ),
      ],
    }),
  ).toEqual({
    DiscoveryUrl: DISCOVERY_URL,
    AllowedClients: ['agent', 'other-agent'],
    AllowedAudience: ['https://expenses.example.com'],
    AllowedScopes: ['expenses/read', 'expenses:write'],
    CustomClaims: [
      {
        InboundTokenClaimName: 'department',
        InboundTokenClaimValueType: 'STRING',
        AuthorizingClaimMatchValue: {
          ClaimMatchOperator: 'EQUALS',
          ClaimMatchValue: { MatchValueString: 'finance' },
        },
      },
      {
        InboundTokenClaimName: 'groups',
        InboundTokenClaimValueType: 'STRING_ARRAY',
        AuthorizingClaimMatchValue: {
          ClaimMatchOperator: 'CONTAINS',
          ClaimMatchValue: { MatchValueString: 'auditors' },
        },
      },
      {
        InboundTokenClaimName: 'https://example.com/roles',
        InboundTokenClaimValueType: 'STRING_ARRAY',
        AuthorizingClaimMatchValue: {
          ClaimMatchOperator: 'CONTAINS_ANY',
          ClaimMatchValue: { MatchValueStringList: ['admin', 'staff'] },
        },
      },
    ],
  });
});

test.each([
  DISCOVERY_URL,
  'https://login.example.com/tenant/v2.0/.well-known/openid-configuration',
  'https://login.example.com/.well-known/openid-configuration/tenant',
  'https://login.example.com/.well-known/oauth-authorization-server',
  'https://login.example.com/.well-known/oauth-authorization-server/tenant/one',
  'http://127.0.0.1:4000/.well-known/openid-configuration',
  'http://localhost:4000/.well-known/oauth-authorization-server',
  'http://[::1]:4000/.well-known/openid-configuration',
])('the discovery URL %s is taken', discoveryUrl => {
  expect(authorizer({ discoveryUrl, allowedClients: ['agent'] })).toEqual({
    DiscoveryUrl: discoveryUrl,
    AllowedClients: ['agent'],
  });
});

test.each([
  ['no URL', 'login.example.com/.well-known/openid-configuration'],
  ['the issuer alone', 'https://login.example.com'],
  ['a slash at its end', `${DISCOVERY_URL}/`],
  ['a query', `${DISCOVERY_URL}?p=policy`],
  ['a query after another path', 'https://login.example.com/.well-known/oauth-authorization-server/a?b=c'],
  ['a fragment', `${DISCOVERY_URL}#keys`],
  ['a space', 'https://login.example.com/my tenant/.well-known/openid-configuration'],
  ['keys instead', 'https://login.example.com/.well-known/jwks.json'],
  ['a longer name', `${DISCOVERY_URL}-v2`],
  ['nothing', ''],
])('a discovery URL with %s is refused', (_, discoveryUrl) => {
  expect(problemsWith({ discoveryUrl, allowedClients: ['agent'] })).toMatch(
    /^\[Stack\/Server\] `discoveryUrl` is ".*"; a URL with `\/\.well-known\/openid-configuration` or .* is allowed/,
  );
});

test.each(['http://login.example.com', 'http://127.0.0.1.example.com', 'ftp://login.example.com', 'HTTP://10.0.0.1'])(
  'a discovery URL of %s is refused: keys come by HTTPS',
  origin => {
    expect(problemsWith({ discoveryUrl: `${origin}/.well-known/openid-configuration`, allowedClients: ['a'] })).toMatch(
      /`discoveryUrl` is ".*"; HTTPS is allowed, .* with `https:`$/,
    );
  },
);

test('a discovery URL with a password is refused, and not shown', () => {
  const message = problemsWith({
    discoveryUrl: 'https://ana:hunter2@login.example.com/.well-known/openid-configuration',
    allowedClients: ['agent'],
  });
  expect(message).toContain('`discoveryUrl` holds a user name or a password');
  expect(message).not.toContain('hunter2');
});

test.each<[string, Partial<JwtAuthOptions>]>([
  ['no rule', {}],
  ['a scope of every app', { allowedScopes: ['openid'] }],
  ['several scopes of every app', { allowedScopes: ['profile', 'email', 'offline_access'] }],
  ['a scope of every app beside another: one is enough', { allowedScopes: ['expenses/read', 'openid'] }],
  ['the scope that Amazon Cognito gives to all of its users', { allowedScopes: ['aws.cognito.signin.user.admin'] }],
  ['the issuer as a claim', { customClaims: [RuntimeCustomClaim.withStringValue('iss', 'login.example.com')] }],
  ['the kind of token as a claim', { customClaims: [RuntimeCustomClaim.withStringValue('token_use', 'access')] }],
  ['both', { allowedScopes: ['openid'], customClaims: [RuntimeCustomClaim.withStringValue('token_use', 'access')] }],
])('what would let every token of the issuer in is refused: %s', (_, options) => {
  expect(problemsWith(options)).toContain('every token of the issuer would open the server');
});

test('the refusal says what is no rule', () => {
  expect(
    problemsWith({
      allowedScopes: ['openid'],
      customClaims: [RuntimeCustomClaim.withStringValue('token_use', 'access')],
    }),
  ).toBe(
    '[Stack/Server] every token of the issuer would open the server, one of any other app too: all of them have the scope "openid" and the claim "token_use"; ' +
      'give `allowedClients`, `allowedAudiences`, `allowedScopes` or `customClaims` that only tokens for this server have',
  );
});

test.each<[string, Partial<JwtAuthOptions>]>([
  ['clients', { allowedClients: ['agent'] }],
  ['audiences', { allowedAudiences: ['https://expenses.example.com'] }],
  ['scopes', { allowedScopes: ['expenses/read'] }],
  ['claims', { customClaims: [RuntimeCustomClaim.withStringValue('department', 'finance')] }],
  ['a client with a scope of every app', { allowedClients: ['agent'], allowedScopes: ['openid'] }],
])('one rule is enough: %s', (_, options) => {
  expect(() => authorizer(options)).not.toThrow();
});

test.each<[string, Partial<JwtAuthOptions>, string]>([
  ['clients', { allowedClients: [], allowedScopes: ['a'] }, '`allowedClients` is empty; 1 value or more is allowed'],
  ['audiences', { allowedAudiences: [], allowedScopes: ['a'] }, '`allowedAudiences` is empty'],
  ['scopes', { allowedScopes: [], allowedClients: ['a'] }, '`allowedScopes` is empty'],
  ['claims', { customClaims: [], allowedClients: ['a'] }, '`customClaims` is empty'],
  ['a client', { allowedClients: [''] }, '`allowedClients[0]` is "", which no token has'],
  ['an audience', { allowedAudiences: ['a', ' '] }, '`allowedAudiences[1]` is " ", which no token has'],
  ['a scope', { allowedScopes: ['a', ''] }, '`allowedScopes[1]` is "", which no token has'],
])('empty %s are refused', (_, options, message) => {
  expect(problemsWith(options)).toContain(message);
});

test.each(['two scopes', 'a"quote', 'back\\slash', 'ünicode', 's'.repeat(256)])('the scope %j is refused', scope => {
  expect(problemsWith({ allowedScopes: [scope] })).toMatch(
    /`allowedScopes` has .*; 1 to 255 characters without spaces, quotes and backslashes are allowed/,
  );
});

test('a scope of 255 characters is taken', () => {
  expect(() => authorizer({ allowedScopes: ['s'.repeat(255)] })).not.toThrow();
});

test.each([
  ['name', RuntimeCustomClaim.withStringValue('my claim', 'a'), '`customClaims` has the name "my claim"'],
  ['name', RuntimeCustomClaim.withStringValue('', 'a'), '`customClaims` has the name ""'],
  ['name', RuntimeCustomClaim.withStringValue('n'.repeat(256), 'a'), 'has the name a string of 256 characters'],
  ['value', RuntimeCustomClaim.withStringValue('team', 'two words'), 'has the value "two words" for "team"'],
  ['value', RuntimeCustomClaim.withStringValue('team', ''), 'has the value "" for "team"'],
  ['value', RuntimeCustomClaim.withStringArrayValue('teams', ['v'.repeat(256)]), 'a string of 256 characters for'],
  [
    'values',
    RuntimeCustomClaim.withStringArrayValue('teams', ['a', 'b/c'], CustomClaimOperator.CONTAINS_ANY),
    'has the value "b/c" for "teams"',
  ],
  [
    'values',
    RuntimeCustomClaim.withStringArrayValue('teams', [], CustomClaimOperator.CONTAINS_ANY),
    'has no value for "teams"',
  ],
])('a claim with a %s that the service refuses is refused', (_, claim, message) => {
  expect(problemsWith({ customClaims: [claim] })).toContain(message);
});

test('all problems are told at once', () => {
  expect(problemsWith({ discoveryUrl: 'https://login.example.com', allowedScopes: ['a b'] })).toMatch(
    /^\[Stack\/Server\] 2 problems:\n/,
  );
});

test('unresolved tokens are left to the deployment', () => {
  const stack = unbundledStack();
  const parameter = new CfnParameter(stack, 'Value').valueAsString;
  expect(
    authorizer(
      {
        discoveryUrl: parameter,
        allowedClients: [parameter],
        allowedScopes: [parameter],
        allowedAudiences: [parameter],
      },
      stack,
    ),
  ).toEqual({
    DiscoveryUrl: { Ref: 'Value' },
    AllowedClients: [{ Ref: 'Value' }],
    AllowedScopes: [{ Ref: 'Value' }],
    AllowedAudience: [{ Ref: 'Value' }],
  });
  expect(Token.isUnresolved(parameter)).toBe(true);
});

test('one auth serves several servers', () => {
  const stack = unbundledStack();
  const auth = McpAuth.jwt({ discoveryUrl: DISCOVERY_URL, allowedClients: ['agent'] });
  greetingServer(stack, { auth });
  const other = unbundledStack();
  greetingServer(other, { auth });
  expect(Template.fromStack(other).findResources(RUNTIME)).toEqual(Template.fromStack(stack).findResources(RUNTIME));
});
