import path from 'node:path';
import { Duration, RemovalPolicy, Token, Validations, type Size } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { Role, ServicePrincipal, type IRole, type PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function, Runtime, RuntimeFamily } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { DeploymentFunctionProps } from '../../deployment/deployment-function-props';
import { key, retention, role, securityGroup, subnetSelection, vpc } from '../common/cdk-kinds';
import { refuse } from '../common/construct-error';
import { kind, like, listOf, optional, options, type Kinds } from '../common/kinds';
import { regionProblems } from '../platform/same-region';
import { warnOfRole, type RoleUse } from '../permissions/role-warnings';
import { functionPropProblems } from './deployment-function-problems';
import { DeploymentPolicies } from './deployment-policies';

/** Relative to the sources and to what is published, which lie at the same depth. */
const HANDLERS = path.join(__dirname, '../../..', 'assets');

/** The longest that a function can run: https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html */
const TIMEOUT = Duration.minutes(15);

/** The props of the public constructs, each of which documents the first two. */
interface FunctionProps extends DeploymentFunctionProps {
  readonly role?: IRole;
  readonly vpc?: IVpc;
}

export interface DeploymentFunctionOptions {
  /** The directory of its program among the assets. */
  readonly handler: string;
  readonly description: string;
  /** What its role is for. */
  readonly use: RoleUse;
  readonly ephemeralStorageSize?: Size;
  /** What it needs whatever it is called for, beside its log. */
  readonly statements: readonly PolicyStatement[];
  /** Why its policy has wildcards. */
  readonly wildcards: Readonly<Record<string, string>>;
  /** What it is granted things for, in the ids of the policies that have those grants. */
  readonly purpose: string;
}

const QUEUE = like('IQueue', ['queueArn', 'queueUrl', 'grantSendMessages()'], 'give a `Queue` of aws-sqs');

const PROPS: Kinds<FunctionProps> = {
  role: optional(role),
  vpc: optional(vpc),
  vpcSubnets: optional(subnetSelection),
  securityGroups: optional(listOf(securityGroup, 'security groups')),
  encryptionKey: optional(key),
  logRetention: optional(retention),
  logGroup: optional(
    like('ILogGroup', ['logGroupArn', 'logGroupName', 'grantWrite()'], 'give a `LogGroup` of aws-logs'),
  ),
  reservedConcurrentExecutions: optional(
    kind(
      'a whole number from 1',
      'give one',
      value =>
        (typeof value === 'number' && Token.isUnresolved(value)) || (Number.isSafeInteger(value) && Number(value) > 0),
    ),
  ),
  deadLetterQueue: optional(QUEUE),
};

/** A function that CloudFormation calls during a deployment, with its log, its role and its policies. */
export class DeploymentFunction {
  public readonly function: Function;
  public readonly role: IRole;
  public readonly policies: DeploymentPolicies;

  /** @param scope - the public construct, in which all is made */
  public constructor(scope: Construct, props: FunctionProps | undefined, made: DeploymentFunctionOptions) {
    refuse(scope, optional(options(PROPS, { open: true }))(props, 'props'));
    const { encryptionKey, reservedConcurrentExecutions, deadLetterQueue, vpc: ownVpc } = props ?? {};
    const network = { vpcSubnets: props?.vpcSubnets, securityGroups: props?.securityGroups };
    refuse(scope, functionPropProblems(props ?? {}));
    refuse(scope, regionProblems(scope, { vpc: ownVpc, encryptionKey, logGroup: props?.logGroup }));

    const { handler, description, use, ephemeralStorageSize, statements, wildcards, purpose } = made;
    const logGroup =
      props?.logGroup ??
      new LogGroup(scope, 'LogGroup', {
        retention: props?.logRetention ?? RetentionDays.ONE_MONTH,
        encryptionKey,
        removalPolicy: RemovalPolicy.DESTROY,
      });
    this.role = props?.role ?? new Role(scope, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    const inVpc = ownVpc !== undefined;
    this.policies = new DeploymentPolicies(scope, this.role, { logGroup, inVpc, statements, wildcards, purpose });
    warnOfRole(scope, props?.role, this.policies.own.isLost, use);

    this.function = new Function(scope, 'Function', {
      description,
      code: Code.fromAsset(path.join(HANDLERS, handler)),
      handler: 'index.handler',
      // The constant would raise the version of the CDK that is needed.
      runtime: new Runtime('nodejs22.x', RuntimeFamily.NODEJS),
      architecture: Architecture.ARM_64,
      // One whole CPU for hashing, compressing and TLS:
      // https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
      memorySize: 1769,
      timeout: TIMEOUT,
      ephemeralStorageSize,
      role: this.role,
      logGroup,
      vpc: ownVpc,
      ...network,
      reservedConcurrentExecutions,
      deadLetterQueue,
    });
    // AWS Lambda makes the network interfaces by the permissions of the role.
    this.function.node.addDependency(this.policies.own);

    Validations.of(this.function).acknowledge({
      id: 'AwsSolutions-L1',
      reason: 'the handler is built for and tested with the Node.js version that the function names',
    });
  }
}
