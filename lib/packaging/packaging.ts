import type { RemovalPolicy } from 'aws-cdk-lib';
import type { IKeyRef } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { BaseImage } from './base-image';
import { ImageAssembler } from '../deployment/image-assembler';
import type { McpServerCodeConfig } from '../code/mcp-server-code-config';
import type { McpServerProgram } from '../code/mcp-server-program';
import { key, removalPolicy } from '../private/common/cdk-kinds';
import { refuse } from '../private/common/construct-error';
import { instanceOf, optional, options as optionsOf, type Kinds } from '../private/common/kinds';
import { imageCode } from '../private/packaging/image-code';
import { zipCode } from '../private/packaging/zip-code';

/**
 * How a server becomes a container image.
 */
export interface ImagePackagingOptions {
  /**
   * The image that the server's image is built on.
   *
   * Of the official images `node` and `python`, the tag is checked. The version must be one that the server is bundled
   * for, and not Alpine Linux where the bundle has binaries. What other images bring, or those that are named by digest
   * alone, is not known before the server starts.
   *
   * @default - for TypeScript, the tag `24-slim` of `public.ecr.aws/docker/library/node`; for Python, `3.13-slim`, or
   * that of another version, of `public.ecr.aws/docker/library/python`
   */
  readonly baseImage?: BaseImage;

  /**
   * What happens to the server's repository when it is no longer in the stack. That is when the stack or the server was
   * deleted, or when the server is packaged in another way.
   *
   * By default it stays, except after a deployment that failed to create it: nothing has used its images then.
   *
   * With `RemovalPolicy.DESTROY` its images go with it, and versions of the runtime that were made from them can no
   * longer start.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * The key of AWS KMS that the server's repository is encrypted with. Another key makes another repository.
   *
   * @default - a key of Amazon S3 (AES-256)
   */
  readonly encryptionKey?: IKeyRef;

  /**
   * What assembles the image.
   *
   * @default - the one of the stack, with properties that suit most accounts
   */
  readonly assembler?: ImageAssembler;
}

const IMAGE_OPTIONS: Kinds<ImagePackagingOptions> = {
  baseImage: optional(instanceOf('BaseImage', () => BaseImage, 'make one with `BaseImage.fromRegistry(...)`')),
  removalPolicy: optional(removalPolicy),
  encryptionKey: optional(key),
  assembler: optional(
    instanceOf('ImageAssembler', () => ImageAssembler, 'make one with `new ImageAssembler(...)`', []),
  ),
};

/**
 * The form in which a bundled server reaches AgentCore Runtime.
 *
 * For a form that these do not name, extend the class.
 *
 * @example
 * const baseImage = BaseImage.fromRegistry('public.ecr.aws/docker/library/node:24-slim');
 * new StatefulMcpServer(this, 'Expenses', {
 *   code: McpServerCode.fromTypeScript('server.ts', { packaging: Packaging.image({ baseImage }) }),
 * });
 */
export abstract class Packaging {
  /**
   * Direct code deployment: a zip file in Amazon S3, run by the Node.js or Python that AgentCore Runtime provides and
   * patches.
   *
   * Limits of the service: 250 MB compressed, 750 MB unpacked, and 30 seconds until the server listens.
   *
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-get-started-code-deploy.html
   */
  public static zip(): Packaging {
    return new ZipPackaging();
  }

  /**
   * A container image for linux/arm64, without Docker. A function assembles it during the deployment, from a base image
   * and one layer with the bundle, and pushes it to an Amazon ECR repository of the server's own.
   *
   * The runtime names the image by its digest. Equal code on an equal base image gives an equal digest. Tags in the
   * repository are immutable, images are scanned when they are pushed, and the newest 2000 are kept. That is twice as
   * many as a runtime can have versions, so that every version finds its image.
   *
   * The server runs as user and group 1000 in the folder `/app`. The base image, and what it is patched with, is yours
   * to choose and to renew.
   *
   * Limits of the service: 2 GB for the image, and 120 seconds until the server listens.
   *
   * @param options - what the image is built on, and what happens to the repository
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/bedrock-agentcore-limits.html
   */
  public static image(options: ImagePackagingOptions = {}): Packaging {
    return new ImagePackaging(options);
  }

  /**
   * Packages the program of one server. Called once for each server.
   *
   * @param scope - the server, a construct; what the form needs is made in it
   * @param program - the program
   */
  public abstract bind(scope: Construct, program: McpServerProgram): McpServerCodeConfig;
}

class ZipPackaging extends Packaging {
  public bind(scope: Construct, program: McpServerProgram): McpServerCodeConfig {
    return zipCode(scope, program._bundle);
  }
}

class ImagePackaging extends Packaging {
  public constructor(private readonly options: ImagePackagingOptions) {
    super();
  }

  public bind(scope: Construct, program: McpServerProgram): McpServerCodeConfig {
    refuse(scope, optionsOf(IMAGE_OPTIONS)(this.options, 'options'));
    return imageCode(scope, program._bundle, this.options);
  }
}
