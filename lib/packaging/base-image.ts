import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import type { Construct } from 'constructs';
import type { BaseImageConfig } from './base-image-config';
import { repository as ecrRepository } from '../private/common/cdk-kinds';
import { constructError, refuse } from '../private/common/construct-error';
import { kindProblems, text } from '../private/common/kinds';
import { isPrivateEcrReference, referenceProblem, tagOrDigestProblem } from '../private/image/image-reference';

/**
 * The image that a server's image is built on: it brings the operating system and the interpreter.
 *
 * It must be there for linux/arm64, and have the interpreter of the server on its `PATH`: `node`, or `python3`.
 *
 * For an image that these do not name, extend the class.
 */
export abstract class BaseImage {
  /**
   * An image of a registry that lets anyone pull.
   *
   * A tag is looked up when an image is assembled, and not again until the server or its packaging changes. Name a
   * digest to decide yourself when a newer base image is used.
   *
   * @param reference - the registry, the repository and a tag or a digest, such as
   * `public.ecr.aws/docker/library/node:24-slim`. Without a registry it is Docker Hub, which limits how often it may be
   * asked; without a tag or a digest it is refused
   */
  public static fromRegistry(reference: string): BaseImage {
    return new RegistryImage(reference);
  }

  /**
   * An image of a private Amazon ECR repository. The function that assembles the server's image may pull from it, but a
   * repository in another account has to allow that as well.
   *
   * @param repository - the repository
   * @param tagOrDigest - a tag, looked up when the server's image is assembled, or a digest, which starts with
   * `sha256:`
   */
  public static fromEcrRepository(repository: IRepository, tagOrDigest: string): BaseImage {
    return new EcrImage(repository, tagOrDigest);
  }

  /**
   * The image for one server. Called once for each server that is built on it.
   *
   * @param scope - the server, a construct; what the image needs can be made in it
   */
  public abstract bind(scope: Construct): BaseImageConfig;
}

class RegistryImage extends BaseImage {
  public constructor(private readonly reference: string) {
    super();
  }

  public bind(scope: Construct): BaseImageConfig {
    refuse(scope, kindProblems({ reference: this.reference }, { reference: text }));
    const problem = referenceProblem('reference', this.reference);
    if (problem !== undefined) {
      throw constructError(scope, problem);
    }
    if (isPrivateEcrReference(this.reference)) {
      throw constructError(
        scope,
        `\`reference\` is ${JSON.stringify(this.reference)}, which is in a private repository of Amazon ECR: ` +
          'use `BaseImage.fromEcrRepository`, which grants the pull',
      );
    }
    return { reference: this.reference };
  }
}

class EcrImage extends BaseImage {
  public constructor(
    private readonly repository: IRepository,
    private readonly tagOrDigest: string,
  ) {
    super();
  }

  public bind(scope: Construct): BaseImageConfig {
    const { repository, tagOrDigest } = this;
    refuse(scope, kindProblems({ repository, tagOrDigest }, { repository: ecrRepository, tagOrDigest: text }));
    const problem = tagOrDigestProblem(tagOrDigest);
    if (problem !== undefined) {
      throw constructError(scope, problem);
    }
    return { reference: repository.repositoryUriForTagOrDigest(tagOrDigest), repository };
  }
}
