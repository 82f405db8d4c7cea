import type { AgentRuntimeArtifact } from 'aws-cdk-lib/aws-bedrockagentcore';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import type { Construct } from 'constructs';
import type { BundleCodeOptions } from './bundle-code-options';
import {
  BUNDLE_OPTIONS,
  DOCKERFILE_OPTIONS,
  PYTHON_OPTIONS,
  PYTHON_STDIO_OPTIONS,
  STDIO_OPTIONS,
  TYPESCRIPT_OPTIONS,
} from './code-option-kinds';
import type { DockerfileCodeOptions } from './dockerfile-code-options';
import type { IFileUrl } from './file-url';
import type { McpServerCodeConfig } from './mcp-server-code-config';
import { McpServerProgram } from './mcp-server-program';
import { Packaging } from '../packaging/packaging';
import { artifact as artifactKind, repository as ecrRepository } from '../private/common/cdk-kinds';
import { constructError, refuse } from '../private/common/construct-error';
import { filePath, pathOf } from '../private/common/file-path';
import { kindProblems, options as optionsOf, text, type Kinds } from '../private/common/kinds';
import { InputProblem } from '../private/common/input-problem';
import { dockerfileCode } from '../private/image/dockerfile-code';
import { imageAtUri, imageInRepository } from '../private/image/existing-image';
import { builtBundle } from '../private/node/built-bundle';
import { bundleStdio } from '../private/node/stdio-bundle';
import { bundleTypeScript } from '../private/node/typescript-bundle';
import type { ProgramBundle } from '../private/program/program-bundle';
import { bundlePython } from '../private/python-bundle/python-bundle';
import { bundlePythonStdio } from '../private/python-bundle/python-stdio-bundle';
import type { PythonCodeOptions } from './python-code-options';
import type { PythonStdioCodeOptions } from './python-stdio-code-options';
import type { StdioCodeOptions } from './stdio-code-options';
import type { TypeScriptCodeOptions } from './typescript-code-options';

/**
 * The code of an MCP server, and how it becomes something that AgentCore Runtime can start.
 *
 * For code that these do not name, give the artifact of the L2 construct (`McpServerCode.of`), or extend the class.
 */
export abstract class McpServerCode {
  /**
   * A server written in TypeScript or JavaScript for Node.js 22 or later, with everything it imports.
   *
   * It is bundled while the app is synthesized, by the esbuild of the server's project (`npm install --save-dev
   * esbuild`), into one CommonJS file, `index.js`. Equal sources and dependencies give an equal asset,
   * wherever the project is checked out. CommonJS has no top-level `await`: start the server from a function. Sources
   * and packages may be ES modules; their `import.meta.url`, `import.meta.dirname` and `import.meta.filename` are those
   * of the bundle. The entry alone is the main module, in whatever way sources ask. Classes and functions keep their
   * names.
   *
   * Equal sources are bundled once. The result is cached until two weeks after its last use, in the cache directory of
   * the operating system or in that of the environment variable `CDK_STATEFUL_MCP_CACHE`. Where tsconfig.json asks
   * for metadata of decorators (`emitDecoratorMetadata`), the TypeScript of the project compiles the sources that have
   * some.
   *
   * Modules that cannot be bundled travel along by `nodeModules`, and other files by `assets`. Fails when a package in
   * the bundle needs a binary.
   *
   * The source map `index.js.map` lies beside it, without what concerns packages, and is switched on: stack traces name
   * the lines of the sources. In a zip file, the variable `NODE_OPTIONS` does so; flags of yours there follow it.
   *
   * Fails when the file is missing or does not compile; esbuild's own messages are shown with file, line and column.
   *
   * @param entry - the file that starts the server (`.ts`, `.mts`, `.cts`, `.js`, `.mjs` or `.cjs`); a relative path
   * starts at the directory of `cdk.json`, which the CDK app runs in. Or a URL of it, such as
   * `new URL('./server.ts', import.meta.url)`
   * @param options - how the server is bundled and shipped
   */
  public static fromTypeScript(entry: string | IFileUrl, options: TypeScriptCodeOptions = {}): McpServerCode {
    return new CheckedCode({ entry, options }, { entry: filePath, options: optionsOf(TYPESCRIPT_OPTIONS) }, scope =>
      packaged(scope, options.packaging, bundleTypeScript(scope, pathOf(entry), options)),
    );
  }

