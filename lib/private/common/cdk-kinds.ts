import { RemovalPolicy } from 'aws-cdk-lib';
import type { LoggingConfig } from 'aws-cdk-lib/aws-bedrockagentcore';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { hasMember, kind, like, listOf, options } from './kinds';

// Objects of the CDK that props take. They are told by what they can do: an app may have two copies of the CDK.

export const duration = like('Duration', ['toSeconds()', 'isUnresolved()'], 'make one with `Duration.minutes(...)`');
export const role = like(
  'IRole',
  ['roleArn', 'addToPrincipalPolicy()', 'attachInlinePolicy()', 'node'],
  'give a `Role` of aws-iam',
);
export const repository = like(
  'IRepository',
  ['repositoryArn', 'repositoryUriForTagOrDigest()'],
  'give a `Repository` of aws-ecr, such as `Repository.fromRepositoryName(...)`',
);
export const key = kind('an IKeyRef', 'give a `Key` of aws-kms, such as `Key.fromKeyArn(...)`', value =>
  isTextIn(value, 'keyRef', 'keyArn'),
);
export const interpreter = like('AgentCoreRuntime', ['value'], 'give one such as `AgentCoreRuntime.PYTHON_3_13`');
export const artifact = like(
  'AgentRuntimeArtifact',
  ['bind()', '_render()'],
  'make one with `AgentRuntimeArtifact.fromImageUri(...)`',
);
/** Networks and artifacts of the L2 are rendered by a method of the same name. */
export const authorizer = kind(
  'a RuntimeAuthorizerConfiguration',
  'make one with `RuntimeAuthorizerConfiguration.usingJWT(...)`',
  value => hasMember(value, '_render()') && !hasMember(value, 'networkMode') && !hasMember(value, 'bind()'),
);
export const customClaim = like(
  'RuntimeCustomClaim',
  ['_render()'],
  'make one with `RuntimeCustomClaim.withStringValue(...)`',
);
export const userPool = like('IUserPool', ['userPoolId', 'userPoolArn'], 'give a `UserPool` of aws-cognito');
export const userPoolDomain = like('IUserPoolDomain', ['domainName', 'node'], 'give a `UserPoolDomain` of aws-cognito');
export const userPoolClient = like('IUserPoolClient', ['userPoolClientId'], 'give a `UserPoolClient` of aws-cognito');
export const identityProvider = like(
  'UserPoolClientIdentityProvider',
  ['name'],
  'give one such as `UserPoolClientIdentityProvider.COGNITO`',
);
export const principal = like(
  'IPrincipal',
  ['policyFragment', 'assumeRoleAction'],
  'give one such as `new AccountPrincipal(...)`',
);
export const policyStatement = like(
  'PolicyStatement',
  ['toStatementJson', 'hasPrincipal'],
  'make one with `new PolicyStatement(...)` of aws-iam',
);
const CHOICES = ['subnetType', 'availabilityZones', 'subnetGroupName', 'subnetFilters', 'subnets', 'onePerAz'];
export const subnetSelection = kind(
  'a SubnetSelection',
  'give one such as `{ subnetType: SubnetType.PRIVATE_WITH_EGRESS }`',
  value => typeof value === 'object' && value !== null && CHOICES.some(choice => choice in value),
);
export const prefixList = like('IPrefixList', ['prefixListId'], 'give one such as `PrefixList.fromPrefixListId(...)`');
export const networkConfiguration = like(
  'RuntimeNetworkConfiguration',
  ['networkMode', '_render()'],
  'make one with `RuntimeNetworkConfiguration.usingVpc(...)`',
);
export const size = like('Size', ['toMebibytes()', 'isUnresolved()'], 'make one with `Size.mebibytes(...)`');
export const loggingDestination = like(
  'LoggingDestination',
  ['_bind()'],
  'make one with `LoggingDestination.cloudWatchLogs(...)`',
);
export const logType = like('LogType', ['value'], 'give one such as `LogType.APPLICATION_LOGS`');
export const runtime = kind(
  'an IRuntimeRef',
  'give a `Runtime` of aws-bedrockagentcore',
  value => hasMember(value, 'env') && isTextIn(value, 'runtimeRef', 'agentRuntimeArn'),
);
export const runtimeEndpoint = kind(
  'an IRuntimeEndpointRef',
  'give a `RuntimeEndpoint` of aws-bedrockagentcore',
  value => hasMember(value, 'env') && isTextIn(value, 'runtimeEndpointRef', 'agentRuntimeEndpointArn'),
);
export const grantee = kind('an IGrantable', 'give what has a role, such as a `Role` or a `Function`', value =>
  hasMember(memberOf(value, 'grantPrincipal'), 'addToPrincipalPolicy()'),
);
export const vpc = like('IVpc', ['vpcId', 'selectSubnets()'], 'give a `Vpc` of aws-ec2');
export const securityGroup = like('ISecurityGroup', ['securityGroupId'], 'give a `SecurityGroup` of aws-ec2');

/** The value is not shown. */
export const secret = (value: unknown, name: string): string[] =>
  hasMember(value, 'unsafeUnwrap()') && hasMember(value, 'resolve()')
    ? []
    : [`\`${name}\` is no SecretValue: give that of a secret, \`secret.secretValue\``];

/** Neither repositories nor log groups have snapshots. */
export const removalPolicy = kind(
  'a RemovalPolicy other than SNAPSHOT',
  'give one such as `RemovalPolicy.DESTROY`',
  value => value !== RemovalPolicy.SNAPSHOT && Object.values(RemovalPolicy).includes(value as RemovalPolicy),
);

export const retention = kind(
  'a RetentionDays',
  'give one such as `RetentionDays.ONE_MONTH`',
  value => typeof value === 'number' && Object.values(RetentionDays).includes(value),
);
export const loggingConfigs = listOf(
  options<LoggingConfig>({ logType, destination: loggingDestination }, { nested: true }),
  'logging configurations',
);
export const topic = like('ITopic', ['topicArn'], 'give a `Topic` of aws-sns');

export function memberOf(value: unknown, member: string): unknown {
  return hasMember(value, member) ? (value as Record<string, unknown>)[member] : undefined;
}

function isTextIn(value: unknown, member: string, name: string): boolean {
  return typeof memberOf(memberOf(value, member), name) === 'string';
}
