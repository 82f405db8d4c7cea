import type { AgentCoreRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import { programAsset } from '../private/program/program-asset';
import type { ProgramBundle } from '../private/program/program-bundle';
import { writeFiles } from '../private/program/program-files';

/**
 * A server with everything it needs but its interpreter, before it is packaged: what a `Packaging` is given.
 */
export class McpServerProgram {
  /** @internal */
  public static _of(bundle: ProgramBundle): McpServerProgram {
    return new McpServerProgram(bundle);
  }

  private constructor(
    /** @internal */
    public readonly _bundle: ProgramBundle,
  ) {}

  /**
   * Whether the files are there. They are not where the CDK does not want the stack bundled (`cdk list`, or when
   * another stack is deployed). Whatever is made then has to have the same shape and the same permissions.
   */
  public get isBundled(): boolean {
    return this._bundle.files.length > 0;
  }

  /**
   * The interpreter that AgentCore Runtime provides, for direct code deployment.
   */
  public get interpreter(): AgentCoreRuntime {
    return this._bundle.zipStart.runtime;
  }

  /**
   * What starts the program with that interpreter: `['index.js']`.
   */
  public get zipEntryPoint(): string[] {
    return [...this._bundle.zipStart.entryPoint];
  }

  /**
   * Environment variables of a runtime that starts the program by `zipEntryPoint`.
   */
  public get zipEnvironment(): { [name: string]: string } {
    return { ...this._bundle.zipStart.environment };
  }

  /**
   * The program and its arguments in an image, in the folder of the files and without a shell: `['node',
   * '--enable-source-maps', 'index.js']`.
   */
  public get imageEntryPoint(): string[] {
    return [...this._bundle.imageStart.entryPoint];
  }

  /**
   * Environment variables of the image.
   */
  public get imageEnvironment(): { [name: string]: string } {
    return { ...this._bundle.imageStart.environment };
  }

  /**
   * The official image that brings the interpreter in the version that the program is bundled for.
   */
  public get baseImage(): string {
    return this._bundle.imageStart.baseImage;
  }

  /**
   * Whether the program is written with `stateful-mcp-server`.
   */
  public get usesServerKit(): boolean {
    return this._bundle.usesServerKit;
  }

  /**
   * Whether the program sends spans of its own to Amazon CloudWatch.
   */
  public get sendsSpans(): boolean {
    return this._bundle.sendsSpans;
  }

  /**
   * Writes the files of the program.
   *
   * @param directory - a directory that exists
   */
  public writeTo(directory: string): void {
    writeFiles(directory, this._bundle.files);
  }

  /**
   * The files of the program as a zip file in the bucket for assets. Its construct is named `Code`.
   *
   * @param scope - what the server is made in
   */
  public asset(scope: Construct): Asset {
    return programAsset(scope, this._bundle);
  }
}
