import { pathToFileURL } from 'node:url';
import { Duration, RemovalPolicy, SecretValue, type Stack } from 'aws-cdk-lib';
import {
  AgentRuntimeArtifact,
  RuntimeAuthorizerConfiguration,
  RuntimeNetworkConfiguration,
} from 'aws-cdk-lib/aws-bedrockagentcore';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Key } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import {
  BaseImage,
  ImageAssembler,
  McpAuth,
  McpNetwork,
  McpServerCode,
  McpStorage,
  Packaging,
  StatefulMcpServer,
  StatefulMcpServerGrants,
  StatefulMcpServerMetrics,
} from '../../lib';
import { removeProjects } from './fixtures/projects';
import { errorOf, greetingServer, GREETING_SERVER, unbundledStack } from './fixtures/stacks';

afterEach(removeProjects);

/** A value of each kind; each prop gets all of them that it does not take. */
const VALUES = {
  null: null,
  text: 'zip',
  number: 900,
  flag: true,
  list: ['a'],
  'list of undefined': [undefined],
  'list of numbers': [1],
  object: { a: 'b' },
  'map of undefined': { A: undefined },
  'map of numbers': { A: 1 },
  function: () => undefined,
  class: Packaging,
  duration: Duration.minutes(15),
  secret: SecretValue.secretsManager('key'),
  'file URL': pathToFileURL(GREETING_SERVER),
  URL: new URL('https://example.com/server.ts'),
  'authorizer of the L2': RuntimeAuthorizerConfiguration.usingIAM(),
  'network of the L2': RuntimeNetworkConfiguration.usingPublicNetwork(),
  'artifact of the L2': AgentRuntimeArtifact.fromImageUri('123456789012.dkr.ecr.eu-west-1.amazonaws.com/a:v1'),
  auth: McpAuth.iam(),
  code: McpServerCode.fromImageUri('public.ecr.aws/a/b:v1'),
  packaging: Packaging.zip(),
  'base image': BaseImage.fromRegistry('node:24'),
  'removal policy': RemovalPolicy.DESTROY,
} as const;

type ValueName = keyof typeof VALUES;

interface Prop {
  /** What it takes. */
  readonly takes: readonly ValueName[];
  readonly required?: boolean;
}

type Props = Readonly<Record<string, Prop>>;

const TEXT: Prop = { takes: ['text', 'removal policy'] };
const TEXTS: Prop = { takes: ['list'] };
const FLAG: Prop = { takes: ['flag'] };
const TEXT_MAP: Prop = { takes: ['object'] };
const NONE: Prop = { takes: [] };
const PACKAGING: Prop = { takes: ['packaging'] };

const server =
  (stack: Stack) =>
  (props: object): unknown =>
    greetingServer(stack, props);
const bound = (code: McpServerCode) => greetingServer(unbundledStack(), { code });
const packaged = (packaging: Packaging): unknown => bound(McpServerCode.fromTypeScript(GREETING_SERVER, { packaging }));

type Given = Record<string, never>;

