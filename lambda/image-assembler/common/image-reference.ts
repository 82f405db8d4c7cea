import { IMAGE_DIGEST, IMAGE_TAG, REPOSITORY_NAME } from 'stateful-mcp-contract';
import { ImageAssemblyError } from './failures';

/** Where an image is: the host of its registry, its repository there, and the tag or digest. */
export interface ImageReference {
  readonly registry: string;
  readonly repository: string;
  readonly reference: string;
  /** As it was given. */
  readonly text: string;
}

const REPOSITORY = new RegExp(`^${REPOSITORY_NAME}$`);
const TAG = new RegExp(`^${IMAGE_TAG}$`);
const DIGEST = new RegExp(`^${IMAGE_DIGEST}$`);

/**
 * Reads `registry/repository[:tag][@digest]` the way Docker does: without a registry it is Docker Hub, without a tag or
 * digest it is `latest`, and a digest beats a tag.
 */
export function parseImageReference(text: string): ImageReference {
  const [named = '', digest, ...rest] = text.split('@');
  const slash = named.indexOf('/');
  const first = slash === -1 ? '' : named.slice(0, slash);
  const hasRegistry = /^[\w-]+(\.[\w-]+)*(:\d+)?$/.test(first) && (/[.:]/.test(first) || first === 'localhost');
  const path = hasRegistry ? named.slice(slash + 1) : named;
  const colon = path.lastIndexOf(':');
  const name = colon === -1 ? path : path.slice(0, colon);
  const tag = colon === -1 ? 'latest' : path.slice(colon + 1);
  if (
    rest.length > 0 ||
    (hasRegistry && !URL.canParse(`https://${first}`)) ||
    !REPOSITORY.test(name) ||
    !TAG.test(tag) ||
    (digest !== undefined && !DIGEST.test(digest))
  ) {
    throw new ImageAssemblyError(
      'ERR_PROPERTIES_INVALID',
      `\`baseImage\` is ${JSON.stringify(text)}; \`registry/repository:tag\` and ` +
        '`registry/repository@sha256:{64 hexadecimal digits}` are allowed: correct it',
    );
  }
  const dockerHub = !hasRegistry || first === 'docker.io' || first === 'index.docker.io';
  return {
    registry: dockerHub ? 'registry-1.docker.io' : first,
    repository: dockerHub && !name.includes('/') ? `library/${name}` : name,
    reference: digest ?? tag,
    text,
  };
}

/** Splits `{host}/{name}`, the form in which Amazon ECR names a repository. */
export function parseRepositoryUri(text: string): Pick<ImageReference, 'registry' | 'repository'> {
  const slash = text.indexOf('/');
  const registry = text.slice(0, Math.max(slash, 0));
  const repository = text.slice(slash + 1);
  if (registry === '' || !REPOSITORY.test(repository)) {
    throw new ImageAssemblyError(
      'ERR_PROPERTIES_INVALID',
      `\`repositoryUri\` is ${JSON.stringify(text)}; ` +
        '`{account}.dkr.ecr.{region}.amazonaws.com/{name}` is allowed, without a tag: pass the `repositoryUri` of the repository',
    );
  }
  return { registry, repository };
}
