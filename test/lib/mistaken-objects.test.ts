import { SecretValue, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import {
  AgentCoreRuntime,
  AgentRuntimeArtifact,
  LogType,
  RuntimeCustomClaim,
  RuntimeNetworkConfiguration,
} from 'aws-cdk-lib/aws-bedrockagentcore';
import { UserPoolClientIdentityProvider } from 'aws-cdk-lib/aws-cognito';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import {
  ImageAssembler,
  McpAuth,
  McpLogging,
  McpRelease,
  McpReleaseCaller,
  McpServerCode,
  Packaging,
  ReleaseChecker,
  StatefulMcpServerGrants,
  StatefulMcpServerMetrics,
  type ImagePackagingOptions,
} from '../../lib';
import { errorOf, greetingServer, GREETING_SERVER, unbundledStack } from './fixtures/stacks';

const IMAGE = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/server:v1';

const typeScript = (packaging: Packaging, stack = unbundledStack()): unknown =>
  greetingServer(stack, { code: McpServerCode.fromTypeScript(GREETING_SERVER, { packaging }) });
const image = (options: ImagePackagingOptions, stack?: Stack): unknown => typeScript(Packaging.image(options), stack);

test('a role of another account is refused', () => {
  const stack = new Stack(unbundledStack().node.root, 'There', {
    env: { account: '111111111111', region: 'eu-west-1' },
  });
  const role = Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::222222222222:role/mcp');
  expect(errorOf(() => greetingServer(stack, { role }))).toContain(
    '`role` is of account 222222222222, and the stack of account 111111111111',
  );
});

test.each([
  ['without trust', { assumedBy: new ServicePrincipal('ecs.amazonaws.com') }, 'does not trust lambda.amazonaws.com'],
  ['that may not be changed', undefined, '`role` may not be changed'],
])('a role of a function %s gives a warning', (_case, props, warning) => {
  const stack = unbundledStack();
  const role =
    props === undefined
      ? Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::123456789012:role/x', { mutable: false })
      : new Role(stack, 'Role', props);
  new ImageAssembler(stack, 'Assembler', { role });
  new ReleaseChecker(stack, 'Checker', { role });
  for (const id of ['Assembler', 'Checker']) {
    expect(Annotations.fromStack(stack).findWarning(`/Stack/${id}`, Match.stringLikeRegexp(warning))).toHaveLength(1);
  }
});

/** Objects that can do what the right one can, or have what it has. */
const ALIKE: readonly (readonly [string, unknown])[] = [
  ['an identity provider', UserPoolClientIdentityProvider.COGNITO],
  ['a claim', RuntimeCustomClaim.withStringValue('team', 'tools')],
  ['a caller', McpReleaseCaller.role()],
  ['a log type', LogType.USAGE_LOGS],
  ['an interpreter', AgentCoreRuntime.PYTHON_3_13],
  ['a secret', SecretValue.secretsManager('key')],
  ['a class', Packaging],
  ['a network', RuntimeNetworkConfiguration.usingPublicNetwork()],
  ['an artifact', AgentRuntimeArtifact.fromImageUri(IMAGE)],
];
const withAuth = (auth: McpAuth): unknown => greetingServer(unbundledStack(), { auth });

describe.each<[string, string, (value: never) => unknown]>([
  ['an identity provider', 'identityProviders[0]', value => withAuth(McpAuth.cognito({ identityProviders: [value] }))],
  ['a claim', 'customClaims[0]', value => withAuth(McpAuth.cognito({ customClaims: [value] }))],
  ['a log type', 'configs[0].logType', logType => McpLogging.of({ logType, destination: undefined as never })],
  [
    'an interpreter',
    'interpreter',
    interpreter => greetingServer(unbundledStack(), { code: McpServerCode.fromPython('server', { interpreter }) }),
  ],
  ['an authorizer', 'configuration', value => withAuth(McpAuth.of(value))],
])('for %s', (kind, name, give) => {
  test.each(ALIKE.filter(([other]) => other !== kind))('%s is not taken', (_other, value) => {
    expect(errorOf(() => give(value as never))).toContain(`\`${name}\` is `);
  });
});

test('what has the id of the assembler of a stack is not taken for it', () => {
  const stack = unbundledStack();
  new Queue(stack, 'StatefulMcpImageAssemblerV1');
  expect(errorOf(() => image({}, stack))).toMatch(
    /^\[Stack\] `StatefulMcpImageAssemblerV1` is .* an ImageAssembler is/,
  );
});

test('what has the id of the checker of a stack is not taken for it', () => {
  const stack = unbundledStack();
  new Queue(stack, 'StatefulMcpReleaseCheckerV1');
  expect(errorOf(() => greetingServer(stack, { release: McpRelease.verified() }))).toMatch(
    /^\[Stack\] `StatefulMcpReleaseCheckerV1` is .* a ReleaseChecker is/,
  );
});

describe('an object of another copy of the package', () => {
  let copy: typeof import('../../lib');
  beforeAll(() => {
    jest.isolateModules(() => {
      copy = jest.requireActual<typeof import('../../lib')>('../../lib');
    });
  });

  test.each<[string, () => unknown, string]>([
    [
      'code',
      () => greetingServer(unbundledStack(), { code: copy.McpServerCode.fromImageUri(IMAGE) }),
      '`code` is a McpServerCode',
    ],
    ['auth', () => greetingServer(unbundledStack(), { auth: copy.McpAuth.iam() }), '`auth` is a McpAuth'],
    ['check', () => McpRelease.verified({ check: copy.McpCheck.of({}) }), '`check` is a McpCheck'],
    ['packaging', () => typeScript(copy.Packaging.zip()), '`packaging` is a Packaging'],
    ['base image', () => image({ baseImage: copy.BaseImage.fromRegistry('node:24') }), '`baseImage` is a BaseImage'],
    [
      'assembler',
      () => image({ assembler: Object.create(copy.ImageAssembler.prototype) as ImageAssembler }),
      '`assembler` is an ImageAssembler',
    ],
  ])('is refused as %s, as such', (_prop, attempt, message) => {
    expect(errorOf(attempt)).toContain(`${message} of another copy of cdk-stateful-mcp; `);
  });
});

test.each([{ period: 5 }, { dimensionsMap: { A: undefined } }, { statistic: '' }, { label: null }])(
  'options of a metric that are %j are refused',
  options => {
    const { metrics } = greetingServer(unbundledStack());
    expect(errorOf(() => metrics.invocations(options as never))).toMatch(/^\[Stack\/Server\/Runtime\] `\w/);
  },
);

test('a metric without a name, and a runtime or a grantee that only looks like one, are refused', () => {
  const { metrics, grants } = greetingServer(unbundledStack());
  expect(errorOf(() => metrics.metric(''))).toContain('`metricName` is ""');
  for (const grantPrincipal of [undefined, {}, { addToPrincipalPolicy: 5 }]) {
    expect(errorOf(() => grants.invoke({ grantPrincipal } as never))).toContain('an IGrantable is allowed');
  }
  for (const runtimeRef of [undefined, {}, { agentRuntimeArn: 5 }]) {
    for (const facade of [StatefulMcpServerGrants, StatefulMcpServerMetrics]) {
      expect(errorOf(() => facade.fromRuntime({ runtimeRef, env: {} } as never))).toContain(
        'an IRuntimeRef is allowed',
      );
    }
  }
});
