import { isTextIn, memberOf } from '../common/cdk-kinds';
import { flag, hasMember, kind, like, listOf, mapOf, optional, text, type Kind, type Kinds } from '../common/kinds';
import type { StorageConfig } from './storage-problems';

// Objects of the CDK that a file system is made of. They are told by what they can do: an app may have two copies of the CDK.

export const bucket = like('IBucket', ['bucketName', 'bucketArn'], 'give a `Bucket` of aws-s3');
export const efsAccessPoint = like(
  'IAccessPoint',
  ['accessPointId', 'accessPointArn'],
  'give an `AccessPoint` of aws-efs, such as `fileSystem.addAccessPoint(...)`',
);
export const s3FilesAccessPoint = kind('an IAccessPointRef', 'give a `CfnAccessPoint` of aws-s3files', value =>
  isTextIn(value, 'accessPointRef', 'accessPointArn'),
);

/** A token is none: CloudFormation has no references in place of a name. */
const isName = (value: unknown): boolean => typeof value === 'string' && /^[A-Za-z][A-Za-z0-9]*$/.test(value);
const NAMES = 'a name in CloudFormation, of letters and digits,';
const member = kind(NAMES, 'give one such as "EfsAccessPoint"', isName);
const propertyName = kind(NAMES, 'give one such as "AccessPointArn"', isName);
const properties: Kind = (value, name) => {
  const problems = mapOf(text)(value, name);
  return problems.length > 0
    ? problems
    : Object.keys(value as object).flatMap(key => propertyName(key, `a name in ${name}`));
};

/** What a class of the user may make. */
export const STORAGE_CONFIG: Kinds<StorageConfig> = {
  member,
  mountPath: text,
  properties: optional(properties),
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
