import { type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { ImageAssembler, McpLogging, McpServerCode, Packaging, type ImageAssemblerProps } from '../../../lib';
import { errorOf, greetingServer, GREETING_SERVER, propertiesOf, unbundledStack } from '../fixtures/stacks';

const FUNCTION = 'AWS::Lambda::Function';

/** A server whose image is assembled by one that the app has made. */
function stackWith(props: (stack: Stack) => ImageAssemblerProps): { stack: Stack; assembler: ImageAssembler } {
  const stack = unbundledStack();
  const assembler = new ImageAssembler(stack, 'Assembler', props(stack));
  greetingServer(stack, {
    code: McpServerCode.fromTypeScript(GREETING_SERVER, { packaging: Packaging.image({ assembler }) }),
    logging: McpLogging.none(),
  });
  return { stack, assembler };
}

test('the one of an app has the id that the app gives it, and there is no other one', () => {
  const { stack, assembler } = stackWith(() => ({}));
  expect(assembler.node.path).toBe('Stack/Assembler');
  expect(stack.node.tryFindChild('StatefulMcpImageAssemblerV1')).toBeUndefined();
  expect(propertiesOf(stack, 'Custom::ImageAssembly').ServiceToken).toEqual(
    stack.resolve(assembler.function.functionArn),
  );
});

test('it runs in a VPC, in the subnets and security groups that it is given', () => {
  const { stack } = stackWith(scope => {
    const vpc = new Vpc(scope, 'Vpc', {
      subnetConfiguration: [{ name: 'isolated', subnetType: SubnetType.PRIVATE_ISOLATED }],
    });
    const securityGroups = [new SecurityGroup(scope, 'Group', { vpc })];
    return { vpc, vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED }, securityGroups };
  });
  const { VpcConfig } = propertiesOf(stack, FUNCTION) as { VpcConfig: Record<string, unknown[]> };
  expect(VpcConfig.SubnetIds).toHaveLength(2);
  expect(VpcConfig.SecurityGroupIds).toEqual([{ 'Fn::GetAtt': [expect.stringMatching(/^Group/), 'GroupId'] }]);
  expect(JSON.stringify(Template.fromStack(stack).findResources('AWS::IAM::Policy'))).toContain(
    'ec2:CreateNetworkInterface',
  );
});

test('its log is encrypted with a key, and kept as long as it is told', () => {
  const { stack } = stackWith(scope => ({
    encryptionKey: new Key(scope, 'Key'),
    logRetention: RetentionDays.ONE_YEAR,
  }));
  expect(propertiesOf(stack, 'AWS::Logs::LogGroup')).toMatchObject({
    RetentionInDays: 365,
    KmsKeyId: { 'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'] },
  });
});

test('it runs as the role that it is given, which gets the permissions', () => {
  const { stack, assembler } = stackWith(scope => ({
    role: new Role(scope, 'Own', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }),
  }));
  const own = stack.resolve(assembler.role.roleArn) as unknown;
  expect(propertiesOf(stack, FUNCTION).Role).toEqual(own);
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
    Roles: [{ Ref: Match.stringLikeRegexp('^Own') }],
    PolicyDocument: {
      Statement: Match.arrayWith([Match.objectLike({ Action: 'ecr:GetAuthorizationToken' })]),
    },
  });
});

test.each(['vpcSubnets', 'securityGroups'])('`%s` without a VPC are refused', name => {
  const value = name === 'vpcSubnets' ? {} : [];
  expect(errorOf(() => stackWith(() => ({ [name]: value })))).toBe(
    `[Stack/Assembler] \`${name}\` is given without \`vpc\`: give the VPC, too`,
  );
});
