import { Token } from 'aws-cdk-lib';
import { IMAGE_DIGEST, IMAGE_TAG, REPOSITORY_NAME } from '../common/contract';
import { ecrRegionOf } from './ecr-registry';

/** A first part without a dot or a port is none, but belongs to the repository: Docker Hub's `node`, `library/node`. */
const REGISTRY = '(?:localhost|[\\w-]+(?:\\.[\\w-]+)+|[\\w-]+(?:\\.[\\w-]+)*(?=:))(?::\\d+)?';
const REFERENCE = new RegExp(
  `^(?<name>(?:${REGISTRY}\\/)?${REPOSITORY_NAME})(?=[:@])(?::(?<tag>${IMAGE_TAG}))?(?:@(?<digest>${IMAGE_DIGEST}))?$`,
);
const TAG_OR_DIGEST = new RegExp(`^(?:${IMAGE_TAG}|${IMAGE_DIGEST})$`);

/** https://docs.aws.amazon.com/bedrock-agentcore-control/latest/APIReference/API_ContainerConfiguration.html */
const CONTAINER_URI = new RegExp(
  `^(?:(?<account>\\d{12})\\.dkr\\.ecr\\.(?<region>[a-z0-9-]+)\\.amazonaws\\.com(?:\\.cn)?|public\\.ecr\\.aws)\\/(?<resourceName>${REPOSITORY_NAME})(?=[:@])(?::${IMAGE_TAG})?(?:@${IMAGE_DIGEST})?$`,
);

export interface ImageReference {
  /** The repository, after its registry where one is named. */
  readonly name: string;
  readonly tag?: string;

  /** Decides where there is a tag as well. */
  readonly digest?: string;
}

/** A repository of a private registry of Amazon ECR, in the parts that its ARN has, too. */
export interface EcrRepositoryName {
  readonly account: string;
  readonly region: string;
  readonly resourceName: string;
}

export function isPrivateEcrReference(reference: string): boolean {
  return ecrRegionOf(reference.replace(/\/.*$/, '')) !== undefined;
}

export function referenceProblem(prop: string, reference: string): string | undefined {
  if (Token.isUnresolved(reference) || (REFERENCE.test(reference) && hasUsableHost(reference))) {
    return undefined;
  }
  return `\`${prop}\` is ${JSON.stringify(reference)}; "registry/repository:tag" and "registry/repository@sha256:" with 64 hexadecimal digits are allowed: correct it`;
}

export function tagOrDigestProblem(value: string): string | undefined {
  if (Token.isUnresolved(value) || TAG_OR_DIGEST.test(value)) {
    return undefined;
  }
  return `\`tagOrDigest\` is ${JSON.stringify(value)}; a tag of letters, digits and "_.-", 128 at most, and "sha256:" with 64 hexadecimal digits are allowed: correct it`;
}

export function containerUriProblem(uri: string): string | undefined {
  if (CONTAINER_URI.test(uri)) {
    return undefined;
  }
  return (
    `\`uri\` is ${JSON.stringify(uri)}; "{account}.dkr.ecr.{region}.amazonaws.com/{repository}" and "public.ecr.aws/{repository}" are allowed, ` +
    'each with ":{tag}" or "@sha256:{digest}": AgentCore Runtime pulls from Amazon ECR alone, so copy the image there, and name one of its tags or its digest'
  );
}

/** Ports end at 65535, and four numbers are an address only as far as they are bytes. */
function hasUsableHost(reference: string): boolean {
  const [, host] = /^([^/]*[.:][^/]*)\//.exec(reference) ?? [];
  return host === undefined || URL.canParse(`https://${host}`);
}

/** The parts of a reference; undefined for what is none, such as an unresolved token. */
export function partsOf(reference: string): ImageReference | undefined {
  return REFERENCE.exec(reference)?.groups as ImageReference | undefined;
}

/** The repository that an image is in; undefined for the public registry, where nobody needs a permission. */
export function ecrRepositoryOf(uri: string): EcrRepositoryName | undefined {
  const { account, region, resourceName } = CONTAINER_URI.exec(uri)?.groups ?? {};
  return account === undefined || region === undefined || resourceName === undefined
    ? undefined
    : { account, region, resourceName };
}
