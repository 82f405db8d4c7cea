import type { Duration } from 'aws-cdk-lib';
import type { McpCheckAnswer } from './mcp-check-answer';
import type { McpCheckReply } from './mcp-check-reply';

/**
 * An era of the Model Context Protocol.
 */
export enum McpEra {
  /**
   * Protocol 2025-11-25 and earlier: a session, in which the server asks.
   */
  LEGACY = 'legacy',

  /**
   * Protocol 2026-07-28: requests without a session, which end with a question and are sent again with its answer.
   */
  MODERN = 'modern',
}

/**
 * What a server has to do before users get it.
 */
export interface McpCheckOptions {
  /**
   * Protocol eras that have to work, each once.
   *
   * @default - both where the server is written with `stateful-mcp-server`, or in Python with `stateful-mcp-fastmcp`, as
   * far as the bundle tells; else the legacy one
   */
  readonly eras?: McpEra[];

  /**
   * Whether the server keeps sessions in the legacy era: the same id reaches the same process, another one does not, and
   * an unknown one gets HTTP status 404.
   *
   * @default true
   */
  readonly sessions?: boolean;

  /**
   * Names of tools that have to be listed. Others may be, too.
   *
   * @default - those of the version that is live
   */
  readonly tools?: string[];

  /**
   * Names of prompts that have to be listed.
   *
   * @default - those of the version that is live
   */
  readonly prompts?: string[];

  /**
   * URIs of resources, or templates of URIs, that have to be listed.
   *
   * @default - those of the version that is live
   */
  readonly resources?: string[];

  /**
   * Tool calls with all that is said in them, held one after the other, once for each era. 100 at most.
   *
   * They really call the tools: have them do what may be done, or undo it in the last one.
   *
   * @default - no tool is called
   */
  readonly conversations?: McpCheckConversation[];

  /**
   * How long a call may take.
   *
   * @default - no bound but the timeout of the call
   */
  readonly latency?: McpCheckLatency;

  /**
   * How many first calls are made at the same time, each in a session of its own: 1 to 10.
   *
   * @default - none
   */
  readonly parallelFirstCalls?: number;

  /**
   * Changes against the version that is live which break clients and are intended, by name: `tool:NAME`, `prompt:NAME`
   * or `resource:URI`.
   *
   * @default - none: a tool that was removed, an argument that became required or a schema that became narrower fails
   */
  readonly allowedChanges?: string[];
}

/**
 * How long a call may take. Both bounds are above 0.
 */
export interface McpCheckLatency {
  /**
   * From the first request of a new session to its response: the cold start.
   *
   * @default - any time
   */
  readonly firstCall?: Duration;

  /**
   * The fastest of three `tools/list` in a session that is up.
   *
   * @default - any time
   */
  readonly warmCall?: Duration;
}

/**
 * One tool call of a check, and what is said in it.
 */
export interface McpCheckConversation {
  /**
   * How reports name it.
   *
   * @default - the name of the tool
   */
  readonly name?: string;

  /**
   * The tool.
   */
  readonly tool: string;

  /**
   * Its arguments. They are in the template: no secret.
   *
   * @default - none
   */
  readonly arguments?: { [name: string]: unknown };

  /**
   * The answers to its questions, each used once, all of them. A question that has none fails the check.
   *
   * @default - it asks nothing
   */
  readonly elicitation?: McpCheckAnswer[];

  /**
   * What the client's model says, each used once, all of them.
   *
   * @default - it does not ask for the model
   */
  readonly sampling?: McpCheckReply[];

  /**
   * How many progress notifications come. Wherever there are any, their progress has to rise.
   *
   * @default - any, or none
   */
  readonly progress?: McpCheckProgress;

  /**
   * What the result has to be.
   *
   * @default - any that is no error of the tool
   */
  readonly result?: McpCheckResult;

  /**
   * How long it may take, above 0.
   *
   * @default Duration.minutes(1)
   */
  readonly timeout?: Duration;
}

/**
 * How many progress notifications are expected: whole numbers from 0.
 */
export interface McpCheckProgress {
  /**
   * So many at least.
   *
   * @default - any number
   */
  readonly atLeast?: number;

  /**
   * So many at most, and not below `atLeast`.
   *
   * @default - any number
   */
  readonly atMost?: number;
}

/**
 * The expected result of a tool. All that is given has to hold.
 */
export interface McpCheckResult {
  /**
   * Whether it has to be an error of the tool.
   *
   * @default false
   */
  readonly isError?: boolean;

  /**
   * A part of its text.
   *
   * @default - any text
   */
  readonly text?: string;

  /**
   * A regular expression, without slashes, that matches its text.
   *
   * @default - any text
   */
  readonly matches?: string;

  /**
   * Members that its structured content has to have, with these values. Objects are compared by the members given.
   *
   * @default - any, or none
   */
  readonly structuredContent?: { [name: string]: unknown };
}
