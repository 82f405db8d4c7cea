import { Aws, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { AccessPoint, FileSystem } from 'aws-cdk-lib/aws-efs';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { CfnAccessPoint } from 'aws-cdk-lib/aws-s3files';
import { McpCapacityProvider, McpNetwork, McpPlatformVersion, McpWarmup, McpStorage } from '../../../lib';
import { errorOf, greetingServer, propertiesOf, unbundledStack } from '../fixtures/stacks';

const RUNTIME = 'AWS::BedrockAgentCore::Runtime';
const PROVIDER = 'arn:aws:bedrock-agentcore:eu-west-1:123456789012:capacity-provider/gpu-abcdefghij';

const capacityProvider = McpCapacityProvider.fromCapacityProviderArn(PROVIDER);
const bucketOf = (stack: Stack): ReturnType<typeof Bucket.fromBucketName> =>
  Bucket.fromBucketName(stack, 'Bucket', 'notes');

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

const resolved = (stack: Stack, value: string): unknown => stack.resolve(value) as unknown;

const statementsOf = (stack: Stack): Statement[] =>
  (propertiesOf(stack, 'AWS::IAM::Policy') as { readonly PolicyDocument: { readonly Statement: Statement[] } })
    .PolicyDocument.Statement;
const statementWith = (stack: Stack, action: string): Statement | undefined =>
  statementsOf(stack).find(({ Action }) => [Action].flat().includes(action));

test('a server without storage says nothing of it', () => {
  const stack = unbundledStack();
  greetingServer(stack);
  const properties = propertiesOf(stack, RUNTIME);
  expect(properties).not.toHaveProperty('FilesystemConfigurations');
  expect(properties).not.toHaveProperty('CapacityProviderConfiguration');
});

test('session storage needs no permission, and no warning', () => {
  const stack = unbundledStack();
  greetingServer(stack, { storage: [McpStorage.session('/mnt/session')] });
  expect(propertiesOf(stack, RUNTIME).FilesystemConfigurations).toEqual([
    { SessionStorage: { MountPath: '/mnt/session' } },
  ]);
  Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('undocumentedStorage'));
});

test('a bucket is mounted by its prefix, and reached by it alone', () => {
  const stack = unbundledStack();
  greetingServer(stack, {
    storage: [
      McpStorage.s3Bucket(bucketOf(stack), { mountPath: '/mnt/notes', prefix: 'sessions/{runtimeSessionId}/' }),
    ],
  });
  expect(propertiesOf(stack, RUNTIME).FilesystemConfigurations).toEqual([
    { S3BucketMount: { Bucket: 'notes', Prefix: 'sessions/{runtimeSessionId}/', MountPath: '/mnt/notes' } },
  ]);
  expect(statementWith(stack, 's3:ListBucket')).toMatchObject({
    Condition: { StringLike: { 's3:prefix': ['sessions/*/*'] } },
  });
  expect(JSON.stringify(statementWith(stack, 's3:PutObject')?.Resource)).toContain('notes/sessions/*/*');
  Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('S3BucketMount.*only that of the service'));
});

test('a whole bucket, with its key', () => {
  const stack = unbundledStack();
  const bucket = new Bucket(stack, 'Bucket', { encryptionKey: new Key(stack, 'Key') });
  greetingServer(stack, { storage: [McpStorage.s3Bucket(bucket, { mountPath: '/mnt/notes' })] });
  expect(statementWith(stack, 's3:ListBucket')).not.toHaveProperty('Condition');
  expect(statementWith(stack, 'kms:GenerateDataKey')?.Resource).toEqual({
    'Fn::GetAtt': [expect.stringContaining('Key'), 'Arn'],
  });
});

test('a bucket of another account and Region is told as such', () => {
  const stack = new Stack(unbundledStack().node.root, 'Here', {
    env: { account: '111111111111', region: 'eu-west-1' },
  });
  const bucket = Bucket.fromBucketAttributes(stack, 'Bucket', {
    bucketName: 'notes',
    account: '222222222222',
    region: 'us-east-1',
  });
  greetingServer(stack, { storage: [McpStorage.s3Bucket(bucket, { mountPath: '/mnt/notes' })] });
  expect(propertiesOf(stack, RUNTIME).FilesystemConfigurations).toEqual([
    {
      S3BucketMount: {
        Bucket: 'notes',
        S3BucketOwner: '222222222222',
        S3BucketRegion: 'us-east-1',
        MountPath: '/mnt/notes',
      },
    },
  ]);
});