  /**
   * A server for stdio in an npm package, unchanged: `stateful-mcp-server` serves it over HTTP, with one process of it
   * for each session. Questions to the user and to the client's model, progress and logs go through. Such servers speak
   * protocol versions up to 2025-11-25.
   *
   * The project has both installed: `npm install stateful-mcp-server @modelcontextprotocol/server` and the package. The
   * package travels along with all that it depends on, as the project has them, and with binaries for Linux on arm64.
   * Servers in Python: `fromPythonStdio`. In other languages: call `serveStdio` in an image of your own
   * (`fromDockerfile`).
   *
   * @param packageName - the package, as in `npx {packageName}`, without a version:
   * `@modelcontextprotocol/server-everything`
   * @param options - which program of it is started, and how it is shipped
   */
  public static fromStdio(packageName: string, options: StdioCodeOptions = {}): McpServerCode {
    return new CheckedCode({ packageName, options }, { packageName: text, options: optionsOf(STDIO_OPTIONS) }, scope =>
      packaged(scope, options.packaging, bundleStdio(scope, packageName, options)),
    );
  }

  /**
   * A server for Node.js that another tool has built, such as Nx, Bazel, Rollup or webpack: what is in a directory
   * travels along as it is, links followed.
   *
   * Everything that the program imports has to be in the directory, bundled or in a `node_modules` of it. Whether its
   * `.js` files are ES modules is what the nearest package.json says, in the directory or above it. Source maps that
   * the tool has written count in stack traces.
   *
   * Build the server before the CDK app runs. Fails when the directory or the entry is missing, or when the directory
   * has binaries for another platform than Linux on arm64.
   *
   * @param directory - what the tool has written; a relative path starts at the folder that the CDK app runs in, which
   * is that of `cdk.json`
   * @param entry - the file that starts the server (`.js`, `.mjs` or `.cjs`), relative to the directory, with `/`
   * between folders: `main.js`
   * @param options - what travels along, and how it is shipped
   */
  public static fromBundle(
    directory: string | IFileUrl,
    entry: string,
    options: BundleCodeOptions = {},
  ): McpServerCode {
    return new CheckedCode(
      { directory, entry, options },
      { directory: filePath, entry: text, options: optionsOf(BUNDLE_OPTIONS) },
      scope => packaged(scope, options.packaging, builtBundle(scope, pathOf(directory), entry, options)),
    );
  }

  /**
   * A server written in Python, with its dependencies.
   *
   * They are installed beside the sources while the app is synthesized, by the uv of this machine (`pip install uv`),
   * as wheels for Linux on arm64. They come from `uv.lock`, `requirements.txt` or `pyproject.toml`, the first of them
   * that the directory has. Equal sources and pinned dependencies give an equal asset on every machine.
   *
   * Projects on this machine that `uv.lock` names, such as members of a workspace, are built as wheels and travel
   * along. So does the project itself where it is a package, as in the `src` layout.
   *
   * Fails when uv is missing, when `uv.lock` is older than `pyproject.toml`, or when a dependency has no wheel for that
   * platform. Also fails when the bundle has binaries for another one, or scripts that only run on this machine.
   *
   * @param directory - the folder of the server; a relative path starts at the folder that the CDK app runs in, which
   * is that of `cdk.json`
   * @param options - how the server is bundled and shipped
   */
  public static fromPython(directory: string, options: PythonCodeOptions = {}): McpServerCode {
    return new CheckedCode({ directory, options }, { directory: filePath, options: optionsOf(PYTHON_OPTIONS) }, scope =>
      packaged(scope, options.packaging, bundlePython(scope, pathOf(directory), options)),
    );
  }

  /**
   * A server for stdio in a Python package, unchanged, such as those that `uvx` starts: a bridge in Python serves it over
   * HTTP, with one process of it for each session. Questions to the user and to the client's model, progress and logs
   * go through. Such servers speak protocol versions up to 2025-11-25.
   *
   * It is installed while the app is synthesized, by the uv of this machine (`pip install uv`), as wheels for Linux on
   * arm64, with all that it depends on and uvicorn. What it depends on is not locked by its version: name a project with
   * a `uv.lock` by `projectDirectory` to have equal assets on every day and every machine.
   *
   * Fails when uv is missing, when something has no wheel for that platform, or when the package has no program, or
   * several of which none has its name.
   *
   * @param requirement - the package with its version, `mcp-server-time==2026.10.19`, also with extras (`name[extra]==1.0`);
   * with `projectDirectory` the version may be left out
   * @param options - which program of it is started, and how it is shipped
   */
  public static fromPythonStdio(requirement: string, options: PythonStdioCodeOptions = {}): McpServerCode {
    return new CheckedCode(
      { requirement, options },
      { requirement: text, options: optionsOf(PYTHON_STDIO_OPTIONS) },
      scope => packaged(scope, options.packaging, bundlePythonStdio(scope, requirement, options)),
    );
  }

