import { inputRequired, type CallToolResult, type InputRequiredResult, type ServerContext } from '@modelcontextprotocol/server';
import { callContextOf, requestStateOf } from './call-context';
import { interactionOf } from './conversation';
import { CapabilityNotDeclaredError, ElicitationRefusedError, ServerKitError } from './errors';
import type { Interaction } from './interaction';
import { legacyConversation, statelessConversation } from './interaction-legacy';
import { parkRound } from './interaction-park';
import { replayRound } from './interaction-replay';

export interface InteractiveOptions {
  /**
   * How a handler waits for the user in the modern era, which has no open channel to the client:
   *
   * - `replay`: it is run again from its start in every round, with the answers so far in signed request state. Any process of the
   *   runtime can serve the next round, and nothing is held in memory.
   * - `park`: it runs once and stays suspended in this process. The next round must reach the same process; where it does not, the
   *   user has to start again (`ERR_CONVERSATION_GONE`).
   *
   * The legacy era always runs it once: a session lives in one process.
   * @default 'replay'
   */
  readonly modern?: 'replay' | 'park';
  /**
   * How long a question waits for the client's answer, in milliseconds; in the modern era the lifetime of the request state.
   *
   * @default 600000 (10 minutes)
   */
  readonly answerTimeoutMs?: number;
}

/** A handler for `McpServer.registerTool`. The tool needs an `inputSchema`, if only `z.object({})`. */
export type InteractiveToolCallback<Args> = (args: Args, ctx: ServerContext) => Promise<CallToolResult | InputRequiredResult>;

/** Ten minutes: below the 15 minutes that AgentCore keeps a request open and an idle session alive by default. */
const ANSWER_TIMEOUT_MS = 600_000;

/**
 * Makes a tool handler that can ask the user, ask the client's model and report progress while it runs, written once for both eras.
 *
 * ```ts
 * server.registerTool('greet', { description: 'Greets the user.', inputSchema: z.object({}) }, interactive(async (_args, io) => {
 *   const { name } = await io.elicitContent('What is your name?', z.object({ name: z.string() }));
 *   return { content: [{ type: 'text', text: `Hello, ${name}!` }] };
 * }));
 * ```
 */
export function interactive<Args>(
  handler: (args: Args, io: Interaction) => CallToolResult | Promise<CallToolResult>, options: InteractiveOptions = {},
): InteractiveToolCallback<Args> {
  const { modern = 'replay', answerTimeoutMs = ANSWER_TIMEOUT_MS } = options;
  if (!(answerTimeoutMs > 0)) {
    throw new ServerKitError('ERR_INVALID_OPTION', `\`answerTimeoutMs\` must be a positive number of milliseconds, got ${answerTimeoutMs}`);
  }

  return async (args, ctx) => {
    const call = callContextOf(ctx);
    const run = async (io: Interaction): Promise<CallToolResult> => await handler(args, io);
    try {
      if (call.stateless) return await run(interactionOf(statelessConversation(ctx)));
      if (!ctx.mcpReq.envelope) return await run(interactionOf(legacyConversation(ctx, call.clientCapabilities?.() ?? {}, answerTimeoutMs)));
      const requestState = requestStateOf(ctx);
      return modern === 'park'
        ? await parkRound(ctx, call, requestState, answerTimeoutMs, run)
        : await replayRound(ctx, requestState, answerTimeoutMs, run);
    } catch (error) {
      if (error instanceof ElicitationRefusedError) return { content: [{ type: 'text', text: error.message }] };
      // Handed on as it is, the SDK answers with the protocol's own error for a capability that the request did not declare.
      if (error instanceof CapabilityNotDeclaredError && ctx.mcpReq.envelope) return inputRequired({ inputRequests: { unsupported: error.question } });
      throw error;
    }
  };
}