test('Amazon EFS: the role may mount this access point alone, and the server is let in', () => {
  const stack = unbundledStack();
  const vpc = new Vpc(stack, 'Vpc');
  const accessPoint = new FileSystem(stack, 'Files', { vpc }).addAccessPoint('Shared');
  greetingServer(stack, { network: McpNetwork.vpc({ vpc }), storage: [McpStorage.efs(accessPoint, '/mnt/shared')] });
  expect(propertiesOf(stack, RUNTIME).FilesystemConfigurations).toEqual([
    { EfsAccessPoint: { AccessPointArn: resolved(stack, accessPoint.accessPointArn), MountPath: '/mnt/shared' } },
  ]);
  expect(statementWith(stack, 'elasticfilesystem:ClientMount')).toMatchObject({
    Action: ['elasticfilesystem:ClientMount', 'elasticfilesystem:ClientWrite'],
    Condition: {
      StringEquals: { 'elasticfilesystem:AccessPointArn': resolved(stack, accessPoint.accessPointArn) },
    },
  });
  expect(propertiesOf(stack, 'AWS::EC2::SecurityGroupIngress')).toMatchObject({ FromPort: 2049, ToPort: 2049 });
});

test.each([true, false])('Amazon EFS of another stack lets the server in (all outbound: %s)', allowAllOutbound => {
  const stack = unbundledStack();
  const data = new Stack(stack.node.root, 'Data');
  const vpc = new Vpc(data, 'Vpc');
  const files = new FileSystem(data, 'Files', { vpc });
  const accessPoint = files.addAccessPoint('Shared');
  const group = new SecurityGroup(stack, 'Group', { vpc, allowAllOutbound });
  const network = McpNetwork.vpc({ vpc, securityGroups: [group] });
  greetingServer(stack, { network, storage: [McpStorage.efs(accessPoint, '/mnt/shared')] });
  const ports = { FromPort: 2049, ToPort: 2049 };
  expect(propertiesOf(stack, 'AWS::EC2::SecurityGroupIngress')).toMatchObject({
    ...ports,
    GroupId: resolved(stack, files.connections.securityGroups[0]?.securityGroupId ?? ''),
    SourceSecurityGroupId: resolved(stack, group.securityGroupId),
  });
  const template = Template.fromStack(stack);
  template.resourcePropertiesCountIs('AWS::EC2::SecurityGroupEgress', ports, allowAllOutbound ? 0 : 1);
  Template.fromStack(data).resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
  expect(Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('Egress'))).toEqual([]);
});

test('Amazon EFS of another stack lets in a security group that is of another one, too', () => {
  const stack = unbundledStack();
  const data = new Stack(stack.node.root, 'Data');
  const vpc = new Vpc(data, 'Vpc');
  const accessPoint = new FileSystem(data, 'Files', { vpc }).addAccessPoint('Shared');
  const network = McpNetwork.vpc({ vpc, securityGroups: [new SecurityGroup(data, 'Group', { vpc })] });
  greetingServer(stack, { network, storage: [McpStorage.efs(accessPoint, '/mnt/shared')] });
  expect(propertiesOf(data, 'AWS::EC2::SecurityGroupIngress')).toMatchObject({ FromPort: 2049, ToPort: 2049 });
});

test('Amazon S3 Files', () => {
  const stack = unbundledStack();
  const vpc = new Vpc(stack, 'Vpc');
  const accessPoint = new CfnAccessPoint(stack, 'Files', { fileSystemId: 'fs-0123456789abcdef0' });
  greetingServer(stack, {
    network: McpNetwork.vpc({ vpc }),
    storage: [McpStorage.s3AccessPoint(accessPoint, '/mnt/data')],
  });
  expect(statementWith(stack, 's3files:ClientMount')).toMatchObject({
    Resource: { 'Fn::Select': [0, { 'Fn::Split': ['/access-point/', expect.anything()] }] },
    Condition: { StringEquals: { 's3files:AccessPointArn': resolved(stack, accessPoint.attrAccessPointArn) } },
  });
});

