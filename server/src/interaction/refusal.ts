import type { CallToolResult, ServerContext } from '@modelcontextprotocol/server';
import { callContextOf } from './call-context';
import { ElicitationRefusedError } from '../common/errors';
import type { Interaction } from './interaction';

/** How far the causes of an error are followed. */
const MAX_CAUSES = 10;

export interface WatchedInteraction {
  readonly io: Interaction;
  /** Whether the user has declined or cancelled a question. */
  refused(): boolean;
}

/** The same interaction, which remembers that the user refused to answer. */
export function watchRefusals(io: Interaction): WatchedInteraction {
  let refused = false;
  const note = <Answer extends { action: string }>(answer: Answer): Answer => {
    refused ||= answer.action !== 'accept';
    return answer;
  };
  const watched: Interaction = {
    ...io,
    elicit: async (message, schema) => note(await io.elicit(message, schema)),
    elicitContent: async (message, schema) => {
      try {
        return await io.elicitContent(message, schema);
      } catch (error) {
        refused ||= error instanceof ElicitationRefusedError;
        throw error;
      }
    },
    elicitUrl: async (message, url) => note(await io.elicitUrl(message, url)),
  };
  return { io: watched, refused: () => refused };
}

/** The refusal that an error is, was caused by, or is one of several of. */
export function refusalIn(error: unknown, causes = 0): ElicitationRefusedError | undefined {
  if (error instanceof ElicitationRefusedError || !(error instanceof Error) || causes === MAX_CAUSES) {
    return error instanceof ElicitationRefusedError ? error : undefined;
  }
  const inner: unknown[] = error instanceof AggregateError ? error.errors : [error.cause];
  return inner.map(cause => refusalIn(cause, causes + 1)).find(refusal => refusal !== undefined);
}

/**
 * The result of a tool whose user refused. Where the tool has an output schema, the protocol allows words in place of
 * structured content only in a result that is an error.
 */
export function sayRefusal(result: CallToolResult, ctx: ServerContext): CallToolResult {
  const inWords = result.structuredContent === undefined && !result.isError;
  return inWords && callContextOf(ctx).hasOutputSchema(ctx.mcpReq.id) ? { ...result, isError: true } : result;
}
