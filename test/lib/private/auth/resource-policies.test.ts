import { Template } from 'aws-cdk-lib/assertions';
import { AccountPrincipal, AnyPrincipal, ArnPrincipal, Effect, PolicyStatement, User } from 'aws-cdk-lib/aws-iam';
import type { Stack } from 'aws-cdk-lib';
import { McpAuth, type StatefulMcpServer } from '../../../../lib';
import { nagFindings } from '../../fixtures/cdk-nag';
import { errorOf, greetingServer, unbundledStack } from '../../fixtures/stacks';

const TYPE = 'AWS::BedrockAgentCore::ResourcePolicy';
const INVOKE = 'bedrock-agentcore:InvokeAgentRuntime';
const TOKENS = McpAuth.jwt({
  discoveryUrl: 'https://login.example.com/.well-known/openid-configuration',
  allowedClients: ['agent'],
});

interface Policy {
  readonly ResourceArn: unknown;
  readonly Policy: { 'Fn::Join': [string, unknown[]] };
}

/** The policies, with the ARN of the runtime as RUNTIME. */
function policiesOf(stack: Stack, { runtime }: StatefulMcpServer): Record<string, unknown> {
  const arn = JSON.stringify(stack.resolve(runtime.agentRuntimeArn));
  const textOf = (value: unknown): string => {
    const parts =
      JSON.stringify(value) === arn ? [value] : (value as { 'Fn::Join': [string, unknown[]] })['Fn::Join'][1];
    return parts
      .map(part => (typeof part === 'string' ? part : JSON.stringify(part) === arn ? 'RUNTIME' : 'aws'))
      .join('');
  };
  return Object.fromEntries(
    Object.values(Template.fromStack(stack).findResources(TYPE)).map(resource => {
      const { ResourceArn, Policy: policy } = (resource as { Properties: Policy }).Properties;
      return [textOf(ResourceArn), (JSON.parse(textOf(policy)) as { Statement: unknown }).Statement];
    }),
  );
}

test('a server has no resource policy unless somebody else may call', () => {
  const stack = unbundledStack();
  greetingServer(stack).grants.invoke(new User(stack, 'Client'));
  Template.fromStack(stack).resourceCountIs(TYPE, 0);
});

test('another account and the role of a gateway may call the runtime and its endpoint', () => {
  const stack = unbundledStack();
  const server = greetingServer(stack);
  server.allowInvokeFrom(new AccountPrincipal('123456789012'));
  server.allowInvokeFrom(new ArnPrincipal('arn:aws:iam::210987654321:role/gateway'));
  const statements = (resource: string): unknown => [
    { Effect: 'Allow', Action: INVOKE, Principal: { AWS: 'arn:aws:iam::123456789012:root' }, Resource: resource },
    {
      Effect: 'Allow',
      Action: INVOKE,
      Principal: { AWS: 'arn:aws:iam::210987654321:role/gateway' },
      Resource: resource,
    },
  ];
  expect(policiesOf(stack, server)).toEqual({
    RUNTIME: statements('RUNTIME'),
    'RUNTIME/runtime-endpoint/DEFAULT': statements('RUNTIME/runtime-endpoint/DEFAULT'),
  });
  expect(nagFindings(stack)).toEqual([]);
});

test('a statement of one’s own is added as it is', () => {
  const stack = unbundledStack();
  const server = greetingServer(stack, { auth: TOKENS });
  const statement = new PolicyStatement({
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: [INVOKE],
    conditions: { StringNotEquals: { 'aws:SourceVpc': 'vpc-1' } },
  });
  const { statementAdded, policyDependable } = server.addToResourcePolicy(statement);
  statement.addActions('bedrock-agentcore:StopRuntimeSession');
  expect([statementAdded, policyDependable]).toEqual([true, server.node.findChild('ResourcePolicy')]);
  expect(policiesOf(stack, server)).toMatchObject({
    RUNTIME: [
      {
        Effect: 'Deny',
        Action: INVOKE,
        Principal: { AWS: '*' },
        Condition: { StringNotEquals: { 'aws:SourceVpc': 'vpc-1' } },
        Resource: 'RUNTIME',
      },
    ],
  });
});

const principals = [new AccountPrincipal('123456789012')];
test.each<[string, PolicyStatement, string]>([
  [
    'resources',
    new PolicyStatement({ principals, actions: [INVOKE], resources: ['*'] }),
    '`statement` names the resource "*"; the runtime and its endpoint, which are named here, are allowed',
  ],
  ['no principal', new PolicyStatement({ actions: [INVOKE] }), '`statement` has no principal'],
  ['no action', new PolicyStatement({ principals }), '`statement` has no action'],
])('a statement with %s is refused', (_, statement, message) => {
  expect(errorOf(() => greetingServer(unbundledStack()).addToResourcePolicy(statement))).toContain(message);
});

test('principals of IAM are refused where callers bring a token', () => {
  const server = greetingServer(unbundledStack(), { auth: TOKENS });
  expect(errorOf(() => server.allowInvokeFrom(new AccountPrincipal('123456789012')))).toContain(
    '`statement` names a principal, and callers bring a token, so that they are nobody to IAM; `AnyPrincipal` is allowed',
  );
});

test.each([undefined, null, 'role', {}])('what is %j is refused', value => {
  const server = greetingServer(unbundledStack());
  expect(errorOf(() => server.allowInvokeFrom(value as never))).toMatch(/`caller` is .*; an IPrincipal is allowed/);
  expect(errorOf(() => server.addToResourcePolicy(value as never))).toMatch(
    /`statement` is .*; a PolicyStatement is allowed/,
  );
});