/** Every prop of every factory, and how it is given. */
const FACTORIES: Readonly<Record<string, readonly [Props, (props: Given) => unknown]>> = {
  StatefulMcpServer: [
    {
      code: { takes: ['code'] },
      runtimeName: TEXT,
      description: TEXT,
      idleTimeout: { takes: ['duration'] },
      maxLifetime: { takes: ['duration'] },
      environment: TEXT_MAP,
      requestStateKey: { takes: ['secret'] },
      auth: { takes: ['auth'] },
      forwardHeaders: TEXTS,
      role: NONE,
      network: NONE,
      tags: TEXT_MAP,
      port: { takes: ['number'] },
      path: TEXT,
      allowedPorts: NONE,
      platformVersion: NONE,
      minimumMemory: NONE,
      warmup: NONE,
      logging: NONE,
      release: NONE,
      alarms: NONE,
      removalPolicy: { takes: ['removal policy'] },
      urlParameterName: TEXT,
      tracingEnabled: FLAG,
      manageDeliveryResourcePolicy: FLAG,
      storage: NONE,
      capacityProvider: NONE,
    },
    props => server(unbundledStack())(props),
  ],
  'McpStorage.s3Bucket': [
    { mountPath: { ...TEXT, required: true }, prefix: TEXT },
    props => {
      const stack = unbundledStack();
      const bucket = Bucket.fromBucketName(stack, 'Bucket', 'notes');
      const storage = [McpStorage.s3Bucket(bucket, { mountPath: '/mnt/data', ...(props as object) })];
      return server(stack)({ storage });
    },
  ],
  'McpAuth.cognito': [
    {
      userPool: NONE,
      domain: NONE,
      domainPrefix: TEXT,
      removalPolicy: { takes: ['removal policy'] },
      scopes: TEXT_MAP,
      resourceServerIdentifier: TEXT,
      hosts: NONE,
      callbackUrls: TEXTS,
      callbackPort: { takes: ['number'] },
      machineClient: FLAG,
      additionalClients: NONE,
      allowedAudiences: TEXTS,
      customClaims: NONE,
      identityProviders: NONE,
      accessTokenValidity: { takes: ['duration'] },
      refreshTokenValidity: { takes: ['duration'] },
      refreshTokenRotationGracePeriod: { takes: ['duration'] },
      publishMetadata: FLAG,
    },
    props => server(unbundledStack())({ auth: McpAuth.cognito(props) }),
  ],
  'McpAuth.jwt': [
    {
      discoveryUrl: { takes: ['text', 'removal policy'], required: true },
      allowedClients: TEXTS,
      allowedAudiences: TEXTS,
      allowedScopes: TEXTS,
      customClaims: NONE,
    },
    props =>
      server(unbundledStack())({
        auth: McpAuth.jwt({ discoveryUrl: 'https://a.b/.well-known/openid-configuration', ...(props as object) }),
      }),
  ],
  'McpServerCode.fromTypeScript': [
    {
      packaging: PACKAGING,
      externalModules: TEXTS,
      mainFields: TEXTS,
      nodeModules: TEXTS,
      assets: TEXTS,
      telemetry: FLAG,
      minify: FLAG,
      loader: TEXT_MAP,
      define: TEXT_MAP,
      alias: TEXT_MAP,
      conditions: TEXTS,
      tsconfig: { takes: ['text', 'file URL', 'removal policy'] },
      esbuildArgs: NONE,
      commandHooks: NONE,
    },
    props => bound(McpServerCode.fromTypeScript(GREETING_SERVER, props)),
  ],
  'McpServerCode.fromStdio': [
    {
      projectDirectory: { takes: ['text', 'file URL', 'removal policy'] },
      program: TEXT,
      args: TEXTS,
      packaging: PACKAGING,
    },
    props => bound(McpServerCode.fromStdio('server', props)),
  ],
  'McpServerCode.fromBundle': [
    { exclude: TEXTS, packaging: PACKAGING },
    props => bound(McpServerCode.fromBundle('dist', 'main.js', props)),
  ],
  'McpServerCode.fromPython': [
    { entry: TEXT, interpreter: NONE, exclude: TEXTS, packaging: PACKAGING },
    props => bound(McpServerCode.fromPython('server', props)),
  ],
  'McpServerCode.fromPythonStdio': [
    {
      projectDirectory: { takes: ['text', 'file URL', 'removal policy'] },
      program: TEXT,
      args: TEXTS,
      interpreter: NONE,
      packaging: PACKAGING,
    },
    props => bound(McpServerCode.fromPythonStdio('server==1.0.0', props)),
  ],
  'McpServerCode.fromDockerfile': [
    { file: TEXT, target: TEXT, buildArgs: TEXT_MAP, buildSecrets: NONE },
    props => bound(McpServerCode.fromDockerfile('server', props)),
  ],
  'Packaging.image': [
    {
      baseImage: { takes: ['base image'] },
      removalPolicy: { takes: ['removal policy'] },
      encryptionKey: NONE,
      assembler: NONE,
    },
    props => packaged(Packaging.image(props)),
  ],
  'McpNetwork.vpc': [
    {
      vpc: NONE,
      vpcSubnets: NONE,
      securityGroups: NONE,
      allowAllOutbound: FLAG,
      securityGroupRemovalPolicy: { takes: ['removal policy'] },
      endpoints: FLAG,
      s3PrefixList: NONE,
      availabilityZoneIds: TEXT_MAP,
    },
    props => {
      const stack = unbundledStack();
      return greetingServer(stack, { network: McpNetwork.vpc({ vpc: new Vpc(stack, 'Vpc'), ...(props as object) }) });
    },
  ],
  ImageAssembler: [
    {
      role: NONE,
      vpc: NONE,
      securityGroups: NONE,
      encryptionKey: NONE,
      logRetention: NONE,
      logGroup: NONE,
      reservedConcurrentExecutions: { takes: ['number'] },
      deadLetterQueue: NONE,
    },
    props => new ImageAssembler(unbundledStack(), 'Assembler', props),
  ],
};

