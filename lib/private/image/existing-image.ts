import { Annotations, Stack, Token } from 'aws-cdk-lib';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import type { Construct } from 'constructs';
import { constructError } from '../common/construct-error';
import { containerArtifact } from './container-artifact';
import { grantPull, grantPullFrom } from './image-pull';
import { containerUriProblem, ecrRepositoryOf, partsOf, tagOrDigestProblem } from './image-reference';
import { warnOfMutableTag } from './mutable-tag';
import type { RuntimeCode } from '../program/runtime-code';

/** An image that is in a repository already. */
export function imageInRepository(scope: Construct, repository: IRepository, tagOrDigest: string): RuntimeCode {
  const problem = tagOrDigestProblem(tagOrDigest);
  if (problem !== undefined) {
    throw constructError(scope, problem);
  }
  warnOfMutableTag(scope, 'tagOrDigest', tagOrDigest);
  const imageUri = repository.repositoryUriForTagOrDigest(tagOrDigest);
  return { artifact: containerArtifact(imageUri, role => grantPull(role, repository)), imageUri };
}

/** An image that is known by its URI alone. */
export function imageAtUri(scope: Construct, uri: string): RuntimeCode {
  if (Token.isUnresolved(uri)) {
    Annotations.of(scope).addWarningV2(
      'cdk-stateful-mcp:imagePullNotGranted',
      '`uri` is an unresolved token, so the repository of the image is not known here and the server has no permission to pull from it: ' +
        'use `McpServerCode.fromEcrRepository` with the repository, or grant the pull to the role of the server and acknowledge this',
    );
    return { artifact: containerArtifact(uri), imageUri: uri };
  }
  const problem = containerUriProblem(uri);
  if (problem !== undefined) {
    throw constructError(scope, problem);
  }
  const { tag, digest } = partsOf(uri) ?? {};
  warnOfMutableTag(scope, 'uri', digest ?? tag);
  const repository = ecrRepositoryOf(uri);
  if (repository === undefined) {
    return { artifact: containerArtifact(uri), imageUri: uri };
  }
  const repositoryArn = Stack.of(scope).formatArn({ service: 'ecr', resource: 'repository', ...repository });
  return { artifact: containerArtifact(uri, role => grantPullFrom(role, repositoryArn)), imageUri: uri };
}
