import type { AgentCoreRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';
import type { Packaging } from '../packaging/packaging';

/**
 * How a Python server is bundled and shipped.
 */
export interface PythonCodeOptions {
  /**
   * The file in the directory that starts the server.
   *
   * @default 'main.py'
   */
  readonly entry?: string;

  /**
   * The version of Python: one of the `PYTHON` runtimes. In an image it chooses the base image, unless the packaging
   * names one, which must then have the same version.
   *
   * @default AgentCoreRuntime.PYTHON_3_13
   */
  readonly interpreter?: AgentCoreRuntime;

  /**
   * Files and folders of the directory that stay out of the bundle, as patterns of `.gitignore`: `tests`, `*.md`.
   *
   * @default - what begins with a dot, virtual environments, compiled Python files, `node_modules` and `cdk.out` stay
   * out
   */
  readonly exclude?: string[];

  /**
   * The form in which the bundle reaches AgentCore Runtime.
   *
   * @default Packaging.image()
   */
  readonly packaging?: Packaging;
}
