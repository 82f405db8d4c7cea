import type { RemovalPolicy } from 'aws-cdk-lib';
import type { IKeyRef } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { BaseImage } from '../../packaging/base-image';
import type { BaseImageConfig } from '../../packaging/base-image-config';
import { ImageAssembler } from '../../deployment/image-assembler';
import { baseImageProblems } from './base-image-problems';
import { warnOfLibraries } from './library-warnings';
import { officialImage } from './official-image';
import { imageProblems, withinLimits } from '../program/bundle-limits';
import { repository as ecrRepository } from '../common/cdk-kinds';
import { refuse } from '../common/construct-error';
import { optional, returned, text, type Kinds } from '../common/kinds';
import { regionProblems } from '../platform/same-region';
import { placeProblems } from '../deployment/deployment-function-problems';
import { referenceProblem } from '../image/image-reference';
import { containerArtifact } from '../image/container-artifact';
import { assembleImage } from '../image/image-assembly';
import { grantPullFrom } from '../image/image-pull';
import { imageRepository } from '../image/image-repository';
import { programAsset } from '../program/program-asset';
import type { ProgramBundle } from '../program/program-bundle';
import { sourceOf } from '../program/program-metadata';
import type { RuntimeCode } from '../program/runtime-code';

/** What a class of the user may make. */
const BASE_IMAGE: Kinds<BaseImageConfig> = { reference: text, repository: optional(ecrRepository) };

export interface ImageCodeOptions {
  readonly assembler?: ImageAssembler;
  readonly baseImage?: BaseImage;
  readonly removalPolicy?: RemovalPolicy;
  readonly encryptionKey?: IKeyRef;
}

/**
 * Ships a bundle in an image, which is assembled during the deployment and pushed to a repository of the server's own.
 */
export function imageCode(scope: Construct, whole: ProgramBundle, options: ImageCodeOptions): RuntimeCode {
  const bundle = withinLimits(whole, files => imageProblems(files));
  const { entryPoint, environment } = bundle.imageStart;
  const baseImage = (options.baseImage ?? BaseImage.fromRegistry(bundle.imageStart.baseImage)).bind(scope);
  refuse(scope, returned('baseImage.bind()', 'BaseImageConfig', BASE_IMAGE)(baseImage, 'baseImage'));
  refuse(scope, [referenceProblem('baseImage.reference', baseImage.reference) ?? []].flat());
  refuse(scope, placeProblems('assembler', scope, options.assembler));
  refuse(scope, regionProblems(scope, { encryptionKey: options.encryptionKey }));
  const problems = [...imageProblems(bundle.files), ...baseImageProblems(bundle, baseImage.reference)];
  refuse(scope, problems);
  if (officialImage(baseImage.reference)?.slim === true) {
    warnOfLibraries(scope, bundle.files, `and ${baseImage.reference} neither`, 'a `baseImage` that has them');
  }
  const application = programAsset(scope, bundle);
  const repository = imageRepository(scope, options);
  const assembler = options.assembler ?? ImageAssembler.of(scope);
  const imageUri = assembleImage(scope, {
    application,
    assembler,
    baseImage,
    entryPoint,
    environment,
    repository,
  });
  return {
    artifact: containerArtifact(imageUri, role => grantPullFrom(role, repository.repositoryArn)),
    imageUri,
    imageAssembler: assembler,
    usesServerKit: bundle.usesServerKit,
    sendsSpans: bundle.sendsSpans,
    source: sourceOf(bundle),
    repository,
    program: {
      assetObjectKey: application.s3ObjectKey,
      command: entryPoint,
      environment,
      baseImage: baseImage.reference,
    },
  };
}