const PROPS = Object.entries(FACTORIES).flatMap(([factory, [props, make]]) =>
  Object.entries(props).map(([prop, { takes }]) => [factory, prop, takes, make] as const),
);

describe.each(PROPS)('%s, `%s`', (_factory, prop, takes, make) => {
  test.each(Object.keys(VALUES).filter(name => !(takes as readonly string[]).includes(name)))('refuses %s', name => {
    const message = errorOf(() => make({ [prop]: VALUES[name as ValueName] } as Given));
    // Path, name, value, what is allowed and what to do.
    expect(message).toMatch(/^\[Stack\/(?:Server|Assembler)\] (?:\d problems:\n  - )?`/);
    expect(message).toContain(`\`${prop}`);
    expect(message).toMatch(/ (?:is|are) allowed: |is no SecretValue: /);
  });
});

/** Values that are given by their place. */
const PLACES: readonly (readonly [string, string, readonly ValueName[], (value: never) => unknown])[] = [
  [
    'McpServerCode.fromTypeScript',
    'entry',
    ['text', 'file URL', 'removal policy'],
    entry => bound(McpServerCode.fromTypeScript(entry)),
  ],
  ['McpServerCode.fromStdio', 'packageName', ['text', 'removal policy'], name => bound(McpServerCode.fromStdio(name))],
  [
    'McpServerCode.fromPythonStdio',
    'requirement',
    ['text', 'removal policy'],
    requirement => bound(McpServerCode.fromPythonStdio(requirement, { projectDirectory: 'server' })),
  ],
  [
    'McpServerCode.fromBundle',
    'directory',
    ['text', 'file URL', 'removal policy'],
    directory => bound(McpServerCode.fromBundle(directory, 'main.js')),
  ],
  [
    'McpServerCode.fromBundle',
    'entry',
    ['text', 'removal policy'],
    entry => bound(McpServerCode.fromBundle('dist', entry)),
  ],
  [
    'McpServerCode.fromPython',
    'directory',
    ['text', 'file URL', 'removal policy'],
    directory => bound(McpServerCode.fromPython(directory)),
  ],
  [
    'McpServerCode.fromDockerfile',
    'directory',
    ['text', 'file URL', 'removal policy'],
    directory => bound(McpServerCode.fromDockerfile(directory)),
  ],
  ['McpServerCode.fromImageUri', 'uri', [], uri => bound(McpServerCode.fromImageUri(uri))],
  ['McpServerCode.of', 'artifact', ['artifact of the L2'], artifact => bound(McpServerCode.of(artifact))],
  [
    'McpAuth.of',
    'configuration',
    ['authorizer of the L2', 'artifact of the L2', 'network of the L2'],
    configuration => greetingServer(unbundledStack(), { auth: McpAuth.of(configuration) }),
  ],
  [
    'McpNetwork.of',
    'configuration',
    ['network of the L2'],
    configuration => greetingServer(unbundledStack(), { network: McpNetwork.of(configuration) }),
  ],
  [
    'BaseImage.fromRegistry',
    'reference',
    [],
    reference => packaged(Packaging.image({ baseImage: BaseImage.fromRegistry(reference) })),
  ],
];

