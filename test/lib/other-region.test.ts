import { App, Duration, Stack } from 'aws-cdk-lib';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { FileSystem } from 'aws-cdk-lib/aws-efs';
import { Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import {
  ImageAssembler,
  McpAlarms,
  McpLogging,
  McpNetwork,
  McpRelease,
  McpServerCode,
  McpStorage,
  Packaging,
  ReleaseChecker,
} from '../../lib';
import { errorOf, greetingServer, GREETING_SERVER } from './fixtures/stacks';

// The services take these of their own Region alone, and the CDK hands over references across Regions.

type Attempt = (stack: Stack, there: Stack) => unknown;

const inVpc = (vpc: Vpc, options: object = {}): object => ({
  network: McpNetwork.vpc({ vpc, ...options }),
});
const ATTEMPTS: Readonly<Record<string, Attempt>> = {
  vpc: (stack, there) => greetingServer(stack, inVpc(new Vpc(there, 'Vpc'))),
  'securityGroups[0]': (stack, there) => {
    const securityGroups = [new SecurityGroup(there, 'Group', { vpc: new Vpc(there, 'Vpc') })];
    return greetingServer(stack, inVpc(new Vpc(stack, 'Vpc'), { securityGroups }));
  },
  accessPoint: (stack, there) => {
    const accessPoint = new FileSystem(there, 'Files', { vpc: new Vpc(there, 'Vpc') }).addAccessPoint('Point');
    const storage = [McpStorage.efs(accessPoint, '/mnt/files')];
    return greetingServer(stack, { ...inVpc(new Vpc(stack, 'Vpc')), storage });
  },
  'logging.encryptionKey': (stack, there) =>
    greetingServer(stack, { logging: McpLogging.standard({ encryptionKey: new Key(there, 'Key') }) }),
  topic: (stack, there) => greetingServer(stack, { alarms: McpAlarms.standard({ topic: new Topic(there, 'Topic') }) }),
  watchTopic: (stack, there) => {
    const release = McpRelease.verified({ watch: Duration.hours(1), watchTopic: new Topic(there, 'Topic') });
    return greetingServer(stack, { release });
  },
  encryptionKey: (stack, there) => {
    const packaging = Packaging.image({ encryptionKey: new Key(there, 'Key') });
    return greetingServer(stack, { code: McpServerCode.fromTypeScript(GREETING_SERVER, { packaging }) });
  },
  logGroup: (stack, there) => new ImageAssembler(stack, 'Server', { logGroup: new LogGroup(there, 'Log') }),
  'encryptionKey ': (stack, there) => new ReleaseChecker(stack, 'Server', { encryptionKey: new Key(there, 'Key') }),
};

const stackIn = (app: App, id: string, region?: string): Stack =>
  new Stack(app, id, { crossRegionReferences: true, ...(region && { env: { account: '123456789012', region } }) });

describe.each(Object.entries(ATTEMPTS))('`%s`', (prop, attempt) => {
  test.each<[string, string | undefined, string | undefined, boolean]>([
    ['of another Region is refused', 'eu-west-1', 'us-east-1', true],
    ['of the same Region is taken', 'eu-west-1', 'eu-west-1', false],
    ['where Regions are not known is taken', undefined, undefined, false],
  ])('%s', (_, here, elsewhere, isRefused) => {
    const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
    const made = (): unknown => attempt(stackIn(app, 'Stack', here), stackIn(app, 'There', elsewhere));
    if (!isRefused) {
      expect(made).not.toThrow();
      return;
    }
    const error = errorOf(made);
    expect(error).toMatch(/^\[Stack\/Server\b/);
    expect(error).toContain(
      `\`${prop.trim()}\` is of the Region us-east-1, and the stack of eu-west-1; one of the same Region is allowed: give one`,
    );
  });
});

test('a topic of another Region by its ARN is refused, too', () => {
  const stack = stackIn(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'Stack', 'eu-west-1');
  const topic = Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:us-east-1:123456789012:operators');
  expect(errorOf(() => greetingServer(stack, { alarms: McpAlarms.standard({ topic }) }))).toContain(
    '`topic` is of the Region us-east-1',
  );
});
