/**
 * Why an image could not be assembled. The codes are a closed set; CloudFormation shows `CODE: message` as the reason
 * of the failure.
 *
 * | code | what happened |
 * |---|---|
 * | `ERR_PROPERTIES_INVALID` | the custom resource was given properties that no image can be made of |
 * | `ERR_BASE_NOT_FOUND` | the registry has no such base image |
 * | `ERR_BASE_DENIED` | the registry does not let the base image be read |
 * | `ERR_BASE_PLATFORM_MISSING` | the base image is not there for the platform that is needed |
 * | `ERR_BASE_UNSUPPORTED` | the base image has a form that cannot be built on |
 * | `ERR_APPLICATION_NOT_FOUND` | the archive of the application is not in its bucket |
 * | `ERR_APPLICATION_DENIED` | the archive of the application may not be read |
 * | `ERR_APPLICATION_INVALID` | the archive is damaged, empty, or holds what no layer may hold |
 * | `ERR_TOO_MANY_LAYERS` | the image would have more layers than AgentCore Runtime can mount |
 * | `ERR_IMAGE_TOO_LARGE` | the image would exceed the limit of AgentCore Runtime |
 * | `ERR_REPOSITORY_NOT_FOUND` | the repository does not exist |
 * | `ERR_REPOSITORY_DENIED` | the repository may not be read or written |
 * | `ERR_TAG_TAKEN` | the tag of the image is in the repository, on an image made of something else |
 * | `ERR_DIGEST_MISMATCH` | a registry gave content that is not what its digest says |
 * | `ERR_RATE_LIMITED` | a registry kept refusing because of too many requests |
 * | `ERR_REGISTRY_UNAVAILABLE` | a registry, or Amazon S3, could not be reached or kept failing |
 * | `ERR_REGISTRY_REFUSED` | a registry refused a request for a reason of its own |
 * | `ERR_OUT_OF_SPACE` | the temporary storage of the function is too small for the application |
 * | `ERR_OUT_OF_TIME` | the time limit of the function came first |
 * | `ERR_UNEXPECTED` | a fault of the assembler itself |
 */
export type ImageAssemblyErrorCode =
  | 'ERR_PROPERTIES_INVALID'
  | 'ERR_BASE_NOT_FOUND'
  | 'ERR_BASE_DENIED'
  | 'ERR_BASE_PLATFORM_MISSING'
  | 'ERR_BASE_UNSUPPORTED'
  | 'ERR_APPLICATION_NOT_FOUND'
  | 'ERR_APPLICATION_DENIED'
  | 'ERR_APPLICATION_INVALID'
  | 'ERR_TOO_MANY_LAYERS'
  | 'ERR_IMAGE_TOO_LARGE'
  | 'ERR_REPOSITORY_NOT_FOUND'
  | 'ERR_REPOSITORY_DENIED'
  | 'ERR_TAG_TAKEN'
  | 'ERR_DIGEST_MISMATCH'
  | 'ERR_RATE_LIMITED'
  | 'ERR_REGISTRY_UNAVAILABLE'
  | 'ERR_REGISTRY_REFUSED'
  | 'ERR_OUT_OF_SPACE'
  | 'ERR_OUT_OF_TIME'
  | 'ERR_UNEXPECTED';

export class ImageAssemblyError extends Error {
  public override readonly name = 'ImageAssemblyError';

  public constructor(
    public readonly code: ImageAssemblyErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The failure as an `ImageAssemblyError`, whatever it was. */
export function asImageAssemblyError(error: unknown): ImageAssemblyError {
  if (error instanceof ImageAssemblyError) {
    return error;
  }
  if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') {
    return new ImageAssemblyError(
      'ERR_OUT_OF_SPACE',
      'the temporary storage of the function is full: raise its `ephemeralStorageSize` ' +
        'to three times the size of the zipped application, or ship less',
      { cause: error },
    );
  }
  const text = error instanceof Error ? error.message : String(error);
  return new ImageAssemblyError('ERR_UNEXPECTED', `${text}: the log of the function says more`, { cause: error });
}
