import path from 'node:path';
import { App, Duration, Fn, Lazy, RemovalPolicy, SecretValue, Stack } from 'aws-cdk-lib';
import { AgentRuntimeArtifact } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { BaseImage, ImageAssembler, McpAuth, McpServerCode, Packaging } from '../../lib';
import { removeProjects } from './fixtures/projects';
import { assembler, returning, type Attempt } from './fixtures/attempts';
import { errorOf, greetingServer, GREETING_SERVER, unbundledStack } from './fixtures/stacks';

// Values of the right kind, more or less, that are wrong all the same. The folder `kinds` has those of a wrong kind.

afterEach(removeProjects);

const IMAGE = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/server:v1';
const FIXTURES = path.join(__dirname, 'fixtures');
const token = (): string => Fn.importValue('Shared');
const throwing = (): never => {
  throw new Error('boom');
};

const server = (props: object, stack = unbundledStack()): unknown => greetingServer(stack, props);
const withCode = (code: McpServerCode, stack?: Stack): unknown => server({ code }, stack);
const bundledStack = (): Stack => new Stack(new App(), 'Stack');
const typeScript = (options: object, entry: string = GREETING_SERVER): Attempt => {
  const attempt = (stack: Stack): unknown => withCode(McpServerCode.fromTypeScript(entry, options), stack);
  return attempt;
};
const stdio =
  (options: object): Attempt =>
  stack =>
    withCode(McpServerCode.fromStdio('server', options), stack);
const docker =
  (options: object): Attempt =>
  stack =>
    withCode(McpServerCode.fromDockerfile(path.join(FIXTURES, 'docker-server'), options), stack);
const python =
  (options: object): Attempt =>
  stack =>
    withCode(McpServerCode.fromPython(path.join(FIXTURES, 'python-server'), options), stack);
const image =
  (options: object): Attempt =>
  stack =>
    withCode(McpServerCode.fromTypeScript(GREETING_SERVER, { packaging: Packaging.image(options) }), stack);

/** Classes as JavaScript lets them be written. */
const withoutBind = (Base: abstract new () => object): never => Object.create(Base.prototype as object) as never;
const coded = (config: object): Attempt => {
  const code = returning(McpServerCode, { artifact: AgentRuntimeArtifact.fromImageUri(IMAGE), ...config });
  return stack => withCode(code, stack);
};

