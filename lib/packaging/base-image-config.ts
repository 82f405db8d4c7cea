import type { IRepository } from 'aws-cdk-lib/aws-ecr';

/**
 * A base image in the form in which the assembly of images takes it.
 */
export interface BaseImageConfig {
  /**
   * The image: `registry/repository:tag` or `registry/repository@digest`.
   */
  readonly reference: string;

  /**
   * The private Amazon ECR repository that it is in. The function that assembles images may pull from it.
   *
   * @default - anyone may pull the image
   */
  readonly repository?: IRepository;
}
