import type { Packaging } from '../packaging/packaging';

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
   * Modules that stay behind, by the names of their packages or as patterns: `better-sqlite3`, `@aws-sdk/*`.
   *
   * This is for what the server can do without, such as a module with a binary that is not there for Linux on arm64. An
   * import of one fails when it is reached. Optional dependencies that cannot run there stay behind without being
   * named; a warning says so.
   *
   * @default - all that the package depends on travels along
   */
  readonly externalModules?: string[];

  /**
   * The form in which the server reaches AgentCore Runtime.
   *
   * @default Packaging.image()
   */
  readonly packaging?: Packaging;
}
