/**
 * Why an image could not be assembled, and what to do. The codes are a closed set; CloudFormation shows `CODE: message`
 * as the reason of the failure.
 */
export const IMAGE_ASSEMBLY_ERRORS = {
  ERR_PROPERTIES_INVALID:
    'the custom resource was given properties that no image can be made of: the message names the property',
  ERR_BASE_NOT_FOUND: 'the registry has no such base image: correct `baseImage`',
  ERR_BASE_DENIED:
    'the registry does not let the base image be read: use a public image, or one of an ECR repository that grants access',
  ERR_BASE_PLATFORM_MISSING: 'the base image does not exist for linux/arm64: use one that does',
  ERR_BASE_UNSUPPORTED: 'the base image has a form that cannot be built on: use one in Docker or OCI format',
  ERR_APPLICATION_NOT_FOUND: 'the archive of the application is not in its bucket: deploy again, which uploads it',
  ERR_APPLICATION_DENIED:
    'the archive of the application may not be read: check the policy of the asset bucket and its key',
  ERR_APPLICATION_INVALID:
    'the archive is damaged, empty, or holds what no layer may hold: the message names the entry',
  ERR_TOO_MANY_LAYERS: 'the image would have more layers than AgentCore Runtime can mount: use a base image with fewer',
  ERR_IMAGE_TOO_LARGE:
    'the image would exceed the size limit of AgentCore Runtime: use a smaller base image, or ship less',
  ERR_REPOSITORY_NOT_FOUND: 'the repository does not exist: it was deleted outside of CloudFormation',
  ERR_REPOSITORY_DENIED: 'the repository may not be read or written: check its policy and permission boundaries',
  ERR_TAG_TAKEN: 'the tag of the image is in the repository, on an image made of something else: delete that image',
  ERR_DIGEST_MISMATCH:
    'a registry gave content that is not what its digest says: deploy again; if it stays, use another base image',
  ERR_RATE_LIMITED:
    'a registry kept refusing because of too many requests: deploy later, or use a base image in Amazon ECR',
  ERR_REGISTRY_UNAVAILABLE: 'a registry, or Amazon S3, could not be reached or kept failing: deploy later',
  ERR_REGISTRY_REFUSED: 'a registry refused a request for a reason of its own, which the message has',
  ERR_OUT_OF_SPACE: 'the temporary storage of the function is too small for the application: raise it, or ship less',
  ERR_OUT_OF_TIME:
    'the time limit of the function was reached: deploy again, which continues with the layers that are there',
  ERR_UNEXPECTED: 'a fault of the assembler itself: please report it, with the log of the function',
} as const;

/** One of the codes of `IMAGE_ASSEMBLY_ERRORS`. */
export type ImageAssemblyErrorCode = keyof typeof IMAGE_ASSEMBLY_ERRORS;

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
