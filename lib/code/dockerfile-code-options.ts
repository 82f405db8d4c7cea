/**
 * How the image of a server is built from a Dockerfile.
 */
export interface DockerfileCodeOptions {
  /**
   * The Dockerfile, by its path in the directory. It may lie in a folder there, but not outside.
   *
   * @default 'Dockerfile'
   */
  readonly file?: string;

  /**
   * The stage of the Dockerfile to build.
   *
   * @default - the last one
   */
  readonly target?: string;

  /**
   * Values for the `ARG` instructions of the Dockerfile. They stay readable in the image, so pass no secrets here.
   *
   * @default - the values that the Dockerfile gives them
   */
  readonly buildArgs?: { [name: string]: string };

  /**
   * Secrets for `RUN --mount=type=secret`, by their ids; `DockerBuildSecret` makes the values. They do not get into the
   * image.
   *
   * @default - no secrets
   */
  readonly buildSecrets?: { [id: string]: string };
}
