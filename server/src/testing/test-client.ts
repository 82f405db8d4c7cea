import type {
  CallToolResult,
  Client,
  GetPromptResult,
  LoggingMessageNotificationParams,
  Progress,
  ReadResourceResult,
} from '@modelcontextprotocol/client';
import type { FetchHandlerOptions, McpServerFactory } from 'stateful-mcp-server';
import { connectInMemory } from './in-memory';
import { Script, type Question, type ScriptedElicitation, type ScriptedSample } from './script';

export interface TestClientOptions {
  /**
   * Which protocol the client speaks: `legacy` = 2025-11-25, with a session; `modern` = 2026-07-28.
   * @default 'legacy'
   */
  readonly era?: 'legacy' | 'modern';
  /**
   * What the user answers, in order.
   * @default - the client does not declare elicitation
   */
  readonly elicitation?: readonly ScriptedElicitation[];
  /**
   * What the client's model answers, in order.
   * @default - the client does not declare sampling
   */
  readonly sampling?: readonly ScriptedSample[];
  /**
   * How the server is served.
   * @default - as by `serve()` without options, with a log of errors only
   */
  readonly serve?: FetchHandlerOptions;
}

/** What a tool gave back. */
export interface TestToolResult extends CallToolResult {
  /** The text of all its content. */
  readonly text: string;
}

/** A real client of the MCP SDK, connected in memory, with a scripted user and model. */
export interface TestClient {
  readonly era: 'legacy' | 'modern';
  /** What the server asked so far. */
  readonly questions: readonly Question[];
  /** What progress the server reported so far. */
  readonly progress: readonly Progress[];
  /** What the server logged to the client so far. */
  readonly logs: readonly LoggingMessageNotificationParams[];
  /** The client itself, for everything else. */
  readonly mcp: Client;
  /**
   * @throws ServerKitError `ERR_UNEXPECTED_QUESTION` when the server asked something that the script has no answer to,
   * whatever it made of that
   */
  callTool(name: string, args?: Record<string, unknown>): Promise<TestToolResult>;
  /** @throws ServerKitError `ERR_UNEXPECTED_QUESTION` */
  getPrompt(name: string, args?: Record<string, string>): Promise<GetPromptResult>;
  /** @throws ServerKitError `ERR_UNEXPECTED_QUESTION` */
  readResource(uri: string): Promise<ReadResourceResult>;
  /**
   * Ends the client and the server.
   * @throws ServerKitError `ERR_UNUSED_ANSWERS` when the server asked less than the script answers
   */
  close(): Promise<void>;
  /** The same as `close()`, at the end of a block with `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Connects a client to a server without a port and without a process, through everything that `serve()` puts around it.
 *
 * ```ts
 * const client = await openTestClient(createServer, { era: 'modern', elicitation: [{ accept: { amount: 12.5 } }], sampling: ['Fine.'] });
 * expect((await client.callTool('add_expense')).text).toBe('Stored 12.50.');
 * await client.close();
 * ```
 * @param factory - the one that `serve()` gets
 */
export async function openTestClient(factory: McpServerFactory, options: TestClientOptions = {}): Promise<TestClient> {
  const { era = 'legacy', elicitation, sampling } = options;
  const script = new Script(elicitation, sampling);
  const logs: LoggingMessageNotificationParams[] = [];
  const progress: Progress[] = [];
  const { mcp, end } = await connectInMemory(factory, {
    era,
    serve: options.serve,
    ...(elicitation && { elicit: request => script.elicit(request) }),
    ...(sampling && { sample: request => script.sample(request) }),
    onLog: entry => logs.push(entry),
    onProgress: entry => progress.push(entry),
  });
  // A client gets progress for calls that it listens to; what it gets is recorded where it comes in.
  const listening = { onprogress: () => undefined };

  const settled = async <Result>(call: Promise<Result>): Promise<Result> => {
    const outcome = await Promise.allSettled([call]);
    script.check();
    if (outcome[0].status === 'fulfilled') {
      return outcome[0].value;
    }
    throw outcome[0].reason;
  };

  const close = async (): Promise<void> => {
    await end();
    script.end();
  };

  return {
    era,
    questions: script.questions,
    progress,
    logs,
    mcp,
    callTool: async (name, args = {}) => {
      const result = await settled(mcp.callTool({ name, arguments: args }, listening));
      return { ...result, text: result.content.map(content => (content.type === 'text' ? content.text : '')).join('') };
    },
    getPrompt: (name, args = {}) => settled(mcp.getPrompt({ name, arguments: args }, listening)),
    readResource: uri => settled(mcp.readResource({ uri }, listening)),
    close,
    [Symbol.asyncDispose]: close,
  };
}
