import { Template } from 'aws-cdk-lib/assertions';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import type { Stack } from 'aws-cdk-lib';
import { McpRelease, McpServerCode, Packaging, StatefulMcpServer } from '../../../../lib';
import { removeProjects } from '../../fixtures/projects';
import { GREETING_SERVER, unbundledStack } from '../../fixtures/stacks';

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

/** What the service documents for a runtime: https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-permissions.html */
const DOCUMENTED: readonly {
  readonly actions: readonly string[];
  readonly resource: RegExp;
  readonly condition?: unknown;
}[] = [
  { actions: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'], resource: /^arn:aws:ecr:R:A:repository\/[^*]+$/ },
  { actions: ['ecr:GetAuthorizationToken'], resource: /^\*$/ },
  {
    actions: ['logs:DescribeLogStreams', 'logs:CreateLogGroup', 'logs:PutResourcePolicy'],
    resource: /^arn:aws:logs:R:A:log-group:\/aws\/bedrock-agentcore\/runtimes\/greeter-\*$/,
  },
  { actions: ['logs:DescribeLogGroups'], resource: /^arn:aws:logs:R:A:log-group:\*$/ },
  {
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    resource: /^arn:aws:logs:R:A:log-group:\/aws\/bedrock-agentcore\/runtimes\/greeter-\*:log-stream:\*$/,
  },
  {
    actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'xray:GetSamplingRules', 'xray:GetSamplingTargets'],
    resource: /^\*$/,
  },
  {
    actions: ['cloudwatch:PutMetricData'],
    resource: /^\*$/,
    condition: { StringEquals: { 'cloudwatch:namespace': 'bedrock-agentcore' } },
  },
  {
    actions: [
      'bedrock-agentcore:GetWorkloadAccessToken',
      'bedrock-agentcore:GetWorkloadAccessTokenForJWT',
      'bedrock-agentcore:GetWorkloadAccessTokenForUserId',
    ],
    resource: /^arn:aws:bedrock-agentcore:R:A:workload-identity-directory\/default(\/workload-identity\/greeter-\*)?$/,
  },
  // Of a zip file: https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-get-started-code-deploy.html
  { actions: ['s3:GetObject'], resource: /^arn:aws:s3:::cdk-hnb659fds-assets-A-R\/\*\.zip$/ },
];

afterEach(removeProjects);

const KINDS: readonly [string, (stack: Stack) => McpServerCode][] = [
  ['TypeScript in an image', () => McpServerCode.fromTypeScript(GREETING_SERVER)],
  ['TypeScript in a zip file', () => McpServerCode.fromTypeScript(GREETING_SERVER, { packaging: Packaging.zip() })],
  [
    'TypeScript that sends spans',
    () => McpServerCode.fromTypeScript(GREETING_SERVER, { packaging: Packaging.zip(), telemetry: true }),
  ],
  ['Python in an image', () => McpServerCode.fromPython('server')],
  ['Python in a zip file', () => McpServerCode.fromPython('server', { packaging: Packaging.zip() })],
  ['a Dockerfile', () => McpServerCode.fromDockerfile('server')],
  [
    'an image of a repository',
    stack => McpServerCode.fromEcrRepository(Repository.fromRepositoryName(stack, 'Images', 'team/server'), 'v1'),
  ],
  [
    'an image at a URI',
    stack => McpServerCode.fromImageUri(`${stack.account}.dkr.ecr.${stack.region}.amazonaws.com/team/server:v1`),
  ],
  ['an image of everybody', () => McpServerCode.fromImageUri('public.ecr.aws/team/server:v1')],
];

/** A resource as the documentation writes it, with R for the Region and A for the account. */
function written(resource: unknown): string {
  if (typeof resource === 'string') {
    return resource
      .replaceAll('${AWS::Partition}', 'aws')
      .replaceAll('${AWS::AccountId}', 'A')
      .replaceAll('${AWS::Region}', 'R');
  }
  const intrinsic = resource as Record<string, unknown>;
  const names: Record<string, string> = { 'AWS::Partition': 'aws', 'AWS::Region': 'R', 'AWS::AccountId': 'A' };
  if ('Ref' in intrinsic) {
    return names[String(intrinsic.Ref)] ?? `<${String(intrinsic.Ref)}>`;
  }
  if ('Fn::Join' in intrinsic) {
    const [separator, parts] = intrinsic['Fn::Join'] as [string, unknown[]];
    return parts.map(written).join(separator);
  }
  if ('Fn::Sub' in intrinsic) {
    return written(intrinsic['Fn::Sub']);
  }
  const [id] = intrinsic['Fn::GetAtt'] as [string, string];
  return `arn:aws:ecr:R:A:repository/<${id}>`;
}

/** The statements of a server's role, each action on each resource. */
function statementsOf(codeOf: (stack: Stack) => McpServerCode): Statement[] {
  const stack = unbundledStack();
  const server = new StatefulMcpServer(stack, 'Server', {
    code: codeOf(stack),
    runtimeName: 'greeter',
    release: McpRelease.direct(),
  });
  const role = JSON.stringify(stack.resolve(server.role.roleName));
  return Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'))
    .map(policy => policy.Properties as { Roles: unknown[]; PolicyDocument: { Statement: Statement[] } })
    .filter(({ Roles }) => Roles.some(name => JSON.stringify(name) === role))
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .map(statement => ({ ...statement, Resource: [statement.Resource].flat().map(written) }));
}

describe.each(KINDS)('the role of %s', (_kind, codeOf) => {
  const statements = statementsOf(codeOf);

  test('has these statements', () => {
    expect(statements).toMatchSnapshot();
  });

  test('has no more than the service documents', () => {
    expect(statements.length).toBeGreaterThan(5);
    for (const { Effect: effect, Action: action, Resource: resources, Condition: condition } of statements) {
      expect(effect).toBe('Allow');
      for (const one of [action].flat()) {
        for (const resource of resources as string[]) {
          const row = DOCUMENTED.find(
            ({ actions, resource: allowed }) => actions.includes(one) && allowed.test(resource),
          );
          expect([one, resource, row]).toEqual([one, resource, expect.anything()]);
          expect(condition).toEqual(row?.condition);
        }
      }
    }
  });
});

test('the role of a server in an image fetches images, and that of a zip file its program', () => {
  const actionsOf = (kind: string): string[] =>
    statementsOf(new Map(KINDS).get(kind) ?? (() => McpServerCode.fromImageUri(''))).flatMap(({ Action }) => Action);
  expect(actionsOf('TypeScript in an image')).toContain('ecr:BatchGetImage');
  expect(actionsOf('TypeScript in an image')).not.toContain('s3:GetObject');
  expect(actionsOf('TypeScript in a zip file')).toContain('s3:GetObject');
  expect(actionsOf('TypeScript in a zip file')).not.toContain('ecr:BatchGetImage');
});
