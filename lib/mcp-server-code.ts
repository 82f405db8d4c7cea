import type { Construct } from 'constructs';
import { Packaging } from './packaging';
import type { RuntimeCode } from './private/runtime-code';
import { bundleTypeScript } from './private/typescript-bundle';

/**
 * How a TypeScript server is bundled and shipped.
 */
export interface TypeScriptCodeOptions {
  /**
   * The form in which the bundle reaches AgentCore Runtime.
   *
   * @default Packaging.zip()
   */
  readonly packaging?: Packaging;

  /**
   * Modules that stay out of the bundle, as esbuild patterns: `sharp`, `@aws-sdk/*`.
   *
   * Nothing is installed beside the bundle, so this is for modules that the server can do without: an import of one
   * fails when it is reached.
   *
   * @default - everything that the server imports is bundled, except what Node.js itself provides
   */
  readonly external?: string[];
}

/**
 * The code of an MCP server, and how it becomes something that AgentCore Runtime can start.
 */
export abstract class McpServerCode {
  /**
   * A server written in TypeScript or JavaScript for Node.js 22, with everything it imports.
   *
   * It is bundled while the app is synthesized, by the esbuild of the server's project (`npm install --save-dev esbuild`),
   * into one minified CommonJS file, `index.js`. Equal sources and dependencies give an equal asset, wherever the
   * project is checked out. CommonJS has no top-level `await`: start the server from a function.
   *
   * The source map `index.js.map` lies beside it. Set the environment variable `NODE_OPTIONS` to `--enable-source-maps`
   * to see the lines of the source in stack traces.
   *
   * Fails when the file is missing or does not compile; esbuild's own messages are shown with file, line and column.
   *
   * @param entry the file that starts the server (`.ts`, `.mts`, `.cts`, `.js`, `.mjs` or `.cjs`); a relative path starts at the
   * folder that the CDK app runs in, which is that of `cdk.json`
   * @param options how the server is bundled and shipped
   */
  public static fromTypeScript(entry: string, options: TypeScriptCodeOptions = {}): McpServerCode {
    return new TypeScriptCode(entry, options);
  }

  /** @internal */
  public abstract _bind(scope: Construct): RuntimeCode;
}

class TypeScriptCode extends McpServerCode {
  constructor(private readonly entry: string, private readonly options: TypeScriptCodeOptions) {
    super();
  }

  public _bind(scope: Construct): RuntimeCode {
    const bundle = bundleTypeScript(scope, this.entry, this.options.external ?? []);
    return (this.options.packaging ?? Packaging.zip())._package(scope, bundle);
  }
}