const CASES: Readonly<Record<string, readonly [Attempt, string]>> = {
  'a duration that is NaN': [() => server({ idleTimeout: Duration.seconds(NaN) }), '`idleTimeout` is NaN seconds'],
  'an infinite duration': [() => server({ maxLifetime: Duration.hours(Infinity) }), '`maxLifetime` is Infinity'],
  'a duration below zero': [
    () => server({ idleTimeout: { toSeconds: () => -5, isUnresolved: () => false } }),
    '`idleTimeout` is -5 seconds',
  ],
  'a duration with a fraction': [() => server({ idleTimeout: Duration.minutes(1.01) }), '`idleTimeout` is 60.6 sec'],
  'a duration with a fraction of floating point': [
    () => server({ maxLifetime: Duration.hours(0.1 + 0.2) }),
    '`maxLifetime` is 1080.0000000000002 seconds',
  ],
  'what has the names of a duration': [
    () => server({ idleTimeout: { toSeconds: 1, isUnresolved: 2 } }),
    '`idleTimeout` is an object; a Duration is allowed',
  ],
  'an unresolved duration in minutes': [
    () => server({ idleTimeout: Duration.minutes(Lazy.number({ produce: () => 5 })) }),
    '`idleTimeout` is an unresolved token in minutes',
  ],
  'an unresolved lifetime in hours': [
    () => server({ maxLifetime: Duration.hours(Lazy.number({ produce: () => 1 })) }),
    '`maxLifetime` is an unresolved token in hours',
  ],
  'a getter that throws': [
    () => server({ environment: Object.defineProperty({}, 'A', { get: throwing, enumerable: true }) }),
    '`environment.A` throws when it is read (boom)',
  ],
  'options with a getter that throws': [
    image(Object.defineProperty({}, 'removalPolicy', { get: throwing, enumerable: true })),
    '`removalPolicy` throws when it is read (boom)',
  ],
  'a proxy that throws': [
    () => server({ environment: new Proxy({}, { ownKeys: throwing }) }),
    '`environment` throws when it is read (boom)',
  ],
  'a String object': [() => server({ environment: { A: new String('x') } }), '`environment.A` is a String'],
  'a secret as a variable': [
    () => server({ environment: { A: SecretValue.secretsManager('x') } }),
    '`environment.A` is a SecretValue; a string is allowed',
  ],
  'a variable with NUL': [() => server({ environment: { A: 'a\0b' } }), '`environment.A` has a NUL character'],
  'a variable with a SecureString': [
    () => server({ environment: { A: '{{resolve:ssm-secure:name:1}}' } }),
    '`environment` gives "A" a SecureString of SSM',
  ],
  'a description with NUL': [() => server({ description: 'a\0' }), '`description` has a NUL character'],
  'what has one method of a secret': [
    () => server({ requestStateKey: { unsafeUnwrap: () => 5 } }),
    '`requestStateKey` is no SecretValue',
  ],
  'what has the names of a role': [
    () => server({ role: { roleArn: 'x', addToPrincipalPolicy: throwing, node: {} } }),
    '`role` is an object; an IRole is allowed',
  ],
  'a code without bind': [() => withCode(withoutBind(McpServerCode)), '`code` is a McpServerCode without `bind`'],
  'an auth without bind': [() => server({ auth: withoutBind(McpAuth) }), '`auth` is a McpAuth without `bind`'],
  'a packaging without bind': [typeScript({ packaging: withoutBind(Packaging) }), '`packaging` is a Packaging without'],
  'a base image without bind': [image({ baseImage: withoutBind(BaseImage) }), '`baseImage` is a BaseImage without'],
  'a code that returns nothing': [
    () => withCode(returning(McpServerCode, undefined)),
    '`code.bind()` returns undefined',
  ],
  'a code that returns a promise': [
    () => withCode(returning(McpServerCode, Promise.resolve({}))),
    '`code.bind()` returns a Promise; a McpServerCodeConfig is allowed',
  ],
  'a packaging that returns nothing': [
    typeScript({ packaging: returning(Packaging, undefined) }),
    '`code.bind()` returns undefined',
  ],
  'an auth that returns a promise': [
    () => server({ auth: returning(McpAuth, Promise.resolve()) }),
    '`auth` is a Promise',
  ],
  'a base image that returns nothing': [
    image({ baseImage: returning(BaseImage, undefined) }),
    '`baseImage.bind()` returns undefined; a BaseImageConfig is allowed',
  ],
  'a base image that returns another reference': [
    image({ baseImage: returning(BaseImage, { reference: 'NOT ONE' }) }),
    '`baseImage.reference` is "NOT ONE"',
  ],
  'a code with a variable of a wrong name': [
    coded({ environment: { 'A-B': 'x' } }),
    '`code.environment` has a variable named "A-B"',
  ],
  'a code with a variable of a prop': [
    stack =>
      server(
        {
          code: returning(McpServerCode, {
            artifact: AgentRuntimeArtifact.fromImageUri(IMAGE),
            environment: { STATEFUL_MCP_REQUEST_STATE_KEY: '{{resolve:secretsmanager:key}}' },
          }),
          requestStateKey: SecretValue.secretsManager('key'),
        },
        stack,
      ),
    '`requestStateKey` is given, and `code.environment` sets STATEFUL_MCP_REQUEST_STATE_KEY',
  ],
  'a code with a port where nobody looks': [
    coded({ environment: { PORT: '1' }, usesServerKit: true }),
    '`code.environment` sets PORT to "1"',
  ],
  'a code with a key that is none': [
    coded({ environment: { STATEFUL_MCP_REQUEST_STATE_KEY: 'x' } }),
    '`code.environment` sets STATEFUL_MCP_REQUEST_STATE_KEY, which is no key',
  ],
  'an artifact that only looks like one': [
    () => withCode(McpServerCode.of({ bind: 5, _render: 5 } as never)),
    '`artifact` is an object; an AgentRuntimeArtifact is allowed',
  ],
  'an authorizer that only looks like one': [
    () => server({ auth: McpAuth.of({ _render: 5 } as never) }),
    '`configuration` is an object; a RuntimeAuthorizerConfiguration is allowed',
  ],
  'an empty path': [typeScript({}, ''), '`entry` is ""; a path, or a `file:` URL is allowed'],
  'a path of a space': [typeScript({}, ' '), '`entry` is " "; a path'],
  'a path with NUL': [typeScript({}, 'a\0b'), '`entry` has a NUL character'],
  'a URL that cannot be decoded': [typeScript({}, 'file:///%zz'), '`entry` is "file:///%zz"'],
  'a URL of another machine': [typeScript({}, 'file://host/server.ts'), '`entry` is "file://host/server.ts"'],
  'a URL with a slash in a name': [
    stack => withCode(McpServerCode.fromTypeScript(new URL('file:///a%2Fb.ts')), stack),
    '`entry` is an URL',
  ],
  'a folder as a URL with NUL': [
    stack => withCode(McpServerCode.fromBundle('file:///a%00b', 'main.js'), stack),
    '`directory` is "file:///a%00b"',
  ],
  'a project directory that is empty': [stdio({ projectDirectory: '' }), '`projectDirectory` is ""'],
  'an argument with NUL': [stdio({ args: ['a\0'] }), '`args[0]` has a NUL character'],
  'a list with holes': [stdio({ args: new Array(2) }), '`args[1]` is undefined'],
  'module names with holes': [typeScript({ nodeModules: new Array(2) }), '`nodeModules[0]` is undefined'],
  'assets with holes': [typeScript({ assets: new Array(1) }), '`assets[0]` is undefined'],
  'an external module without a name': [typeScript({ externalModules: [''] }), '`externalModules[0]` is ""'],
  'a main field without a name': [typeScript({ mainFields: [''] }), '`mainFields[0]` is ""'],
  'a condition without a name': [typeScript({ conditions: [''] }), '`conditions[0]` is ""'],
  'a loader of no extension': [typeScript({ loader: { '': 'text' } }), '`loader` has a value under an empty name'],
  'a definition of nothing': [typeScript({ define: { '': '1' } }), '`define` has a value under an empty name'],
  'a definition by a token': [typeScript({ define: { A: token() } }), '`define` has an unresolved token'],
  'an alias by a token': [typeScript({ alias: { a: token() } }), '`alias` has an unresolved token'],
  'a condition by a token': [typeScript({ conditions: [token()] }), '`conditions` has an unresolved token'],
  'a loader by a token': [typeScript({ loader: { '.a': token() } }), '`loader` has an unresolved token'],
  'a tsconfig by a token': [typeScript({ tsconfig: token() }), '`tsconfig` is an unresolved token'],
  'an esbuild flag by a token': [typeScript({ esbuildArgs: { '--pure': token() } }), '`esbuildArgs` has an unresolved'],
  'a program without a name': [stdio({ program: '' }), '`program` is ""'],
  'a Python entry by a token': [python({ entry: token() }), '`entry` is an unresolved token'],
  'a Python pattern by a token': [python({ exclude: [token()] }), '`exclude` has an unresolved token'],
  'a stage without a name': [docker({ target: '' }), '`target` is ""; a string that is not empty is allowed'],
  'a stage by a token': [docker({ target: token() }), '`target` is an unresolved token'],
  'an argument of a build by a token': [docker({ buildArgs: { A: token() } }), '`buildArgs` has an unresolved token'],
  'the name of an argument by a token': [docker({ buildArgs: { [token()]: 'x' } }), '`buildArgs` has an unresolved'],
  'an argument of a build with NUL': [docker({ buildArgs: { A: 'a\0' } }), '`buildArgs.A` has a NUL character'],
  'an argument of a build without a name': [
    docker({ buildArgs: { '': 'x' } }),
    '`buildArgs` has a value under an empty',
  ],
  'an argument of a build with two names': [
    docker({ buildArgs: { 'A=B': 'x' } }),
    '`buildArgs` has an argument named "A=B"',
  ],
  'a secret of a build as it is': [docker({ buildSecrets: { A: 'hunter2' } }), '`buildSecrets.A` does not say where'],
  'a removal policy that repositories do not have': [
    image({ removalPolicy: RemovalPolicy.SNAPSHOT }),
    '`removalPolicy` is "snapshot"',
  ],
  'a key without an ARN': [image({ encryptionKey: { keyRef: {} } }), '`encryptionKey` is an object; an IKeyRef'],
  'an assembler of another app': [
    image({ assembler: new ImageAssembler(unbundledStack(), 'Assembler') }),
    '`assembler` is Stack/Assembler of another app',
  ],
  'an assembler of another Region': [
    stack =>
      image({
        assembler: new ImageAssembler(
          new Stack(stack.node.root, 'There', { env: { account: '123456789012', region: 'us-east-1' } }),
          'Assembler',
        ),
      })(stack),
    '`assembler` is There/Assembler in aws://123456789012/us-east-1',
  ],
  'no image at a time': [assembler(() => ({ reservedConcurrentExecutions: 0 })), '`reservedConcurrentExecutions` is 0'],
  'fewer than no images at a time': [
    assembler(() => ({ reservedConcurrentExecutions: -1 })),
    '`reservedConcurrentExecutions` is -1; a whole number from 1 is allowed',
  ],
  'a retention beside a log group': [
    assembler(stack => ({ logGroup: new LogGroup(stack, 'Log'), logRetention: RetentionDays.ONE_DAY })),
    '`logRetention` is given, and so is `logGroup`',
  ],
  'a key beside a log group': [
    assembler(stack => ({ logGroup: new LogGroup(stack, 'Log'), encryptionKey: new Key(stack, 'Key') })),
    '`encryptionKey` is given, and so is `logGroup`',
  ],
  'what has the names of a VPC': [
    assembler(() => ({ vpc: { vpcId: 'x', selectSubnets: 5 } })),
    '`vpc` is an object; an IVpc is allowed',
  ],
  'security groups with holes': [
    assembler(stack => ({ vpc: new Vpc(stack, 'Vpc'), securityGroups: new Array(1) })),
    '`securityGroups[0]` is undefined',
  ],
  'subnets in a list': [
    assembler(stack => ({ vpc: new Vpc(stack, 'Vpc'), vpcSubnets: ['subnet-1'] })),
    '`vpcSubnets` is a list; a SubnetSelection is allowed',
  ],
  'subnets by a name that does not exist': [
    assembler(stack => ({ vpc: new Vpc(stack, 'Vpc'), vpcSubnets: { type: 'Private' } })),
    '`vpcSubnets` is an object; a SubnetSelection is allowed',
  ],
  'subnets of a type that does not exist': [
    assembler(stack => ({ vpc: new Vpc(stack, 'Vpc'), vpcSubnets: { subnetType: 'Nope' } })),
    '`vpcSubnets` is an object; a SubnetSelection is allowed',
  ],
  'subnets of a group that does not exist': [
    assembler(stack => ({ vpc: new Vpc(stack, 'Vpc'), vpcSubnets: { subnetGroupName: 'nope' } })),
    '`vpcSubnets` selects no subnets of `vpc`',
  ],
  'public subnets': [
    assembler(stack => ({ vpc: new Vpc(stack, 'Vpc'), vpcSubnets: { subnetType: 'Public' } })),
    '`vpcSubnets` has public subnets',
  ],
  'a queue that only looks like one': [
    assembler(() => ({ deadLetterQueue: { queueArn: 'x', queueUrl: 'y' } })),
    '`deadLetterQueue` is an object; an IQueue is allowed',
  ],
  'a FIFO queue': [
    assembler(stack => ({ deadLetterQueue: new Queue(stack, 'Queue', { fifo: true }) })),
    '`deadLetterQueue` is a FIFO queue',
  ],
};

