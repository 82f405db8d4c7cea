import { CfnParameter, Token } from 'aws-cdk-lib';
import { RuntimeAuthorizerConfiguration } from 'aws-cdk-lib/aws-bedrockagentcore';
import { McpAuth, type StatefulMcpServerProps } from '../../../../lib';
import { errorOf, greetingServer, propertiesOf, unbundledStack } from '../../fixtures/stacks';

const TOKENS = McpAuth.jwt({
  discoveryUrl: 'https://login.example.com/.well-known/openid-configuration',
  allowedClients: ['agent'],
});

function allowlist(forwardHeaders: string[] | undefined, props: Partial<StatefulMcpServerProps> = {}): unknown {
  const stack = unbundledStack();
  greetingServer(stack, { forwardHeaders, ...props });
  return propertiesOf(stack, 'AWS::BedrockAgentCore::Runtime').RequestHeaderConfiguration;
}

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `X-Header-${index}`);

test.each([
  [['X-Tenant']],
  [['x-tenant', 'Trace_Id', 'a', `H${'h'.repeat(255)}`]],
  [['X-Amzn-Bedrock-AgentCore-Runtime-Custom-Tenant', 'x-amzn-bedrock-agentcore-runtime-custom-user']],
  [names(20)],
])('%j reach the server', headers => {
  expect(allowlist(headers)).toEqual({ RequestHeaderAllowlist: headers });
});

test('no others reach it by default', () => {
  expect(allowlist(undefined)).toBeUndefined();
});

test.each([
  ['McpAuth.jwt', TOKENS],
  [
    'the L2',
    McpAuth.of(RuntimeAuthorizerConfiguration.usingOAuth('https://a.b/.well-known/openid-configuration', 'c')),
  ],
])('Authorization reaches it where callers bring a token, by %s', (_, auth) => {
  expect(allowlist(['authorization'], { auth })).toEqual({ RequestHeaderAllowlist: ['authorization'] });
});

test.each([undefined, McpAuth.iam(), McpAuth.of(RuntimeAuthorizerConfiguration.usingIAM())])(
  'Authorization is refused where callers sign',
  auth => {
    expect(errorOf(() => allowlist(['X-Tenant', 'Authorization'], { auth }))).toBe(
      '[Stack/Server] `forwardHeaders` names "Authorization"; it is allowed where callers bring a token, since a signature is for the platform alone: ' +
        'set `auth` to `McpAuth.jwt(...)` or `McpAuth.cognito(...)`, or leave it out',
    );
  },
);

test.each([
  [[], '`forwardHeaders` names 0 headers; 1 to 20 are allowed: leave it out instead'],
  [names(21), '`forwardHeaders` names 21 headers; 1 to 20 are allowed'],
  [['X-Tenant', 'x-tenant'], 'names "x-tenant" twice; upper and lower case are alike'],
  [['X Tenant'], 'names "X Tenant"; a letter, and then'],
  [['1-Tenant'], 'names "1-Tenant"; a letter, and then'],
  [['X-Tenant:'], 'names "X-Tenant:"; a letter, and then'],
  [[''], 'names ""; a letter, and then'],
  [['*'], 'names "*"; a letter, and then'],
  [[`H${'h'.repeat(256)}`], 'names a string of 257 characters; a letter, and then'],
  [['Cookie'], 'names "Cookie", which AgentCore Runtime never forwards'],
  [['accept'], 'names "accept", which AgentCore Runtime never forwards'],
  [['HOST'], 'names "HOST", which AgentCore Runtime never forwards'],
  [['X-Forwarded-For'], 'names "X-Forwarded-For", which AgentCore Runtime never forwards'],
  [['X-Amz-Date'], 'names "X-Amz-Date"; of the names of AWS, only those'],
  [['X-Amzn-Trace-Id'], 'names "X-Amzn-Trace-Id"; of the names of AWS, only those'],
  [['X-Amzn-Bedrock-AgentCore-Runtime-User-Id'], '; of the names of AWS, only those'],
])('%j are refused', (headers, message) => {
  expect(errorOf(() => allowlist(headers, { auth: TOKENS }))).toContain(message);
});

test('all problems are told at once', () => {
  expect(errorOf(() => allowlist(['Cookie', 'Host', 'X-Tenant']))).toMatch(/^\[Stack\/Server\] 2 problems:\n/);
});

test('unresolved tokens are left to the deployment', () => {
  const stack = unbundledStack();
  const name = new CfnParameter(stack, 'Name').valueAsString;
  greetingServer(stack, { forwardHeaders: [name, 'X-Tenant'] });
  expect(propertiesOf(stack, 'AWS::BedrockAgentCore::Runtime').RequestHeaderConfiguration).toEqual({
    RequestHeaderAllowlist: [{ Ref: 'Name' }, 'X-Tenant'],
  });
  expect(allowlist(Token.asList({ Ref: 'Names' }))).toEqual({ RequestHeaderAllowlist: { Ref: 'Names' } });
});
