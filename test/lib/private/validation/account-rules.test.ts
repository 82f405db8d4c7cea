import { CfnResource, type Stack } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnLogGroup, LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { findings, l1, newStack, runtime } from '../../fixtures/plain-runtimes';
import { removeProjects } from '../../fixtures/projects';

afterEach(removeProjects);

describe('wildcardRole', () => {
  const roleOf = (stack: Stack): Role =>
    new Role(stack, 'Role', { assumedBy: new ServicePrincipal('bedrock-agentcore.amazonaws.com') });
  const allowing = (statement: PolicyStatement): string[] => {
    const stack = newStack();
    const executionRole = roleOf(stack);
    executionRole.addToPolicy(statement);
    l1(stack, { roleArn: executionRole.roleArn });
    return findings(stack);
  };

  test.each([
    [['*'], 'arn:aws:s3:::bucket'],
    [['bedrock-agentcore:*'], 'arn:aws:bedrock-agentcore:us-east-1:123456789012:runtime/a'],
    [['bedrock-agentcore:InvokeAgentRuntime'], '*'],
    [['iam:PassRole'], '*'],
  ])('%j on %s', (actions, resource) => {
    expect(allowing(new PolicyStatement({ actions, resources: [resource] }))).toEqual([
      'wildcardRole Properties/PolicyDocument/Statement/0',
    ]);
  });

  test('everything but an action', () => {
    expect(allowing(new PolicyStatement({ notActions: ['s3:DeleteBucket'], resources: ['*'] }))).toHaveLength(1);
  });

  test.each([
    [['iam:PassRole'], 'arn:aws:iam::123456789012:role/tool'],
    [['xray:PutTraceSegments'], '*'],
    [['s3:*'], 'arn:aws:s3:::bucket/*'],
  ])('not %j on %s', (actions, resource) => {
    expect(allowing(new PolicyStatement({ actions, resources: [resource] }))).toEqual([]);
  });

  test('a managed policy for administrators, and one in the role', () => {
    const stack = newStack();
    const role = new Role(stack, 'Role', {
      assumedBy: new ServicePrincipal('bedrock-agentcore.amazonaws.com'),
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('AdministratorAccess')],
    });
    new ManagedPolicy(stack, 'Policy', {
      roles: [role],
      statements: [new PolicyStatement({ actions: ['iam:*'], resources: ['*'] })],
    });
    l1(stack, { roleArn: role.roleArn });
    expect(findings(stack)).toEqual([
      'wildcardRole Properties/ManagedPolicyArns/0',
      'wildcardRole Properties/PolicyDocument/Statement/0',
    ]);
  });

  test('not the role of something else', () => {
    const stack = newStack();
    roleOf(stack).addToPolicy(new PolicyStatement({ actions: ['*'], resources: ['*'] }));
    runtime(stack);
    expect(findings(stack)).toEqual([]);
  });
});

describe('logRetention', () => {
  test('a log group that a runtime delivers to, or one of its own name', () => {
    const stack = newStack();
    runtime(stack);
    for (const name of ['/aws/vendedlogs/bedrock-agentcore/runtime/x', '/aws/bedrock-agentcore/runtimes/plain']) {
      new CfnLogGroup(stack, `Logs${name.length}`, { logGroupName: name });
    }
    expect(findings(stack)).toEqual(Array(2).fill('logRetention Properties/RetentionInDays'));
  });

  test('of the L2 construct', () => {
    const stack = newStack();
    const other = (id: string, retention: RetentionDays): LogGroup => new LogGroup(stack, id, { retention });
    const plain = runtime(stack);
    for (const [id, retention] of [
      ['Infinite', RetentionDays.INFINITE],
      ['Month', RetentionDays.ONE_MONTH],
    ] as const) {
      const name = `plain-${id}`;
      new CfnResource(stack, `${id}Source`, {
        type: 'AWS::Logs::DeliverySource',
        properties: { Name: name, LogType: 'USAGE_LOGS', ResourceArn: plain.agentRuntimeArn },
      });
      const destination = new CfnResource(stack, `${id}Destination`, {
        type: 'AWS::Logs::DeliveryDestination',
        properties: { Name: name, DestinationResourceArn: other(id, retention).logGroupArn },
      });
      new CfnResource(stack, `${id}Delivery`, {
        type: 'AWS::Logs::Delivery',
        properties: { DeliverySourceName: name, DeliveryDestinationArn: destination.getAtt('Arn') },
      });
    }
    expect(findings(stack)).toEqual(['logRetention Properties/RetentionInDays']);
  });

  test('not one of something else', () => {
    const stack = newStack();
    runtime(stack);
    new LogGroup(stack, 'Other', { retention: RetentionDays.INFINITE });
    expect(findings(stack)).toEqual([]);
  });
});
