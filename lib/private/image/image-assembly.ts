import { CustomResource, Duration } from 'aws-cdk-lib';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import { Grant } from 'aws-cdk-lib/aws-iam';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import type { BoundBaseImage } from './bound-base-image';
import { ImageAssembler } from './image-assembler';
import type { ImageAssemblyData, ImageAssemblyProperties } from './image-assembly-contract';

const PULL_ACTIONS = ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];
const PUSH_ACTIONS = ['ecr:CompleteLayerUpload', 'ecr:InitiateLayerUpload', 'ecr:PutImage', 'ecr:UploadLayerPart'];

/** The user `node` of the official Node.js images. Other base images need not know it. */
const USER = '1000:1000';
const WORKING_DIRECTORY = '/app';
/** https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-mcp-protocol-contract.html */
const PORT = '8000';

/** Time for a run of the function that was killed, and for the one that AWS Lambda starts in its place. */
const SERVICE_TIMEOUT = Duration.minutes(35);

export interface ImageAssemblyInputs {
  readonly application: Asset;
  readonly baseImage: BoundBaseImage;
  readonly entryPoint: string[];
  readonly environment?: Record<string, string>;
  readonly repository: IRepository;
}

/**
 * Has an image assembled and pushed during the deployment, and returns its URI by digest, which CloudFormation alone
 * knows.
 */
export function assembleImage(
  scope: Construct,
  { application, baseImage, entryPoint, environment, repository }: ImageAssemblyInputs,
): string {
  const assembler = ImageAssembler.of(scope).function;
  const properties: ImageAssemblyProperties = {
    repositoryUri: repository.repositoryUri,
    baseImage: baseImage.reference,
    application: {
      bucketName: application.s3BucketName,
      objectKey: application.s3ObjectKey,
      contentHash: application.assetHash,
    },
    entrypoint: entryPoint,
    user: USER,
    workingDirectory: WORKING_DIRECTORY,
    port: PORT,
    environment,
  };
  const image = new CustomResource(scope, 'Image', {
    resourceType: 'Custom::ImageAssembly',
    serviceToken: assembler.functionArn,
    serviceTimeout: SERVICE_TIMEOUT,
    properties,
  });
  const grants = [
    Grant.addToPrincipal({
      grantee: assembler,
      actions: ['s3:GetObject'],
      resourceArns: [application.bucket.arnForObjects(application.s3ObjectKey)],
    }),
    repository.grant(assembler, ...PULL_ACTIONS, ...PUSH_ACTIONS),
    ...(baseImage.repository === undefined ? [] : [baseImage.repository.grant(assembler, ...PULL_ACTIONS)]),
  ];
  for (const grant of grants) {
    grant.applyBefore(image);
  }
  return image.getAttString('imageUri' satisfies keyof ImageAssemblyData);
}
