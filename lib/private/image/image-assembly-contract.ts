/**
 * What the custom resource that assembles an image is given, and what it answers: the contract between the construct
 * and `lambda/image-assembler`.
 *
 * CloudFormation delivers every scalar as a string and drops empty maps and lists, hence no numbers and the optional
 * maps.
 */
export interface ImageAssemblyProperties {
  /** The repository that gets the image, `{account}.dkr.ecr.{region}.amazonaws.com/{name}`. It must exist. */
  readonly repositoryUri: string;

  /**
   * The image to build on, by tag or digest: `public.ecr.aws/docker/library/node:24-slim`. An index, or an image for
   * linux/arm64.
   *
   * A tag is resolved once per assembly: equal properties give the image that was assembled first, as long as it is in
   * the repository.
   */
  readonly baseImage: string;

  /** The files of the application. */
  readonly application: ApplicationArchive;

  /** The program and its arguments, without a shell: `['node', 'index.js']`. */
  readonly entrypoint: string[];

  /** The numeric user, or user and group, that the program runs as: `1000` or `1000:1000`. Neither may be 0. */
  readonly user: string;

  /** The folder that gets the application's files and in which the program starts. It lies in the root: `/app`. */
  readonly workingDirectory: string;

  /** The port that the program listens on. It is declared in the image, nothing more: `8000`. */
  readonly port: string;

  /** Environment variables of the image, added to those of the base image. */
  readonly environment?: Record<string, string>;

  /** Labels of the image, added to those of the base image. */
  readonly labels?: Record<string, string>;
}

/** A zip archive in Amazon S3. */
export interface ApplicationArchive {
  readonly bucketName: string;
  readonly objectKey: string;

  /** What identifies the content, 8 to 64 hexadecimal digits. For an asset of the CDK, its hash. */
  readonly contentHash: string;
}

/** The attributes of the custom resource: `resource.getAttString('imageUri' satisfies keyof ImageAssemblyData)`. */
export interface ImageAssemblyData {
  /** The repository and the digest: what to deploy. */
  readonly imageUri: string;

  /** `sha256:` and 64 hexadecimal digits. */
  readonly imageDigest: string;

  /** The tag in the repository, which names the content and is never moved. */
  readonly imageTag: string;

  /** The digest that `baseImage` stood for when the image was assembled. */
  readonly baseImageDigest: string;
}
