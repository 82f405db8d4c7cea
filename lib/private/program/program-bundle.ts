import type { AgentCoreRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';
import type { NodeEngine } from './node-engines';
import type { ProgramFile } from './program-files';

/** A program with everything it needs but its interpreter, and how it is started. */
export interface ProgramBundle {
  /** The folder of the project that the program was made from. */
  readonly projectRoot: string;

  /**
   * The options that esbuild made the program with, where esbuild did. Their type is left out: the public declarations
   * reach this file.
   */
  readonly esbuildOptions?: object;

  /** What the bundle holds; empty when the stack is not being bundled. */
  readonly files: readonly ProgramFile[];

  /** What starts it from a zip file. */
  readonly zipStart: ZipStart;

  /** What starts it in an image. */
  readonly imageStart: ImageStart;

  /** The versions of Node.js that its packages are made for. */
  readonly engines: readonly NodeEngine[];

  /** It was written with `stateful-mcp-server`, or with `stateful-mcp-fastmcp`. */
  readonly usesServerKit: boolean;

  /** It sends spans of its own to Amazon CloudWatch. */
  readonly sendsSpans: boolean;
}

export interface ZipStart {
  /** The language runtime that AgentCore Runtime provides. */
  readonly runtime: AgentCoreRuntime;
  readonly entryPoint: string[];

  /** Environment variables of the runtime, in which those of the user win. */
  readonly environment?: Record<string, string>;
}

export interface ImageStart {
  /**
   * The official image that brings the interpreter in the version that the program is bundled for, unless the user
   * chooses another.
   */
  readonly baseImage: string;

  /** The interpreter and its arguments, without a shell. */
  readonly entryPoint: string[];

  /** Environment variables of the image. */
  readonly environment?: Record<string, string>;
}
