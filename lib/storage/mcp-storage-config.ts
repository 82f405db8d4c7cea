import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConnectable } from 'aws-cdk-lib/aws-ec2';

/**
 * What a runtime needs to mount one file system.
 */
export interface McpStorageConfig {
  /**
   * The member of CloudFormation's `FilesystemConfiguration`, such as `SessionStorage`.
   */
  readonly member: string;

  /**
   * Where the file system is in a session: `/mnt/` and one name.
   */
  readonly mountPath: string;

  /**
   * The other properties of the member, by their names in CloudFormation.
   *
   * @default - none
   */
  readonly properties?: { [name: string]: string };

  /**
   * What the role of the server must be allowed to do.
   *
   * @default - nothing
   */
  readonly policyStatements?: PolicyStatement[];

  /**
   * Why the wildcards in these statements cannot be narrowed, by the resource that has one. cdk-nag is told.
   *
   * @default - there are none
   */
  readonly wildcardReasons?: { [resource: string]: string };

  /**
   * Whether the file system is reached in a VPC.
   *
   * @default false
   */
  readonly requiresVpc?: boolean;

  /**
   * What the server must be let in to, by its default port.
   *
   * @default - nothing
   */
  readonly connectable?: IConnectable;
}
