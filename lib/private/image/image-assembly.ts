import { CustomResource, Duration } from 'aws-cdk-lib';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import type { BaseImageConfig } from '../../packaging/base-image-config';
import type { ImageAssembler } from '../../deployment/image-assembler';
import { grantProgram } from '../permissions/program-permission';
import type { ImageAssemblyData, ImageAssemblyProperties } from './image-assembly-contract';

const PULL_ACTIONS = ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];
/** The first pull of an image through a cache brings it there. */
const BASE_ACTIONS = [...PULL_ACTIONS, 'ecr:BatchImportUpstreamImage'];
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
  readonly assembler: ImageAssembler;
  readonly baseImage: BaseImageConfig;
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
  { application, assembler, baseImage, entryPoint, environment, repository }: ImageAssemblyInputs,
): string {
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
  // eslint-disable-next-line cdk/no-variable-construct-id -- another assembler has another one
  const image = new CustomResource(scope, assembler._imageId(scope), {
    resourceType: 'Custom::ImageAssembly',
    serviceToken: assembler.function.functionArn,
    serviceTimeout: SERVICE_TIMEOUT,
    properties,
  });
  const role = assembler._roleFor(scope);
  const grants = [
    ...grantProgram(application, role),
    repository.grant(role, ...PULL_ACTIONS, ...PUSH_ACTIONS),
    ...(baseImage.repository === undefined ? [] : [baseImage.repository.grant(role, ...BASE_ACTIONS)]),
  ];
  for (const grant of grants) {
    grant.applyBefore(image);
  }
  return image.getAttString('imageUri' satisfies keyof ImageAssemblyData);
}
