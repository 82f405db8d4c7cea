import type { IRepository } from 'aws-cdk-lib/aws-ecr';

/** A base image as the image assembly takes it. */
export interface BoundBaseImage {
  /** `registry/repository:tag` or `registry/repository@digest` */
  readonly reference: string;

  /** Where the image is, when reading it takes a permission. */
  readonly repository?: IRepository;
}
