import type { Packaging } from '../packaging/packaging';

/**
 * How a bundle that another tool has built is shipped.
 */
export interface BundleCodeOptions {
  /**
   * Files and folders of the directory that stay behind, as patterns of `.gitignore`: `*.test.js`, `docs`.
   *
   * @default - everything in the directory travels along, but `cdk.out`
   */
  readonly exclude?: string[];

  /**
   * The form in which the bundle reaches AgentCore Runtime.
   *
   * @default Packaging.image()
   */
  readonly packaging?: Packaging;
}
