import {
  inputRequired,
  SdkError,
  type ClientCapabilities,
  type CreateMessageRequestParams,
  type CreateMessageResult,
  type ElicitResult,
  type LoggingLevel,
} from '@modelcontextprotocol/server';
import { elicitationForm, type ElicitationSchema } from '../elicitation/elicitation-schema';
import { formOfRevision } from '../elicitation/form-revision';
import { ElicitationRefusedError, ServerKitError } from '../common/errors';
import type { Interaction, SampleOptions } from './interaction';
import { isDeclared, requireDeclared, type Question } from './question-capability';

/** How questions reach the client and effects are remembered: all that differs between the eras. */
export interface Conversation {
  readonly era: 'legacy' | 'modern';
  readonly capabilities: ClientCapabilities;
  /** The revision that a session agreed on; undefined in the modern era, whose forms are the newest. */
  readonly protocolVersion?: string | undefined;
  readonly signal: AbortSignal;
  /** Why nothing can be asked at all, whatever the client declared. */
  readonly refusal?: ServerKitError;
  /** The client's answer, of the kind that belongs to the question. */
  ask(question: Question): Promise<unknown>;
  /** @param effect - gives JSON */
  once(effect: () => Promise<unknown>): Promise<unknown>;
  progress(progress: number, total?: number, message?: string): Promise<void>;
  log(level: LoggingLevel, data: unknown): Promise<void>;
}

/** What an author sees of a conversation. */
export function interactionOf(conversation: Conversation): Interaction {
  const ask = (question: Question): Promise<unknown> => {
    if (conversation.refusal) {
      throw conversation.refusal;
    }
    requireDeclared(question, conversation.capabilities);
    return conversation.ask(question);
  };

  const elicit = async (message: string, schema: ElicitationSchema): Promise<ElicitResult> => {
    const form = elicitationForm(schema);
    const requestedSchema = formOfRevision(form.requestedSchema, conversation.protocolVersion);
    const answer = (await ask(inputRequired.elicit({ message, requestedSchema }) as Question)) as ElicitResult;
    if (answer.action !== 'accept') {
      return { action: answer.action };
    }
    return { action: 'accept', content: (await form.parse(answer.content ?? {})) as ElicitResult['content'] };
  };

  const elicitContent = async (message: string, schema: ElicitationSchema): Promise<ElicitResult['content']> => {
    const answer = await elicit(message, schema);
    if (answer.action === 'accept') {
      return answer.content;
    }
    throw new ElicitationRefusedError(answer.action, message);
  };

  const sample = async (
    request: CreateMessageRequestParams,
    { fallback }: SampleOptions<CreateMessageRequestParams, CreateMessageResult> = {},
  ) => {
    const question = inputRequired.createMessage(request) as Question;
    if (fallback && !isDeclared(question, conversation.capabilities)) {
      return await conversation.once(async () => toJson(await fallback(request, conversation.signal)));
    }
    return await ask(question);
  };

  return {
    era: conversation.era,
    capabilities: conversation.capabilities,
    signal: conversation.signal,
    // The schema decides the types of both, which the compiler cannot follow through the wire.
    elicit: elicit as Interaction['elicit'],
    elicitContent: elicitContent as Interaction['elicitContent'],
    elicitUrl: async (message, url) => {
      const { action } = (await ask(inputRequired.elicitUrl({ message, url }) as Question)) as ElicitResult;
      return { action };
    },
    sample: sample as Interaction['sample'],
    progress: (progress, total, message) => conversation.progress(progress, total, message),
    once: async <Result>(effect: () => Result | Promise<Result>) =>
      (await conversation.once(async () => toJson(await effect()))) as Result,
    log: async (level, data) => {
      try {
        await conversation.log(level, data);
      } catch (error) {
        // A client that went away must not fail the work that it asked for. Data that is no JSON is another error.
        if (!SdkError.isInstance(error)) {
          throw error;
        }
      }
    },
  };
}

/**
 * The value as it will look after a round trip, in every era and from the first round on, so that a handler sees no
 * difference.
 */
function toJson(value: unknown): unknown {
  try {
    const text = JSON.stringify(value) as string | undefined;
    return text === undefined ? undefined : JSON.parse(text);
  } catch (cause) {
    throw new ServerKitError(
      'ERR_ONCE_RESULT',
      `the result of an effect must be JSON: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}
