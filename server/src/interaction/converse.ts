import { inputRequired, type InputRequiredResult, type ServerContext } from '@modelcontextprotocol/server';
import { callContextOf, requestStateOf } from './call-context';
import { interactionOf } from './conversation';
import { LONGEST_TIMER_MS } from '../common/duration';
import { CapabilityNotDeclaredError } from '../common/errors';
import { positive } from '../common/positive';
import type { Interaction } from './interaction';
import { legacyConversation, statelessConversation } from './interaction-legacy';
import { parkRound } from './interaction-park';
import { replayRound } from './interaction-replay';
import type { StateProtection } from '../request-state/request-state';

export interface InteractiveOptions {
  /**
   * How a handler waits for the user in the modern era, which has no open channel to the client:
   *
   * - `replay`: it is run again from its start in every round, with the answers so far in signed request state. Any
   *   process of the runtime can serve the next round, and nothing is held in memory.
   * - `park`: it runs once and stays suspended in this process. The next round must reach the same process; where it
   *   does not, the user has to start again (`ERR_CONVERSATION_GONE`).
   *
   * The legacy era always runs it once: a session lives in one process.
   * @default 'replay'
   */
  readonly modernMode?: 'replay' | 'park';
  /**
   * How long a question waits for the client's answer, in milliseconds; in the modern era the lifetime of the request
   * state. At most 2147483647 (24.8 days), the longest timer of Node.js.
   *
   * @default 600000 (10 minutes)
   */
  readonly answerTimeoutMs?: number;
  /**
   * What protects the answers and the results of `io.once` that a replayed conversation carries through the client from
   * round to round:
   *
   * - `signed`: the client can read them, but not change them.
   * - `encrypted`: the client can do neither (AES-256-GCM, by a key that is derived from the one that signs). For
   *   results that the client must not see. What the user typed the client has seen anyway.
   *
   * In `park` mode and in the legacy era nothing is carried.
   * @default 'signed'
   */
  readonly protection?: StateProtection;
}

/** Ten minutes: below the 15 minutes that AgentCore keeps a request open and an idle session alive by default. */
const ANSWER_TIMEOUT_MS = 600_000;

/** Runs handlers that talk to the client, in the way of the era that each call is of. */
export type Converse = <Result>(
  ctx: ServerContext,
  handler: (io: Interaction) => Promise<Result>,
) => Promise<Result | InputRequiredResult>;

/** @throws ServerKitError `ERR_INVALID_OPTION` */
export function converseBy({
  modernMode = 'replay',
  answerTimeoutMs = ANSWER_TIMEOUT_MS,
  protection = 'signed',
}: InteractiveOptions): Converse {
  positive('answerTimeoutMs', answerTimeoutMs, LONGEST_TIMER_MS);
  return async (ctx, handler) => {
    const call = callContextOf(ctx);
    if (call.stateless) {
      return await handler(interactionOf(statelessConversation(ctx)));
    }
    if (!ctx.mcpReq.envelope) {
      return await handler(
        interactionOf(
          legacyConversation(ctx, call.clientCapabilities?.() ?? {}, answerTimeoutMs, call.protocolVersion?.()),
        ),
      );
    }
    const requestState = requestStateOf(ctx);
    try {
      return modernMode === 'park'
        ? await parkRound(ctx, call, requestState, answerTimeoutMs, handler)
        : await replayRound(ctx, requestState, { answerTimeoutMs, protection }, handler);
    } catch (error) {
      // Handed on as it is, the SDK answers with the protocol's own error for a capability that the request did not
      // declare, whose words name nothing that its reader knows.
      if (error instanceof CapabilityNotDeclaredError) {
        call.explainUnsupported?.(error.message);
        return inputRequired({ inputRequests: { unsupported: error.question } });
      }
      throw error;
    }
  };
}
