import { Fn, Token } from 'aws-cdk-lib';
import type { IAccessPoint, IFileSystem } from 'aws-cdk-lib/aws-efs';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IAccessPointRef } from 'aws-cdk-lib/aws-s3files';
import type { Construct } from 'constructs';
import { constructError, refuse } from '../common/construct-error';
import { described } from '../common/kinds';
import { regionProblems } from '../platform/same-region';
import type { StorageConfig } from './storage-problems';

// https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-filesystem-configurations.html: the role mounts by
// the file system, and by this access point of it alone.

/** A directory of Amazon EFS. */
export function efsStorage(scope: Construct, accessPoint: IAccessPoint, mountPath: string): StorageConfig {
  refuse(scope, regionProblems(scope, { accessPoint }));
  const { accessPointArn } = accessPoint;
  const fileSystem = fileSystemOf(scope, accessPoint);
  return {
    member: 'EfsAccessPoint',
    mountPath,
    properties: { AccessPointArn: accessPointArn },
    policyStatements: [
      new PolicyStatement({
        actions: ['elasticfilesystem:ClientMount', 'elasticfilesystem:ClientWrite'],
        resources: [fileSystem.fileSystemArn],
        conditions: { StringEquals: { 'elasticfilesystem:AccessPointArn': accessPointArn } },
      }),
    ],
    requiresVpc: true,
    connectable: fileSystem,
  };
}

/** Access points of buckets have ARNs of another shape, and cannot be mounted. */
const S3_FILES_ACCESS_POINT = /^arn:[^:]+:s3files:[^:]*:[^:]*:file-system\/[^/]+\/access-point\/[^/]+$/;

/** A directory of Amazon S3 Files. */
export function s3FilesStorage(scope: Construct, accessPoint: IAccessPointRef, mountPath: string): StorageConfig {
  refuse(scope, regionProblems(scope, { accessPoint }));
  const { accessPointArn } = accessPoint.accessPointRef;
  if (!Token.isUnresolved(accessPointArn) && !S3_FILES_ACCESS_POINT.test(accessPointArn)) {
    refuse(scope, [
      `the ARN of \`accessPoint\` is ${described(accessPointArn)}; that of an access point of Amazon S3 Files is allowed: give one such as arn:aws:s3files:eu-west-1:123456789012:file-system/fs-1/access-point/fsap-1`,
    ]);
  }
  const fileSystemArn = Token.isUnresolved(accessPointArn)
    ? Fn.select(0, Fn.split('/access-point/', accessPointArn))
    : (accessPointArn.split('/access-point/')[0] as string);
  return {
    member: 'S3FilesAccessPoint',
    mountPath,
    properties: { AccessPointArn: accessPointArn },
    policyStatements: [
      new PolicyStatement({
        actions: ['s3files:ClientMount', 's3files:ClientWrite'],
        resources: [fileSystemArn],
        conditions: { StringEquals: { 's3files:AccessPointArn': accessPointArn } },
      }),
      new PolicyStatement({ actions: ['s3files:GetAccessPoint'], resources: [accessPointArn] }),
    ],
    requiresVpc: true,
  };
}

/** An imported access point may not know it, and throws then. */
function fileSystemOf(scope: Construct, accessPoint: IAccessPoint): IFileSystem {
  try {
    return accessPoint.fileSystem;
  } catch {
    throw constructError(
      scope,
      '`accessPoint` does not know its file system, which the permissions are for: import it with `AccessPoint.fromAccessPointAttributes(..., { fileSystem })`',
    );
  }
}
