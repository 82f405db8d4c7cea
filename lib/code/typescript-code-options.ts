import type { Packaging } from '../packaging/packaging';
import type { ICommandHooks } from './command-hooks';

/**
 * How a TypeScript server is bundled and shipped.
 */
export interface TypeScriptCodeOptions {
  /**
   * The form in which the bundle reaches AgentCore Runtime.
   *
   * @default Packaging.image()
   */
  readonly packaging?: Packaging;

  /**
   * Modules that stay out of the bundle, as esbuild patterns: `sharp`, `@aws-sdk/*`.
   *
   * Nothing is installed beside the bundle, so this is for modules that the server can do without: an import of one
   * fails when it is reached. For modules that it needs, see `nodeModules`.
   *
   * @default - everything that the server imports is bundled, except what Node.js itself provides
   */
  readonly externalModules?: string[];

  /**
   * The fields of a package's `package.json` that may name its entry, the first one first. They count for packages
   * without `exports`.
   *
   * With `['module', 'main']`, ES modules come before CommonJS, and what the server does not use of them is left out:
   * the AWS SDK becomes a fifth smaller. A package that others get by `require` may then not be what they expect: try
   * the server in the local runtime first.
   *
   * @default ['main', 'module'], as esbuild has it for Node.js
   */
  readonly mainFields?: string[];

  /**
   * Modules that cannot be bundled, by the names of their packages, because they bring native addons or load files of
   * their own: `sharp`.
   *
   * They travel along beside the bundle with all that they depend on, as the `node_modules` of the project have them.
   * Versions, overrides, patches and packages of the same repository are kept, by npm, pnpm or Yarn. Binaries for Linux
   * on arm64, and packages whose install scripts ran on this machine, are fetched by npm as the lock file of the
   * project says; without it, nothing is. Install scripts do not run. What is for other platforms stays behind where
   * the right one is there, and so does an optional module that cannot run there; a warning says so. Otherwise, a
   * module for other platforms only, or for other versions of Node.js than the server runs on, is refused.
   *
   * @default - everything is bundled, and packages that need a binary are refused
   */
  readonly nodeModules?: string[];

  /**
   * Files and folders that travel along with the bundle, by their paths relative to the folder of `entry`: `templates`,
   * `schema.json`.
   *
   * They keep these places, so that the server finds them by `path.join(__dirname, 'templates')`, where `__dirname` is
   * used in `entry` itself. Binaries among them must be for Linux on arm64. `index.js`, `index.js.map`, `package.json`
   * and `node_modules` are names of the bundle's own.
   *
   * @default - nothing but the bundle
   */
  readonly assets?: string[];

  /**
   * Whether the server sends traces of its requests, and of the calls that it makes, to Amazon CloudWatch, by the AWS
   * Distro for OpenTelemetry.
   *
   * The project must have `@aws/aws-distro-opentelemetry-node-autoinstrumentation`, which travels along (about 110 MB
   * unpacked) and instruments what Node.js provides, such as `http` and `fetch`. Of the modules in the bundle it sees
   * nothing: name those that it should instrument in `nodeModules`. The account must have Transaction Search switched
   * on.
   *
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/observability-configure.html
   *
   * @default false
   */
  readonly telemetry?: boolean;

  /**
   * Whether the program is made smaller. Names of classes and functions stay as they are.
   *
   * @default true
   */
  readonly minify?: boolean;

  /**
   * How files are loaded, by their extensions, in the words of esbuild: `{ '.txt': 'text', '.wasm': 'binary' }`.
   *
   * @see https://esbuild.github.io/content-types/
   *
   * @default - as esbuild does
   */
  readonly loader?: { [extension: string]: string };

  /**
   * Expressions that take the place of global names, as JavaScript: `{ 'process.env.STAGE': '"test"' }`.
   *
   * @see https://esbuild.github.io/api/#define
   *
   * @default - none
   */
  readonly define?: { [name: string]: string };

  /**
   * Packages that are bundled in place of others, by the names that are imported: `{ 'node-fetch': './fetch.js' }`.
   *
   * @see https://esbuild.github.io/api/#alias
   *
   * @default - none
   */
  readonly alias?: { [name: string]: string };

  /**
   * Conditions of the `exports` of packages, beside those of Node.js.
   *
   * @see https://esbuild.github.io/api/#conditions
   *
   * @default - none
   */
  readonly conditions?: string[];

  /**
   * The `tsconfig.json`, whose `paths`, decorators and JSX settings count; a relative path starts at the directory that
   * the CDK app runs in.
   *
   * @default - for each source, the nearest one above it
   */
  readonly tsconfig?: string;

  /**
   * Other flags of esbuild's command line, as `NodejsFunction` takes them: `{ '--drop:console': true,
   * '--legal-comments': 'none' }`. Paths start at the root of the server's project, the folder of its `package.json`.
   *
   * Flags that would leave no program that AgentCore Runtime can start are refused, such as `--format` and `--platform`,
   * and so are those that are props.
   *
   * @see https://esbuild.github.io/api/
   *
   * @default - none
   */
  readonly esbuildArgs?: { [flag: string]: string | boolean };

  /**
   * Commands that run before and after the server is bundled. They run in each synthesis, whatever has changed.
   *
   * @default - none
   */
  readonly commandHooks?: ICommandHooks;
}