test.each(Object.entries(CASES))('%s is refused, by its name', (_case, [attempt, message]) => {
  const error = errorOf(() => attempt(unbundledStack()));
  expect(error).toMatch(/^\[Stack\/Server\] /);
  expect(error).toContain(message);
  expect(error).not.toContain('hunter2');
});

test.each<[string, Attempt, string]>([
  ['a tsconfig that is not there', typeScript({ tsconfig: 'missing.json' }), '`tsconfig` is "missing.json", and there'],
  ['a tsconfig that is a folder', typeScript({ tsconfig: FIXTURES }), 'which is a folder'],
  ['a tsconfig below a file', typeScript({ tsconfig: `${GREETING_SERVER}/tsconfig.json` }), 'and there is no'],
  ['a loader that does not exist', typeScript({ loader: { '.a': 'nope' } }), '`loader` has a loader that esbuild does'],
  ['an extension that is none', typeScript({ loader: { a: 'text' } }), 'correct `loader`'],
  ['a definition that is no literal', typeScript({ define: { A: 'not json' } }), 'correct `define`'],
  ['a definition of what is no name', typeScript({ define: { 'a b': '1' } }), 'correct `define`'],
  ['an alias of a path', typeScript({ alias: { './a': 'b' } }), 'correct `alias`'],
  ['an alias to nothing', typeScript({ alias: { a: '' } }), 'correct `alias`'],
  ['a condition that is none', typeScript({ conditions: ['a,b'] }), 'correct `conditions`'],
  ['a Dockerfile with NUL', docker({ file: 'a\0' }), '`file` has a NUL character'],
  ['a Dockerfile below a file', docker({ file: 'Dockerfile/x' }), 'there is no Dockerfile/x'],
])('%s is refused when the stack is bundled, with the prop to correct', (_case, attempt, message) => {
  const error = errorOf(() => attempt(bundledStack()));
  expect(error).toMatch(/^\[Stack\/Server\] /);
  expect(error).toContain(message);
});

test.each<[string, McpServerCode]>([
  ['a folder as the entry', McpServerCode.fromTypeScript(FIXTURES)],
  ['a file as the folder of a bundle', McpServerCode.fromBundle(GREETING_SERVER, 'main.js')],
  ['a file as the folder of Python', McpServerCode.fromPython(GREETING_SERVER)],
  ['a file as the project of a stdio server', McpServerCode.fromStdio('server', { projectDirectory: GREETING_SERVER })],
])('%s does not stop a list of stacks', (_case, code) => {
  expect(() => withCode(code)).not.toThrow();
});
