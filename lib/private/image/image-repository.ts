import { RemovalPolicy } from 'aws-cdk-lib';
import { Repository, TagMutability, TagStatus, type CfnRepository } from 'aws-cdk-lib/aws-ecr';
import type { IKeyRef } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';

/**
 * Twice the versions that a runtime may have, 1000, each of which can use another image: a deployment that failed
 * leaves an image, too, and no version.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/bedrock-agentcore-limits.html
 */
const IMAGES_KEPT = 2000;

/** A repository whose creation was rolled back is deleted: nobody would look for it. */
const DEFAULT_REMOVAL_POLICY = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;

export interface ImageRepositoryOptions {
  readonly removalPolicy?: RemovalPolicy;
  readonly encryptionKey?: IKeyRef;
}

/** The repository of one server. */
export function imageRepository(
  scope: Construct,
  { removalPolicy = DEFAULT_REMOVAL_POLICY, encryptionKey }: ImageRepositoryOptions,
): Repository {
  const repository = new Repository(scope, 'Repository', {
    imageScanOnPush: true,
    imageTagMutability: TagMutability.IMMUTABLE,
    encryptionKey,
    removalPolicy,
    lifecycleRules: [
      {
        description: `Keeps the newest ${IMAGES_KEPT} images, more than the versions of a runtime can use`,
        tagStatus: TagStatus.ANY,
        maxImageCount: IMAGES_KEPT,
      },
    ],
  });
  // Whenever CloudFormation deletes it, there may be images in it. The L2 allows this with `DESTROY` alone, and so
  // fails to clean up after a failed creation with `RETAIN_ON_UPDATE_OR_DELETE`.
  (repository.node.defaultChild as CfnRepository).emptyOnDelete = removalPolicy !== RemovalPolicy.RETAIN;
  return repository;
}
