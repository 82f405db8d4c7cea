import { App, Aws, CfnCondition, CfnParameter, Fn, Stack, Validations, type Environment } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Bucket, BucketEncryption, type IBucket } from 'aws-cdk-lib/aws-s3';
import type { IConstruct } from 'constructs';
import { McpStorage } from '../../../../lib';
import { nagFindings } from '../../fixtures/cdk-nag';
import { greetingServer } from '../../fixtures/stacks';

const ENVIRONMENTS: [string, Environment | undefined, Record<string, unknown>][] = [
  ['an environment-agnostic stack', undefined, {}],
  ['a stack of a known environment', { account: '123456789012', region: 'us-west-2' }, {}],
  [
    'a stack of a known environment and partition',
    { account: '123456789012', region: 'cn-north-1' },
    { '@aws-cdk/core:enablePartitionLiterals': true },
  ],
];

describe.each(ENVIRONMENTS)('in %s', (_case, env, context) => {
  const newStack = (): Stack =>
    new Stack(new App({ context: { 'aws:cdk:bundling-stacks': [], ...context } }), 'Stack', { env });

  test('cdk-nag finds nothing in a server', () => {
    const stack = newStack();
    greetingServer(stack);
    expect(nagFindings(stack)).toEqual([]);
  });

  test('cdk-nag finds nothing in a server with a role of its own', () => {
    const stack = newStack();
    greetingServer(stack, {
      role: new Role(stack, 'Role', { assumedBy: new ServicePrincipal('bedrock-agentcore.amazonaws.com') }),
    });
    expect(nagFindings(stack)).toEqual([]);
  });

  test('cdk-nag still finds a wildcard that the user adds', () => {
    const stack = newStack();
    greetingServer(stack).role.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['s3:*'], resources: ['arn:aws:s3:::bucket/*'] }),
    );
    expect(nagFindings(stack)).toEqual([
      'AwsSolutions-IAM5[Action::s3:*]',
      'AwsSolutions-IAM5[Resource::arn:aws:s3:::bucket/*]',
    ]);
  });
});

test('a role that was passed in keeps all of its own findings, those with `*` too', () => {
  const stack = new Stack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'Stack');
  const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('bedrock-agentcore.amazonaws.com') });
  role.addToPolicy(new PolicyStatement({ actions: ['ec2:DescribeRegions'], resources: ['*'] }));
  greetingServer(stack, { role });
  expect(nagFindings(stack)).toEqual(['AwsSolutions-IAM5[Resource::*]']);
  expect(acknowledgedBy(role)).toEqual([]);
});

test('a role that was made keeps the findings in what its owner grants, those with `*` too', () => {
  const stack = new Stack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'Stack');
  const { role } = greetingServer(stack);
  role.addToPrincipalPolicy(new PolicyStatement({ actions: ['ec2:DescribeRegions'], resources: ['*'] }));
  expect(nagFindings(stack)).toEqual(['AwsSolutions-IAM5[Resource::*]']);
});

const BUCKETS: [string, (stack: Stack, other: Stack) => IBucket][] = [
  ['of the same stack', stack => new Bucket(stack, 'Bucket')],
  ['of the same stack, with a key', stack => new Bucket(stack, 'Bucket', { encryption: BucketEncryption.KMS })],
  ['of another stack', (_stack, other) => new Bucket(other, 'Bucket')],
  ['by an imported name', stack => Bucket.fromBucketName(stack, 'Bucket', Fn.importValue('notes'))],
  ['by an imported ARN', stack => Bucket.fromBucketArn(stack, 'Bucket', Fn.importValue('notes'))],
  ['by a parameter', stack => Bucket.fromBucketName(stack, 'Bucket', new CfnParameter(stack, 'Name').valueAsString)],
];

test.each(BUCKETS)('cdk-nag finds nothing in a server with a bucket %s', (_kind, bucketOf) => {
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
  const stack = new Stack(app, 'Stack');
  const bucket = bucketOf(stack, new Stack(app, 'Other'));
  const { node } = greetingServer(stack, { storage: [McpStorage.s3Bucket(bucket, { mountPath: '/mnt/notes' })] });
  app.synth();
  expect(nagFindings(node.findChild('Policy'))).toEqual([]);
});

test.each<[string, (stack: Stack) => string]>([
  ['imported', () => Fn.importValue('name')],
  ['a part of a text', () => `a_${Fn.select(0, Fn.split('-', Aws.REGION))}`],
  ['one or another', stack => Fn.conditionIf(new CfnCondition(stack, 'Condition').logicalId, 'one', 'two').toString()],
])('cdk-nag finds nothing in a server whose name is %s', (_kind, nameOf) => {
  const stack = new Stack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'Stack');
  greetingServer(stack, { runtimeName: nameOf(stack) });
  expect(nagFindings(stack)).toEqual([]);
});

test('every acknowledgment gives a reason', () => {
  const server = greetingServer(new Stack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'Stack'));
  const policy = server.node.findChild('Policy');
  const reasons = acknowledgedBy(policy);
  expect(reasons).toHaveLength(6);
  const before = policy.node.metadata.length;
  (server.node.root as App).synth();
  expect(policy.node.metadata).toHaveLength(before);
  for (const [finding, reason] of reasons) {
    expect(finding).toMatch(/^AwsSolutions-IAM5\[Resource::.*\*(?:\.zip)?\]$/);
    expect(reason.length).toBeGreaterThan(20);
  }
});

/** The last entry counts, and has what the ones before it have. */
function acknowledgedBy({ node }: IConstruct): [string, string][] {
  const entries = node.metadata.filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY);
  return Object.entries((entries.at(-1)?.data ?? {}) as Record<string, string>);
}
