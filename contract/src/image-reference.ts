/**
 * The name of a repository in a registry, without the registry. This and the next two are the grammar of image
 * references in the OCI distribution specification 1.1.1, "Pulling manifests".
 */
export const REPOSITORY_NAME = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:\\/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*';

/** A tag of an image. */
export const IMAGE_TAG = '\\w[\\w.-]{0,127}';

/** A digest of an image. */
export const IMAGE_DIGEST = 'sha256:[a-f0-9]{64}';