test('a capacity provider and a volume of it', () => {
  const stack = unbundledStack();
  const vpc = new Vpc(stack, 'Vpc');
  greetingServer(stack, {
    capacityProvider,
    network: McpNetwork.vpc({ vpc }),
    storage: [McpStorage.capacityProviderVolume('models', '/mnt/models')],
  });
  expect(propertiesOf(stack, RUNTIME)).toMatchObject({
    CapacityProviderConfiguration: { CapacityProviderArn: PROVIDER },
    FilesystemConfigurations: [{ CapacityProviderVolume: { VolumeName: 'models', MountPath: '/mnt/models' } }],
  });
});

test('a file system that has no name here, and one of an own class', () => {
  class Own extends McpStorage {
    public bind(): ReturnType<McpStorage['bind']> {
      return { member: 'SessionStorage', mountPath: '/mnt/own' };
    }
  }
  const stack = unbundledStack();
  greetingServer(stack, {
    storage: [
      new Own(),
      McpStorage.of({
        member: 'New',
        mountPath: '/mnt/new',
        properties: { Name: 'a' },
        policyStatements: [new PolicyStatement({ actions: ['new:Mount'], resources: ['arn:aws:new:::a'] })],
      }),
    ],
  });
  expect(propertiesOf(stack, RUNTIME).FilesystemConfigurations).toEqual([
    { SessionStorage: { MountPath: '/mnt/own' } },
    { New: { Name: 'a', MountPath: '/mnt/new' } },
  ]);
  expect(statementWith(stack, 'new:Mount')).toBeDefined();
});

const failing = (props: Parameters<typeof greetingServer>[1]): string =>
  errorOf(() => greetingServer(unbundledStack(), props));

test.each([
  '/mnt',
  '/mnt/',
  '/mnt/a/b',
  '/data',
  'mnt/a',
  '/mnt/a b',
  '/mnt/..',
  '/mnt/.',
  `/mnt/${'a'.repeat(200)}`,
  '',
])('the path %p is refused', mountPath => {
  expect(failing({ storage: [McpStorage.session(mountPath)] })).toMatch(/`storage\[0\]` has the path .*\/mnt\/data/);
});

test.each(['/mnt/a', '/mnt/a/', '/mnt/a.b_c-d'])('the path %p is taken', mountPath => {
  expect(() => greetingServer(unbundledStack(), { storage: [McpStorage.session(mountPath)] })).not.toThrow();
});

test.each([
  ['member', { member: 'New Thing', mountPath: '/mnt/a' }, '"New Thing"; a name in CloudFormation'],
  ['member', { member: '', mountPath: '/mnt/a' }, '""'],
  ['member', { member: Aws.REGION, mountPath: '/mnt/a' }, 'of letters and digits'],
  [
    'properties',
    { member: 'New', mountPath: '/mnt/a', properties: { [Aws.REGION]: 'a' } },
    'give one such as "AccessP',
  ],
  ['properties', { member: 'New', mountPath: '/mnt/a', properties: { 'a b': 'a' } }, '"a b"; a name in CloudFormation'],
])('a %s by a name that CloudFormation has not is refused', (name, config, message) => {
  const error = failing({ storage: [McpStorage.of(config)] });
  expect(error).toContain(`storage.${name}\``);
  expect(error).toContain(message);
});

test('a name that is nearly that of a member is refused, of what a class makes', () => {
  const config = { member: 'New', mountPath: '/mnt/a', requireVpc: true };
  expect(failing({ storage: [McpStorage.of(config)] })).toContain(
    '`storage.requireVpc` is given, which does not exist',
  );
});

test.each([
  [{}, '`accessPoint` is an object; an IAccessPointRef is allowed'],
  [{ accessPointRef: undefined }, '`accessPoint` is an object; an IAccessPointRef is allowed'],
  [{ accessPointRef: { accessPointArn: 5 } }, '`accessPoint` is an object; an IAccessPointRef is allowed'],
  [
    { accessPointRef: { accessPointArn: 'arn:aws:s3:eu-west-1:123456789012:accesspoint/data' } },
    'the ARN of `accessPoint` is "arn:aws:s3:eu-west-1:123456789012:accesspoint/data"; that of an access point of Amazon S3 Files is',
  ],
])('%j is no access point of Amazon S3 Files', (accessPoint, message) => {
  const storage = [McpStorage.s3AccessPoint(accessPoint as never, '/mnt/a')];
  expect(failing({ storage })).toContain(message);
});

