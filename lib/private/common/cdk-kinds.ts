import { RemovalPolicy, type Duration } from 'aws-cdk-lib';
import type { LoggingConfig } from 'aws-cdk-lib/aws-bedrockagentcore';
import { SubnetType, type SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { article, hasMember, isPlainObject, kind, like, listOf, options, type Kind } from './kinds';

// Objects of the CDK that props take. They are told by what they can do: an app may have two copies of the CDK.

/** An object that can do too little to be told by it: its class is told by what that can make. */
function madeBy(name: string, made: string, advice: string): Kind {
  return kind(
    article(name),
    advice,
    value => typeof value === 'object' && hasMember(memberOf(value, 'constructor'), made),
  );
}

const DURATION = like('Duration', ['toSeconds()', 'isUnresolved()'], 'make one with `Duration.minutes(...)`');

/** A number that is none makes a duration, too, which fails when it is converted, without its name. */
export const duration: Kind = (value, name) => {
  const problems = DURATION(value, name);
  return problems.length > 0 || (value as Duration).isUnresolved() || Number.isFinite(secondsOf(value as Duration))
    ? problems
    : [`\`${name}\` is ${secondsOf(value as Duration)} seconds; a duration with an end is allowed: give one`];
};

/** With a fraction, which `toSeconds()` alone refuses without the name of the duration. */
export function secondsOf(known: Duration): number {
  return known.toSeconds({ integral: false });
}

/** CloudFormation does not multiply. */
export function unconvertedProblems(prop: string, duration: Duration | undefined): string[] {
  return duration?.isUnresolved() === true && duration.unitLabel() !== 'seconds'
    ? [
        `\`${prop}\` is an unresolved token in ${duration.unitLabel()}, which cannot be converted before the deployment; a token in seconds is allowed: make it with Duration.seconds(...)`,
      ]
    : [];
}

export const construct = kind('a construct', 'pass `this` of the stack', value =>
  hasMember(memberOf(value, 'node'), 'scopes'),
);
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
export const interpreter = madeBy('AgentCoreRuntime', 'PYTHON_3_13', 'give one such as `AgentCoreRuntime.PYTHON_3_13`');
export const artifact = like(
  'AgentRuntimeArtifact',
  ['bind()', '_render()'],
  'make one with `AgentRuntimeArtifact.fromImageUri(...)`',
);
export const authorizer = madeBy(
  'RuntimeAuthorizerConfiguration',
  'usingJWT()',
  'make one with `RuntimeAuthorizerConfiguration.usingJWT(...)`',
);
export const customClaim = madeBy(
  'RuntimeCustomClaim',
  'withStringValue()',
  'make one with `RuntimeCustomClaim.withStringValue(...)`',
);
export const userPool = like('IUserPool', ['userPoolId', 'userPoolArn'], 'give a `UserPool` of aws-cognito');
export const userPoolDomain = like('IUserPoolDomain', ['domainName', 'node'], 'give a `UserPoolDomain` of aws-cognito');
export const userPoolClient = like('IUserPoolClient', ['userPoolClientId'], 'give a `UserPoolClient` of aws-cognito');
export const identityProvider = madeBy(
  'UserPoolClientIdentityProvider',
  'COGNITO',
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
function areSubnets(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && Array.from(value).every(one => hasMember(one, 'subnetId')));
}

const CHOICES = ['subnetType', 'availabilityZones', 'subnetGroupName', 'subnetFilters', 'subnets', 'onePerAz'];
export const subnetSelection = kind(
  'a SubnetSelection',
  'give one such as `{ subnetType: SubnetType.PRIVATE_WITH_EGRESS }`',
  value =>
    (isPlainObject(value) || CHOICES.some(choice => hasMember(value, choice))) &&
    Object.keys(value as object).every(member => CHOICES.includes(member)) &&
    [undefined, ...Object.values(SubnetType)].includes((value as SubnetSelection).subnetType) &&
    areSubnets((value as SubnetSelection).subnets),
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
export const logType = madeBy('LogType', 'APPLICATION_LOGS', 'give one such as `LogType.APPLICATION_LOGS`');
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

export function isTextIn(value: unknown, member: string, name: string): boolean {
  return typeof memberOf(memberOf(value, member), name) === 'string';
}
