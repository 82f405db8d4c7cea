import { connect, StatefulMcpClientError, type CallToolResult, type StatefulMcpClient } from 'stateful-mcp-client';
import { version } from '../../package.json';
import type { Conversation } from './conversation';
import { amongNames } from '../common/among-names';
import { CommandError } from '../common/command-error';
import type { Closing } from '../common/closing';
import type { ReachableServer } from '../connection/running-server';
import type { Sampler } from '../sampling/sampler';
import type { TokenBudget } from '../sampling/token-budget';
import type { Shutdown } from '../common/shutdown';

export interface ConversationParts {
  readonly conversation: Conversation;
  readonly sampler: Sampler;
  /** Bounds what the sampler may answer. */
  readonly budget?: TokenBudget;
  readonly shutdown: Shutdown;
}

/** Connects to a server whose questions, requests and reports go into the conversation. */
export async function connectConversation(
  { connection, explain }: ReachableServer,
  { conversation, sampler, budget, shutdown }: ConversationParts,
  closing: Closing,
): Promise<StatefulMcpClient> {
  const connecting = shutdown.orEnd(
    connect({
      ...connection,
      clientInfo: { name: 'stateful-mcp', version },
      // No program around this one has an active trace; to look for it would take a tenth of a short call.
      trace: 'none',
      handlers: {
        elicitation: (request, context) => conversation.elicitation(request, context),
        urlElicitation: (request, context) => conversation.urlElicitation(request, context),
        sampling: (request, context) => {
          try {
            return conversation.sampling(budget?.admit(request) ?? request, sampler, context);
          } catch (error) {
            conversation.warn((error as Error).message);
            throw error;
          }
        },
        progress: progress => conversation.progress(progress),
        log: entry => conversation.serverLog(entry),
      },
      onSessionRestarted: ({ oldSessionId, newSessionId }) =>
        conversation.warn(
          `session ${oldSessionId} is gone, and what the server kept in it; session ${newSessionId} has taken its place`,
        ),
    }),
  );
  const client = await connecting.catch((error: unknown) => {
    throw explain(error);
  });
  closing.register(() => client.close());
  return client;
}

/**
 * Calls a tool. Gives back its result, or `undefined` when there is none, which was shown then.
 *
 * @param signal - cancels the call; by default it is what ends the command
 */
export async function callTool(
  client: StatefulMcpClient,
  tool: string,
  args: Record<string, unknown>,
  parts: ConversationParts,
  signal: AbortSignal = parts.shutdown.signal,
): Promise<CallToolResult | undefined> {
  const { conversation, shutdown } = parts;
  conversation.callBegins(tool, args);
  try {
    return await shutdown.orEnd(client.callTool(tool, args, { signal }));
  } catch (error) {
    if (!(error instanceof StatefulMcpClientError)) {
      throw error;
    }
    conversation.callFails(tool, error.code === 'ERR_CANCELLED' ? new CommandError('cancelled by Ctrl-C') : error);
    if (error.code === 'ERR_SERVER') {
      await warnOfUnlistedTool(client, tool, parts, signal);
    }
    return undefined;
  }
}

/**
 * Says which tools there are, when the one that failed is none of them. A server may have tools that it does not list,
 * so this is no error.
 */
export async function warnOfUnlistedTool(
  client: StatefulMcpClient,
  name: string,
  { conversation, shutdown }: ConversationParts,
  signal?: AbortSignal,
): Promise<void> {
  const listed = await shutdown.orEnd(client.listTools({ signal }).catch(() => undefined));
  if (listed !== undefined && !listed.some(tool => tool.name === name)) {
    conversation.warn(
      `the server lists no tool ${amongNames(
        name,
        listed.map(tool => tool.name),
      )}`,
    );
  }
}
