import type { RemovalPolicy } from 'aws-cdk-lib';
import type { IKeyRef } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { BaseImage } from '../../base-image';
import { baseImageProblems } from './base-image-problems';
import { imageProblems } from '../program/bundle-limits';
import { constructError } from '../common/construct-error';
import { containerArtifact } from '../image/container-artifact';
import { assembleImage } from '../image/image-assembly';
import { pullPolicy } from '../image/image-pull';
import { imageRepository } from '../image/image-repository';
import { programAsset } from '../program/program-asset';
import type { ProgramBundle } from '../program/program-bundle';
import { sourceOf } from '../program/program-metadata';
import type { RuntimeCode } from '../program/runtime-code';
import { allowSpans } from '../permissions/span-permissions';

export interface ImageCodeOptions {
  readonly baseImage?: BaseImage;
  readonly removalPolicy?: RemovalPolicy;
  readonly encryptionKey?: IKeyRef;
}

/**
 * Ships a bundle in an image, which is assembled during the deployment and pushed to a repository of the server's own.
 */
export function imageCode(scope: Construct, bundle: ProgramBundle, options: ImageCodeOptions): RuntimeCode {
  const { entryPoint, environment } = bundle.imageStart;
  const baseImage = (options.baseImage ?? BaseImage.fromRegistry(bundle.imageStart.baseImage))._bind(scope);
  const problems = [...imageProblems(bundle.files), ...baseImageProblems(bundle, baseImage.reference)];
  if (problems.length > 0) {
    throw constructError(scope, ...problems);
  }
  const application = programAsset(scope, bundle);
  const repository = imageRepository(scope, options);
  const imageUri = assembleImage(scope, { application, baseImage, entryPoint, environment, repository });
  return {
    artifact: containerArtifact(imageUri),
    imageUri,
    usesServerKit: bundle.usesServerKit,
    source: sourceOf(bundle),
    grantTo: (role, runtimeName) => {
      if (bundle.sendsSpans) {
        allowSpans(scope, role, runtimeName);
      }
      return pullPolicy(scope, role, repository.repositoryArn);
    },
    repository,
    program: {
      assetObjectKey: application.s3ObjectKey,
      command: entryPoint,
      environment,
      baseImage: baseImage.reference,
    },
  };
}
