import path from 'node:path';
import { Duration, RemovalPolicy, Size, Stack, Token, Validations } from 'aws-cdk-lib';
import { SubnetType, type ISecurityGroup, type IVpc, type SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { Role, ServicePrincipal, type IRole } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Architecture, Code, Function, Runtime, RuntimeFamily } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays, type ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { key, retention, role, securityGroup, vpc } from '../private/common/cdk-kinds';
import { refuse } from '../private/common/construct-error';
import { instanceOf, kind, like, listOf, optional, options, type Kinds } from '../private/common/kinds';
import { AssemblerPolicies } from '../private/image/assembler-policies';
import { assemblerPropProblems } from '../private/image/assembler-problems';
import { ASSEMBLER_ROLE, warnOfMissingTrust, warnOfUnchangeableRole } from '../private/permissions/role-warnings';

/** Relative to the sources and to what is published, which lie at the same depth. */
const HANDLER = path.join(__dirname, '../..', 'assets', 'image-assembler');

/** The number is that of the contract between the construct and the function: another one is another function. */
const DEFAULT_ID = 'StatefulMcpImageAssemblerV1';

const OWN_ID =
  'give what has this id in the stack another one, or name an assembler by `Packaging.image({ assembler })`';

/** The longest that a function can run: https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html */
const TIMEOUT = Duration.minutes(15);

/**
 * Properties of an `ImageAssembler`.
 */
export interface ImageAssemblerProps {
  /**
   * The role of the function. One of your own must trust `lambda.amazonaws.com`, and gets inline policies beside those
   * that it has; one that may not be changed gets none. A warning says so in both cases.
   *
   * It needs to write the log group, `ecr:GetAuthorizationToken`, `s3:GetObject` on the bucket for assets, and to push
   * to the repositories of the servers. Their names begin with that of their stack. In a VPC it also needs to manage
   * network interfaces.
   *
   * @default - a role with these permissions and no others
   */
  readonly role?: IRole;

  /**
   * The VPC that the function runs in. From there it must reach Amazon S3, Amazon ECR, the registries of the base
   * images, and CloudFormation's bucket for responses. It does so by a NAT gateway, or by endpoints and a base image in
   * Amazon ECR.
   *
   * @default - the function is in no VPC, and reaches the internet
   */
  readonly vpc?: IVpc;

  /**
   * The subnets of `vpc` that the function runs in. Public ones are refused: from there, a function reaches nothing.
   *
   * @default - the private subnets
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * The security groups of the function in `vpc`. It calls out by HTTPS and is not called.
   *
   * @default - a new one, from which all is allowed out
   */
  readonly securityGroups?: ISecurityGroup[];

  /**
   * The key of AWS KMS that the log group is encrypted with. Its policy must allow it to Amazon CloudWatch Logs.
   *
   * @default - a key of Amazon CloudWatch Logs
   */
  readonly encryptionKey?: IKey;

  /**
   * How long the log is kept.
   *
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;

  /**
   * The log group, in place of a new one. `encryptionKey` and `logRetention` are then its own affair, and refused here.
   *
   * @default - a new log group, which is deleted with the stack
   */
  readonly logGroup?: ILogGroup;

  /**
   * How many images are assembled at a time, 1 or more. Deployments that wait are tried again by AWS Lambda.
   *
   * @default - as many as the account has room for
   */
  readonly reservedConcurrentExecutions?: number;

  /**
   * The queue for calls of CloudFormation that the function failed to take. It must not be a FIFO queue.
   *
   * @default - none: CloudFormation sees a failure itself
   */
  readonly deadLetterQueue?: IQueue;
}

const QUEUE = like('IQueue', ['queueArn', 'queueUrl', 'grantSendMessages()'], 'give a `Queue` of aws-sqs');

const SELECTION = ['subnetType', 'subnetGroupName', 'subnets', 'subnetFilters', 'availabilityZones', 'onePerAz'];

const PROPS: Kinds<ImageAssemblerProps> = {
  role: optional(role),
  vpc: optional(vpc),
  vpcSubnets: optional(
    kind(
      'a SubnetSelection',
      'give an object such as `{ subnetType: SubnetType.PRIVATE_ISOLATED }`',
      value =>
        typeof value === 'object' &&
        value !== null &&
        Object.keys(value).every(member => SELECTION.includes(member)) &&
        [undefined, ...Object.values(SubnetType)].includes((value as SubnetSelection).subnetType),
    ),
  ),
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

/**
 * The function that assembles the images of servers during a deployment, for `Packaging.image()`.
 *
 * Each stack with such a server gets one. In an account with rules of its own, make one for the whole app, and name it
 * in `Packaging.image({ assembler })`. Give it the role, the network, the key and the log retention that the rules ask
 * for. Servers of other stacks may use it, in the same account and Region.
 */
export class ImageAssembler extends Construct {
  /**
   * The one of a stack, for servers whose packaging names none. It is made when it is asked for first.
   *
   * @param scope - any construct of the stack
   */
  public static of(scope: Construct): ImageAssembler {
    const stack = Stack.of(scope);
    const found = stack.node.tryFindChild(DEFAULT_ID);
    refuse(stack, optional(instanceOf('ImageAssembler', () => ImageAssembler, OWN_ID, []))(found, DEFAULT_ID));
    // eslint-disable-next-line cdk/no-variable-construct-id -- it is looked up by the same id
    return (found as ImageAssembler | undefined) ?? new ImageAssembler(stack, DEFAULT_ID);
  }

  /**
   * The function.
   */
  public readonly function: Function;

  /**
   * The role of the function.
   */
  public readonly role: IRole;

  private readonly policies: AssemblerPolicies;

  public constructor(scope: Construct, id: string, props?: ImageAssemblerProps) {
    super(scope, id);

    refuse(this, optional(options(PROPS, { open: true }))(props, 'props'));
    const { encryptionKey, reservedConcurrentExecutions, deadLetterQueue, vpc: ownVpc } = props ?? {};
    const network = { vpcSubnets: props?.vpcSubnets, securityGroups: props?.securityGroups };
    refuse(this, assemblerPropProblems(props ?? {}));

    const logGroup =
      props?.logGroup ??
      new LogGroup(this, 'LogGroup', {
        retention: props?.logRetention ?? RetentionDays.ONE_MONTH,
        encryptionKey,
        removalPolicy: RemovalPolicy.DESTROY,
      });
    this.role = props?.role ?? new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.policies = new AssemblerPolicies(this, this.role, { logGroup, inVpc: ownVpc !== undefined });
    if (props?.role !== undefined) {
      warnOfMissingTrust(this, props.role, ASSEMBLER_ROLE);
    }
    if (!this.policies.isEffective) {
      warnOfUnchangeableRole(this, ASSEMBLER_ROLE);
    }

    this.function = new Function(this, 'Function', {
      description: 'Assembles the container images of MCP servers during deployments',
      code: Code.fromAsset(HANDLER),
      handler: 'index.handler',
      // The constant would raise the version of the CDK that is needed.
      runtime: new Runtime('nodejs22.x', RuntimeFamily.NODEJS),
      architecture: Architecture.ARM_64,
      // One whole CPU for hashing and compressing:
      // https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
      memorySize: 1769,
      timeout: TIMEOUT,
      // The zipped application and the layer that is made of it, each as large as an image may be.
      ephemeralStorageSize: Size.gibibytes(4),
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

  /**
   * The role, for grants of what an image needs: they go into a policy of the stack that a construct is in.
   *
   * @internal
   */
  public _roleIn(scope: Construct): IRole {
    return this.policies.roleIn(Stack.of(scope));
  }
}
