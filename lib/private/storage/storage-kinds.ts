import { memberOf } from '../common/cdk-kinds';
import { flag, hasMember, kind, like, listOf, mapOf, optional, text, type Kinds } from '../common/kinds';
import type { StorageConfig } from './storage-problems';

// Objects of the CDK that a file system is made of. They are told by what they can do: an app may have two copies of the CDK.

export const bucket = like('IBucket', ['bucketName', 'bucketArn'], 'give a `Bucket` of aws-s3');
export const efsAccessPoint = like(
  'IAccessPoint',
  ['accessPointId', 'accessPointArn'],
  'give an `AccessPoint` of aws-efs, such as `fileSystem.addAccessPoint(...)`',
);
export const s3FilesAccessPoint = like('IAccessPointRef', ['accessPointRef'], 'give a `CfnAccessPoint` of aws-s3files');

/** What a class of the user may make. */
export const STORAGE_CONFIG: Kinds<StorageConfig> = {
  member: text,
  mountPath: text,
  properties: optional(mapOf(text)),
  policyStatements: optional(
    listOf(like('PolicyStatement', ['toStatementJson'], 'make one with `new PolicyStatement(...)`'), 'statements'),
  ),
  wildcardReasons: optional(mapOf(text)),
  requiresVpc: optional(flag),
  connectable: optional(
    kind('an IConnectable with a default port', 'give what listens, such as a `FileSystem`', value => {
      const connections = memberOf(value, 'connections');
      return hasMember(connections, 'allowDefaultPortFrom()') && memberOf(connections, 'defaultPort') !== undefined;
    }),
  ),
};
