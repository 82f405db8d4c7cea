import type { AgentCoreRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';
import type { Packaging } from '../packaging/packaging';

/**
 * How a server for stdio in a Python package is started and shipped.
 */
export interface PythonStdioCodeOptions {
  /**
   * The folder of a project that depends on the package and on uvicorn: a `uv.lock`, `requirements.txt` or
   * `pyproject.toml` there decides about versions, indexes and hashes; a relative path starts at the folder that the
   * CDK app runs in. The files of the project itself do not travel along.
   *
   * @default - the package is resolved by its name and version, and what it depends on in the newest versions that fit
   */
  readonly projectDirectory?: string;

  /**
   * Which of the package's programs is started, by its name (`[project.scripts]`).
   *
   * @default - the only one, or the one with the name of the package
   */
  readonly program?: string;

  /**
   * What follows the program on its command line.
   *
   * @default - nothing
   */
  readonly args?: string[];

  /**
   * The version of Python: one of the `PYTHON` runtimes. In an image it chooses the base image, unless the packaging
   * names one, which must then have the same version.
   *
   * @default AgentCoreRuntime.PYTHON_3_13
   */
  readonly interpreter?: AgentCoreRuntime;

  /**
   * The form in which the server reaches AgentCore Runtime.
   *
   * @default Packaging.image()
   */
  readonly packaging?: Packaging;
}