  /**
   * A server in any language, built by a Dockerfile.
   *
   * The CDK has Docker build the image on the machine that deploys, always for linux/arm64, and pushes it to the
   * repository for assets. A machine that is not arm64 itself needs an emulator for `RUN` instructions. What
   * `.dockerignore` names stays out. To use another program than Docker, set the environment variable `CDK_DOCKER`, for
   * example to `podman`.
   *
   * Neither Docker nor the directory is needed to list the stacks of the app or to deploy its other stacks.
   *
   * @param directory - the folder that is sent to Docker; a relative path starts at the folder that the CDK app runs in
   * @param options - what to build of it, and how
   */
  public static fromDockerfile(directory: string, options: DockerfileCodeOptions = {}): McpServerCode {
    return new CheckedCode(
      { directory, options },
      { directory: filePath, options: optionsOf(DOCKERFILE_OPTIONS) },
      scope => dockerfileCode(scope, pathOf(directory), options),
    );
  }

  /**
   * A server in an image that is in a private Amazon ECR repository. It must be there for linux/arm64, and have at most
   * 2 GB.
   *
   * The server may pull from the repository. A repository in another account has to allow that in its policy.
   *
   * @param repository - the repository
   * @param tagOrDigest - a tag, or a digest, which starts with `sha256:`. A deployment sees that something has changed
   * when this does: to deploy what a tag was moved to, name the digest. For the tag `latest` a warning says so. An
   * unresolved token counts as a tag.
   */
  public static fromEcrRepository(repository: IRepository, tagOrDigest: string): McpServerCode {
    return new CheckedCode({ repository, tagOrDigest }, { repository: ecrRepository, tagOrDigest: text }, scope =>
      imageInRepository(scope, repository, tagOrDigest),
    );
  }

  /**
   * A server in an image with this URI. It must be there for linux/arm64, and have at most 2 GB.
   *
   * The server may pull from the repository that the URI names. When the URI is an unresolved token, it is not granted
   * anything, and a warning says so.
   *
   * @param uri - an image in Amazon ECR, `{account}.dkr.ecr.{region}.amazonaws.com/{repository}` or
   * `public.ecr.aws/{repository}`, with `:{tag}` or `@{digest}`; for the tag `latest`, a warning says that a deployment
   * does not see when it moves
   */
  public static fromImageUri(uri: string): McpServerCode {
    return new CheckedCode({ uri }, { uri: text }, scope => imageAtUri(scope, uri));
  }

  /**
   * Code as the L2 construct of the runtime takes it, for one server. What it needs for itself, it grants the role of
   * the server.
   *
   * @param artifact - such as `AgentRuntimeArtifact.fromAsset(...)`
   */
  public static of(artifact: AgentRuntimeArtifact): McpServerCode {
    return new CheckedCode({ artifact }, { artifact: artifactKind }, () => ({ artifact }));
  }

  /**
   * The code for one server. Called once for each server.
   *
   * @param scope - the server, a construct; what the code needs is made in it
   */
  public abstract bind(scope: Construct): McpServerCodeConfig;
}

/** Looks at what a factory was given when it is known which construct it was given for. */
class CheckedCode<T extends object> extends McpServerCode {
  public constructor(
    private readonly given: T,
    private readonly kinds: Kinds<T>,
    private readonly make: (scope: Construct) => McpServerCodeConfig,
  ) {
    super();
  }

  public bind(scope: Construct): McpServerCodeConfig {
    refuse(scope, kindProblems(this.given, this.kinds));
    try {
      return this.make(scope);
    } catch (error) {
      throw error instanceof InputProblem ? constructError(scope, error.message) : error;
    }
  }
}

function packaged(
  scope: Construct,
  packaging: Packaging = Packaging.image(),
  bundle: ProgramBundle,
): McpServerCodeConfig {
  return packaging.bind(scope, McpServerProgram._of(bundle));
}
