import type { ISecurityGroup, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ILogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';

/**
 * What the functions that run during a deployment have in common.
 */
export interface DeploymentFunctionProps {
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
   * How many calls of the function run at a time, 1 or more. Deployments that wait are tried again by AWS Lambda.
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