describe.each(PLACES)('%s, `%s`', (_factory, name, takes, make) => {
  test.each([
    ['undefined', undefined],
    ...Object.entries(VALUES).filter(([value]) => !(takes as readonly string[]).includes(value)),
  ])('refuses %s', (_value, value) => {
    const message = errorOf(() => make(value as never));
    expect(message).toMatch(new RegExp(`^\\[Stack/Server\\] \`${name}\` is .* allowed`, 's'));
  });
});

test.each([undefined, null, 1.2, ['v1'], { tag: 'v1' }])(
  'a tag that is %j is refused, and makes no image without one',
  tag => {
    const stack = unbundledStack();
    const repository = new Repository(stack, 'Images');
    expect(
      errorOf(() => greetingServer(stack, { code: McpServerCode.fromEcrRepository(repository, tag as never) })),
    ).toMatch(/^\[Stack\/Server\] `tagOrDigest` is .*; a string is allowed: give one$/);
    const baseImage = BaseImage.fromEcrRepository(repository, tag as never);
    expect(errorOf(() => packaged(Packaging.image({ baseImage })))).toContain('`tagOrDigest` is ');
    expect(
      errorOf(() =>
        greetingServer(unbundledStack(), { code: McpServerCode.fromEcrRepository('images' as never, 'v1') }),
      ),
    ).toContain('`repository` is "images"; an IRepository is allowed');
  },
);

test.each(['zip', 1, null, [], Packaging.zip(), Duration.minutes(1)])('options that are %p are refused', options => {
  const factories = [
    () => bound(McpServerCode.fromTypeScript(GREETING_SERVER, options as never)),
    () => bound(McpServerCode.fromStdio('server', options as never)),
    () => bound(McpServerCode.fromPython('server', options as never)),
    () => bound(McpServerCode.fromPythonStdio('server==1.0.0', options as never)),
    () => bound(McpServerCode.fromDockerfile('server', options as never)),
    () => packaged(Packaging.image(options as never)),
    () => new ImageAssembler(unbundledStack(), 'Assembler', options as never),
    () => new StatefulMcpServer(unbundledStack(), 'Server', options as never),
    () => greetingServer(unbundledStack(), { auth: McpAuth.jwt(options as never) }),
    () => greetingServer(unbundledStack(), { auth: McpAuth.cognito(options as never) }),
  ];
  for (const factory of factories) {
    expect(errorOf(factory)).toMatch(/^\[Stack\/\w+\] `(?:options|props)` is .*; an object is allowed/);
  }
});

test('what is refused is named, with the place of what is undefined in a map or a list', () => {
  expect(errorOf(() => server(unbundledStack())({ environment: { A: process.env.NOT_SET, B: 'b' } }))).toBe(
    '[Stack/Server] `environment.A` is undefined; a string is allowed: give it a value, or leave it out',
  );
  expect(
    errorOf(() => bound(McpServerCode.fromTypeScript(GREETING_SERVER, { nodeModules: ['a', undefined as never] }))),
  ).toBe(
    '[Stack/Server] `nodeModules[1]` is undefined; a string that is not empty is allowed: give one, or leave it out',
  );
  expect(
    errorOf(() => server(unbundledStack())({ auth: RuntimeAuthorizerConfiguration.usingIAM(), idleTimeout: 900 })),
  ).toMatch(
    /^\[Stack\/Server\] 2 problems:\n {2}- `idleTimeout` is 900; a Duration is allowed: .*\n {2}- `auth` is an? \w+; a McpAuth is allowed: .*`McpAuth\.of\(\.\.\.\)`$/s,
  );
});