test('what does not go together is refused', () => {
  const other = (path: string): McpStorage => McpStorage.of({ member: 'Other', mountPath: path });
  expect(failing({ storage: ['a', 'b', 'c', 'd', 'e', 'f'].map(name => other(`/mnt/${name}`)) })).toContain(
    '`storage` has 6 file systems; 5 at most are allowed',
  );
  expect(failing({ storage: [other('/mnt/a'), other('/mnt/a/')] })).toContain('`storage` has "/mnt/a" twice');
  expect(failing({ storage: [McpStorage.session('/mnt/a'), McpStorage.session('/mnt/b')] })).toContain(
    '2 session storages',
  );
  expect(failing({ storage: [McpStorage.capacityProviderVolume('v', '/mnt/a')] })).toContain(
    '`capacityProvider` is not given',
  );
  expect(failing({ capacityProvider })).toContain('`network` is no VPC');
  expect(failing({ capacityProvider, storage: [McpStorage.session('/mnt/a')] })).toContain('for microVMs');
});

test('what is reached in a VPC is refused without one', () => {
  const stack = unbundledStack();
  const accessPoint = new FileSystem(stack, 'Files', { vpc: new Vpc(stack, 'Vpc') }).addAccessPoint('Shared');
  expect(errorOf(() => greetingServer(stack, { storage: [McpStorage.efs(accessPoint, '/mnt/shared')] }))).toContain(
    '`storage` has "/mnt/shared", which is reached in a VPC',
  );
});

test('an imported access point that does not know its file system is refused', () => {
  const stack = unbundledStack();
  const vpc = new Vpc(stack, 'Vpc');
  const accessPoint = AccessPoint.fromAccessPointId(stack, 'Shared', 'fsap-1234567890abcdef0');
  expect(
    errorOf(() =>
      greetingServer(stack, {
        network: McpNetwork.vpc({ vpc }),
        storage: [McpStorage.efs(accessPoint, '/mnt/shared')],
      }),
    ),
  ).toContain('does not know its file system');
});

test.each(['', '/a', 'a b', 'a{sessionId}/', '{runtimeSessionId', 'a}', 'a'.repeat(1025)])(
  'the prefix %p is refused',
  prefix => {
    const stack = unbundledStack();
    const storage = [McpStorage.s3Bucket(bucketOf(stack), { mountPath: '/mnt/a', prefix })];
    expect(errorOf(() => greetingServer(stack, { storage }))).toContain('`prefix` is');
  },
);

test('the name of a volume and the ARN of a capacity provider are checked', () => {
  const stack = unbundledStack();
  const network = McpNetwork.vpc({ vpc: new Vpc(stack, 'Vpc') });
  const storage = [McpStorage.capacityProviderVolume('1st', '/mnt/a')];
  expect(errorOf(() => greetingServer(stack, { network, capacityProvider, storage }))).toContain(
    '`volumeName` is "1st"',
  );
  expect(errorOf(() => McpCapacityProvider.fromCapacityProviderArn('gpu'))).toContain('`capacityProviderArn` is "gpu"');
});

test.each([
  ['volumeName', undefined, '/mnt/a'],
  ['volumeName', 5, '/mnt/a'],
  ['mountPath', 'models', null],
])('a volume without a text as its `%s` is refused by that name', (name, volumeName, mountPath) => {
  const storage = [McpStorage.capacityProviderVolume(volumeName as never, mountPath as never)];
  expect(errorOf(() => greetingServer(unbundledStack(), { capacityProvider, storage }))).toMatch(
    new RegExp(`^\\[Stack/Server\\] \`${name}\` is \\w+; a string is allowed`),
  );
});

test('hooks are not for Instances', () => {
  const stack = unbundledStack();
  greetingServer(stack, {
    capacityProvider,
    network: McpNetwork.vpc({ vpc: new Vpc(stack, 'Vpc') }),
    platformVersion: McpPlatformVersion.V2,
    warmup: McpWarmup.httpPost({ path: '/warmup' }),
  });
  expect(errorOf(() => (stack.node.root as never as { synth(): void }).synth())).toContain('hooks are for microVMs');
});
