import type { IAccessPoint } from 'aws-cdk-lib/aws-efs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IAccessPointRef } from 'aws-cdk-lib/aws-s3files';
import type { Construct } from 'constructs';
import { refuse } from '../private/common/construct-error';
import { kindProblems, optional, options as optionsKind, text, type Kinds } from '../private/common/kinds';
import { bucketStorage } from '../private/storage/bucket-storage';
import { efsStorage, s3FilesStorage } from '../private/storage/access-point-storage';
import { bucket as bucketKind, efsAccessPoint, s3FilesAccessPoint } from '../private/storage/storage-kinds';
import type { McpStorageConfig } from './mcp-storage-config';
import type { S3BucketMountOptions } from './s3-bucket-mount-options';

const BUCKET_OPTIONS: Kinds<S3BucketMountOptions> = { mountPath: text, prefix: optional(text) };

/**
 * A file system that each session of a server finds at a path of its own.
 *
 * A path is `/mnt/` and one name of letters, digits and `._-`, 200 characters at most. A server has 5 file systems at
 * most. For one that these do not name, give its configuration (`McpStorage.of`), or extend the class.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-filesystem-configurations.html
 */
export abstract class McpStorage {
  /**
   * A directory of the session alone, which it finds again when it stops and comes back: 1 GB, emptied after 14 days
   * without a request and by a new version of the runtime. A server has one at most.
   *
   * @param mountPath - where it is, such as `/mnt/session`
   */
  public static session(mountPath: string): McpStorage {
    return McpStorage.of({ member: 'SessionStorage', mountPath });
  }

  /**
   * Objects of a bucket as files, by Mountpoint for Amazon S3. The role of the server may list, read, write and delete
   * them, and use the bucket's key.
   *
   * With `{runtimeSessionId}` in the prefix each session sees its own objects at the path. The role is that of the
   * server, though: code that calls Amazon S3 itself reaches those of every session.
   *
   * Neither CloudFormation's reference nor aws-cdk-lib 2.277 (13 November 2026) knows this member of the service; it is
   * written as the service model has it (`S3BucketMount`), and a warning says so.
   *
   * @param bucket - the bucket
   * @param options - where it is mounted, and what of it
   */
  public static s3Bucket(bucket: IBucket, options: S3BucketMountOptions): McpStorage {
    return new LazyStorage(scope => {
      refuse(scope, [
        ...kindProblems({ bucket }, { bucket: bucketKind }),
        ...optionsKind(BUCKET_OPTIONS)(options, 'options'),
      ]);
      return bucketStorage(scope, bucket, options);
    });
  }

  /**
   * A directory of Amazon EFS, which all sessions share. The server must be in a VPC that has mount targets of the file
   * system; it is let in to them. Its role may mount the access point and write, but not as root.
   *
   * @param accessPoint - the access point; an imported one with its file system
   * @param mountPath - where it is, such as `/mnt/shared`
   */
  public static efs(accessPoint: IAccessPoint, mountPath: string): McpStorage {
    return new LazyStorage(scope => {
      refuse(scope, kindProblems({ accessPoint }, { accessPoint: efsAccessPoint }));
      return efsStorage(scope, accessPoint, mountPath);
    });
  }

  /**
   * A directory of Amazon S3 Files, which all sessions share. The server must be in a VPC, and be let in to the mount
   * targets at port 2049. Its role may mount the access point and write, but not as root.
   *
   * @param accessPoint - such as a `CfnAccessPoint` of aws-s3files
   * @param mountPath - where it is, such as `/mnt/data`
   */
  public static s3AccessPoint(accessPoint: IAccessPointRef, mountPath: string): McpStorage {
    return new LazyStorage(scope => {
      refuse(scope, kindProblems({ accessPoint }, { accessPoint: s3FilesAccessPoint }));
      return s3FilesStorage(scope, accessPoint, mountPath);
    });
  }

  /**
   * A volume of the capacity provider that the server runs on.
   *
   * @param volumeName - its name there: a letter, then letters, digits, `_` and `-`, 48 at most
   * @param mountPath - where it is, such as `/mnt/volume`
   */
  public static capacityProviderVolume(volumeName: string, mountPath: string): McpStorage {
    return new LazyStorage(scope => {
      refuse(scope, kindProblems({ volumeName, mountPath }, { volumeName: text, mountPath: text }));
      return { member: 'CapacityProviderVolume', mountPath, properties: { VolumeName: volumeName } };
    });
  }

  /**
   * A file system by the names that CloudFormation has for it.
   *
   * @param config - the member, its properties, and what the server needs for it
   */
  public static of(config: McpStorageConfig): McpStorage {
    return new LazyStorage(() => config);
  }

  /**
   * The configuration for one server. Called once for each server.
   *
   * @param scope - the server, a construct; what the file system needs can be made in it
   */
  public abstract bind(scope: Construct): McpStorageConfig;
}

class LazyStorage extends McpStorage {
  public constructor(private readonly configOf: (scope: Construct) => McpStorageConfig) {
    super();
  }

  public bind(scope: Construct): McpStorageConfig {
    return this.configOf(scope);
  }
}