const NAMES: readonly (readonly [string, object, (props: Given) => unknown, string])[] = [
  [
    'an earlier name',
    { external: ['a'] },
    FACTORIES['McpServerCode.fromTypeScript']![1],
    'it is called `externalModules` now',
  ],
  [
    'an earlier name of a server for stdio',
    { external: ['a'] },
    FACTORIES['McpServerCode.fromStdio']![1],
    'it is called `externalModules` now',
  ],
  [
    'an earlier name of telemetry',
    { openTelemetry: true },
    FACTORIES['McpServerCode.fromTypeScript']![1],
    'it is called `telemetry` now',
  ],
  [
    'an earlier name of a Python server',
    { runtime: 'PYTHON_3_13' },
    FACTORIES['McpServerCode.fromPython']![1],
    'it is called `interpreter` now',
  ],
  [
    'a typo',
    { nodeModule: ['sharp'] },
    FACTORIES['McpServerCode.fromTypeScript']![1],
    'write `nodeModules`, if that is meant',
  ],
  [
    'another case',
    { buildargs: {} },
    FACTORIES['McpServerCode.fromDockerfile']![1],
    'write `buildArgs`, if that is meant',
  ],
  ['an option of another construct', { format: 'esm' }, FACTORIES['McpServerCode.fromTypeScript']![1], 'leave it out'],
  ['an option of another factory', { assets: ['a'] }, FACTORIES['McpServerCode.fromBundle']![1], 'leave it out'],
  ['a typo in a packaging', { baseImages: 1 }, FACTORIES['Packaging.image']![1], 'write `baseImage`, if that is meant'],
  [
    'a typo in the properties of a server',
    { enviroment: {} },
    FACTORIES.StatefulMcpServer![1],
    'write `environment`, if that is meant',
  ],
];

test.each(NAMES)('%s is refused', (_what, given, make, advice) => {
  const [name = ''] = Object.keys(given);
  const message = errorOf(() => make(given as Given));
  expect(message).toMatch(
    new RegExp(`^\\[Stack/Server\\] \`${name}\` is given, which does not exist; .* are allowed: `),
  );
  expect(message).toContain(`: ${advice}`);
});

test('names of a class of the user, and those without a value, are left to it', () => {
  expect(() => server(unbundledStack())({ team: 'tools', codes: 1, roles: undefined })).not.toThrow();
  const options = { packaging: Packaging.zip(), sourceMap: undefined };
  expect(() => bound(McpServerCode.fromTypeScript(GREETING_SERVER, options))).not.toThrow();
});

test('a key is never shown', () => {
  expect(errorOf(() => server(unbundledStack())({ requestStateKey: 'hunter2' }))).not.toContain('hunter2');
});

test.each([undefined, null, 'runtime', {}])('grants and metrics of %j are refused', runtime => {
  for (const facade of [StatefulMcpServerGrants, StatefulMcpServerMetrics]) {
    expect(errorOf(() => facade.fromRuntime(runtime as never))).toMatch(/^`runtime` is .*; an IRuntimeRef is allowed/);
  }
});

test.each([undefined, null, 'role', {}])('a grantee that is %j is refused', grantee => {
  const { grants } = greetingServer(unbundledStack());
  for (const grant of ['invoke', 'invokeForUser', 'stopSession'] as const) {
    expect(errorOf(() => grants[grant](grantee as never))).toMatch(/`grantee` is .*; an IGrantable is allowed/);
  }
});

test.each([undefined, null, 1, {}])('a metric named %j is refused', name => {
  const { metrics } = greetingServer(unbundledStack());
  expect(errorOf(() => metrics.metric(name as never))).toContain('`metricName` is ');
});

test('values of the right kinds are taken, of other copies of the CDK too', () => {
  const stack = unbundledStack();
  const assembler = new ImageAssembler(stack, 'Assembler', { logRetention: RetentionDays.ONE_YEAR });
  const packaging = Packaging.image({
    assembler,
    encryptionKey: new Key(stack, 'Key'),
    removalPolicy: RemovalPolicy.RETAIN,
  });
  const entry = pathToFileURL(GREETING_SERVER);
  for (const [index, form] of [entry, entry.href, GREETING_SERVER].entries()) {
    const code = McpServerCode.fromTypeScript(form, { packaging });
    const role = undefined;
    expect(
      () =>
        new StatefulMcpServer(stack, `Server${index}`, {
          code,
          role,
          environment: Object.create(null) as Record<string, string>,
        }),
    ).not.toThrow();
  }
});
