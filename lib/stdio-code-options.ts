import type { Packaging } from './packaging';

/**
 * How a server for stdio is started and shipped.
 */
export interface StdioCodeOptions {
  /**
   * The folder of the project that has the package installed; a relative path starts at the folder that the CDK app
   * runs in.
   *
   * @default - the folder that the CDK app runs in
   */
  readonly projectDirectory?: string;

  /**
   * Which of the package's programs is started, by its name in `bin` of its `package.json`.
   *
   * @default - the only one, or the one with the name of the package without its scope
   */
  readonly program?: string;

  /**
   * What follows the program on its command line.
   *
   * @default - nothing
   */
  readonly args?: string[];

  /**
   * The form in which the server reaches AgentCore Runtime.
   *
   * @default Packaging.image()
   */
  readonly packaging?: Packaging;
}
