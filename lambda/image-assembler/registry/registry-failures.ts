import { ImageAssemblyError, type ImageAssemblyErrorCode } from '../common/failures';
import type { ImageReference } from '../common/image-reference';
import type { RegistryFailure } from './registry-response';

type Explanations = Readonly<
  Record<RegistryFailure['kind'], readonly [code: ImageAssemblyErrorCode, what: string, advice: string]>
>;

const RATE_LIMIT_ADVICE = 'deploy again later, or copy the base image into an Amazon ECR repository and name it there';

/** What a failure means where the registry is that of the base image. */
export function explainBase({ text, registry }: ImageReference): (failure: RegistryFailure) => ImageAssemblyError {
  return explain({
    'not-found': ['ERR_BASE_NOT_FOUND', `the base image ${text} was not found`, 'correct its name, tag or digest'],
    denied: [
      'ERR_BASE_DENIED',
      `the base image ${text} may not be read, or does not exist`,
      'correct its name, make it public, or let the role of the function read its Amazon ECR repository',
    ],
    'rate-limited': [
      'ERR_RATE_LIMITED',
      `${registry} refuses to give the base image ${text} because of too many requests`,
      RATE_LIMIT_ADVICE,
    ],
    unavailable: [
      'ERR_REGISTRY_UNAVAILABLE',
      `${registry} did not give the base image ${text}`,
      'deploy again; if it stays, see that this is the name of the registry, and that the function reaches it by HTTPS',
    ],
    refused: ['ERR_REGISTRY_REFUSED', `${registry} did not give the base image ${text}`, 'see what it says'],
  });
}

/** What a failure means where the registry is that of the finished image. */
export function explainRepository(repositoryUri: string): (failure: RegistryFailure) => ImageAssemblyError {
  return explain({
    'not-found': [
      'ERR_REPOSITORY_NOT_FOUND',
      `the repository ${repositoryUri} was not found`,
      'create it before the image',
    ],
    denied: [
      'ERR_REPOSITORY_DENIED',
      `the repository ${repositoryUri} may not be read or written`,
      'grant the role of the function what the image assembly needs, and see the policy of the repository',
    ],
    'rate-limited': [
      'ERR_RATE_LIMITED',
      `the registry of ${repositoryUri} refuses because of too many requests`,
      'deploy again later',
    ],
    unavailable: [
      'ERR_REGISTRY_UNAVAILABLE',
      `the registry of ${repositoryUri} did not take the image`,
      'deploy again, layers that it has are not sent again',
    ],
    refused: ['ERR_REGISTRY_REFUSED', `the registry of ${repositoryUri} did not take the image`, 'see what it says'],
  });
}

function explain(explanations: Explanations): (failure: RegistryFailure) => ImageAssemblyError {
  return ({ kind, message }) => {
    const [code, what, advice] = explanations[kind];
    return new ImageAssemblyError(code, `${what} (${message}): ${advice}`);
  };
}
