import path from 'node:path';
import { Duration, type Stack } from 'aws-cdk-lib';
import { RuntimeAuthorizerConfiguration } from 'aws-cdk-lib/aws-bedrockagentcore';
import { SecurityGroup, Vpc, type IConnectable } from 'aws-cdk-lib/aws-ec2';
import { FileSystem } from 'aws-cdk-lib/aws-efs';
import { McpAlarms, McpAuth, McpNetwork, McpRelease, McpServerCode, McpStorage } from '../../lib';
import { assembler, returning, type Attempt } from './fixtures/attempts';
import { errorOf, greetingServer, unbundledStack } from './fixtures/stacks';

// Values whose own errors, or those of the CDK, would not say which prop they are of.

const server = (props: object, stack: Stack): unknown => greetingServer(stack, props);
const docker =
  (options: object): Attempt =>
  stack =>
    server({ code: McpServerCode.fromDockerfile(path.join(__dirname, 'fixtures/docker-server'), options) }, stack);

/** Classes as JavaScript lets them be written. */
const calledBy = (callers: unknown): never => {
  const auth: object = returning(McpAuth, RuntimeAuthorizerConfiguration.usingIAM());
  return Object.assign(auth, { releaseCallers: () => callers }) as never;
};
const listening = (connectable: IConnectable): McpStorage =>
  McpStorage.of({ member: 'Files', mountPath: '/mnt/files', connectable });

const CASES: Readonly<Record<string, readonly [Attempt, string]>> = {
  'subnets that are still awaited': [
    assembler(stack => ({ vpc: new Vpc(stack, 'Vpc'), vpcSubnets: Promise.resolve({}) })),
    '`vpcSubnets` is a Promise; a SubnetSelection is allowed',
  ],
  'no subnets in a list': [
    assembler(stack => ({ vpc: new Vpc(stack, 'Vpc'), vpcSubnets: [] })),
    '`vpcSubnets` is a list; a SubnetSelection is allowed',
  ],
  'alarms of a class that makes none': [
    stack => server({ alarms: returning(McpAlarms, 5) }, stack),
    '`alarms.bind()` is 5; a list of alarms is allowed',
  ],
  'alarms of a class that makes something else': [
    stack => server({ alarms: returning(McpAlarms, [undefined]) }, stack),
    '`alarms.bind()[0]` is undefined; an IAlarm is allowed',
  ],
  'callers of a class that are no list': [
    stack => server({ auth: calledBy(5), release: McpRelease.verified() }, stack),
    '`auth.releaseCallers()` is 5; a list of callers is allowed',
  ],
  'callers of a class with holes': [
    stack => server({ auth: calledBy([undefined]), release: McpRelease.verified() }, stack),
    '`auth.releaseCallers()[0]` is undefined; a McpReleaseCaller is allowed',
  ],
  'a file system that listens nowhere': [
    stack => server({ storage: [listening(new SecurityGroup(stack, 'Group', { vpc: new Vpc(stack, 'Vpc') }))] }, stack),
    '; an IConnectable with a default port is allowed: give what listens',
  ],
  'a file system that listens in a VPC, without one': [
    stack => server({ storage: [listening(new FileSystem(stack, 'Files', { vpc: new Vpc(stack, 'Vpc') }))] }, stack),
    '`storage` has "/mnt/files", which is reached in a VPC, and `network` is none',
  ],
  'a duration without an end': [
    stack => server({ idleTimeout: Duration.seconds(Infinity) }, stack),
    '`idleTimeout` is Infinity seconds; a duration with an end is allowed',
  ],
  'a duration that is no number': [
    stack => server({ auth: McpAuth.cognito({ accessTokenValidity: Duration.minutes(NaN) }) }, stack),
    '`accessTokenValidity` is NaN seconds; a duration with an end is allowed',
  ],
  'a name that objects lose': [
    stack => server({ tags: JSON.parse('{ "__proto__": "a" }') as object }, stack),
    '`tags` has a value under the name `__proto__`',
  ],
  'a build argument with NUL in its name': [
    docker({ buildArgs: { 'A\0': 'b' } }),
    '`buildArgs` has a value under a name with a NUL character',
  ],
  ...Object.fromEntries(
    Object.entries<(stack: Stack) => unknown>({
      'a list with holes': () => ({ subnets: new Array(1) }),
      'what is no list': () => ({ subnets: 'subnet-1' }),
      'a type that does not exist': () => ({ subnetType: 'Nope' }),
      'a whole VPC': stack => new Vpc(stack, 'Other'),
    }).map(([name, vpcSubnets]) => [
      `subnets of ${name} in the network of a server`,
      [
        (stack: Stack) =>
          server(
            { network: McpNetwork.vpc({ vpc: new Vpc(stack, 'Vpc'), vpcSubnets: vpcSubnets(stack) as never }) },
            stack,
          ),
        '; a SubnetSelection is allowed',
      ],
    ]),
  ),
};

test.each(Object.entries(CASES))('%s is refused, by its name', (_case, [attempt, message]) => {
  const error = errorOf(() => attempt(unbundledStack()));
  expect(error).toMatch(/^\[Stack\/Server\] /);
  expect(error).toContain(message);
});
