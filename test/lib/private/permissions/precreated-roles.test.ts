import { readFileSync } from 'node:fs';
import path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { LazyRole, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import {
  ImageAssembler,
  McpAuth,
  McpServerCode,
  McpStorage,
  ReleaseChecker,
  StatefulMcpServer,
  type StatefulMcpServerProps,
} from '../../../../lib';
import { project, removeProjects } from '../../fixtures/projects';
import { GREETING_SERVER, greetingServer, permissionsOf, unbundledStack } from '../../fixtures/stacks';

afterEach(removeProjects);

interface Report {
  readonly roles: readonly {
    readonly roleName: string;
    readonly identityPolicyStatements: readonly { readonly Action: string | string[]; readonly Resource: unknown }[];
  }[];
}

/** The paths of the roles are those that the report has, and an organization makes them by it. */
const ROLES = {
  'Stack/Server/Role': 'server',
  'Stack/StatefulMcpImageAssemblerV1/Role': 'assembler',
  'Stack/StatefulMcpReleaseCheckerV1/Role': 'checker',
};

function server(stack: Stack, props: Partial<StatefulMcpServerProps> = {}): StatefulMcpServer {
  return new StatefulMcpServer(stack, 'Server', { code: McpServerCode.fromTypeScript(GREETING_SERVER), ...props });
}

const withBucket = (stack: Stack): Partial<StatefulMcpServerProps> => ({
  storage: [McpStorage.s3Bucket(new Bucket(stack, 'Files'), { mountPath: '/mnt/files' })],
});

test.each<[string, (stack: Stack) => Partial<StatefulMcpServerProps>]>([
  ['a server in an image', () => ({})],
  ['one with storage', withBucket],
  ['one that machines call', () => ({ auth: McpAuth.cognito({ machineClient: true, publishMetadata: false }) })],
])('the report of roles that others make has all that %s needs, and nothing is asked for', (_case, propsIn) => {
  const usual = unbundledStack();
  const { role } = server(usual, propsIn(usual));
  const needed = [role, ImageAssembler.of(usual).role, ReleaseChecker.of(usual).role].map(one =>
    Object.keys(permissionsOf(usual, one)).sort(),
  );

  const outdir = project({});
  const app = new App({ outdir, context: { 'aws:cdk:bundling-stacks': [] } });
  const stack = new Stack(app, 'Stack');
  Role.customizeRoles(stack, { usePrecreatedRoles: ROLES });
  server(stack, propsIn(stack));
  app.synth();
  const text = readFileSync(path.join(outdir, 'iam-policy-report.json'), 'utf8');
  const { roles } = JSON.parse(text) as Report;
  const reported = ['server', 'assembler', 'checker'].map(name =>
    [
      ...new Set(
        roles
          .filter(({ roleName }) => roleName === name)
          .flatMap(({ identityPolicyStatements }) => identityPolicyStatements.flatMap(({ Action }) => Action)),
      ),
    ].sort(),
  );
  expect(reported).toEqual(needed);
  expect(text).toContain('arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/stateful-mcp/release/');
  expect(text).not.toContain('[object Object]');
  expect(Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('roleNotChanged'))).toEqual([]);
});

test('a role that is made when it is used first gets what the server needs', () => {
  const stack = unbundledStack();
  const assumedBy = new ServicePrincipal('bedrock-agentcore.amazonaws.com');
  const role = new LazyRole(stack, 'Role', { assumedBy });
  greetingServer(stack, { role });
  expect(Object.keys(permissionsOf(stack, role))).toEqual(
    expect.arrayContaining(['s3:GetObject', 'logs:PutLogEvents']),
  );
  expect(Annotations.fromStack(stack).findWarning('*', Match.anyValue())).toEqual([]);
});
