/**
 * Commands that run while a server is bundled, as those of `NodejsFunction`.
 *
 * Each command runs in a shell of its own (`sh`, or `cmd` on Windows), in the root of the server's project, the folder
 * of its `package.json`. The first that fails ends the synthesis. None runs where the stack is not bundled (`cdk list`,
 * or when another stack is deployed).
 */
export interface ICommandHooks {
  /**
   * Commands that run before the sources are bundled, for example to generate some of them.
   *
   * @param inputDir - the root of the server's project
   * @param outputDir - a new folder; what is written there travels along with the bundle
   * @returns commands; none for an empty list
   */
  beforeBundling(inputDir: string, outputDir: string): string[];

  /**
   * Commands that run before modules are taken from the `node_modules` of the project. They do not run without
   * `nodeModules` or `telemetry`.
   *
   * @param inputDir - the root of the server's project
   * @param outputDir - the folder of the bundle; what is written there travels along
   * @returns commands; none for an empty list
   */
  beforeInstall(inputDir: string, outputDir: string): string[];

  /**
   * Commands that run when the bundle is whole, for example to copy files into it. The program is `index.js`.
   *
   * @param inputDir - the root of the server's project
   * @param outputDir - the folder of the bundle, with all its files; what is in it afterwards is deployed
   * @returns commands; none for an empty list
   */
  afterBundling(inputDir: string, outputDir: string): string[];
}
