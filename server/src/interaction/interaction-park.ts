import {
  inputRequired,
  type ClientCapabilities,
  type InputRequiredResult,
  type LoggingLevel,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { CallContext, RequestState } from './call-context';
import { interactionOf, type Conversation } from './conversation';
import { declaredCapabilities, type Question } from './question-capability';
import { ServerKitError } from '../common/errors';
import type { Interaction } from './interaction';
import { isJsonObject } from '../common/json-rpc';
import { kernelUuid } from '../common/kernel-random';
import { ProgressReporter } from './progress';
import { answerTo, questionKey } from './question-answer';

interface PendingQuestion {
  readonly question: Question;
  readonly answer: (value: unknown) => void;
  readonly fail: (error: ServerKitError) => void;
}

/** Each holds a handler and what it refers to until the user answers, or until the answer timeout. */
const MAX_PARKED = 1000;
/** How many of them one caller may have, so that no caller fills the process for the others. */
const MAX_PARKED_OF_CALLER = 100;
const parked = new Map<string, ParkedConversation<unknown>>();

/**
 * Runs one round of a modern conversation by parking: the handler runs once and stays suspended in this process between
 * the rounds; the request state only names it. The next round has to reach the same process.
 * @throws ServerKitError `ERR_CONVERSATION_GONE` when this process does not hold the conversation,
 * `ERR_TOO_MANY_CONVERSATIONS` when it holds too many, or too many of this caller
 */
export async function parkRound<Result>(
  ctx: ServerContext,
  call: CallContext,
  requestState: RequestState,
  answerTimeoutMs: number,
  handler: (io: Interaction) => Promise<Result>,
): Promise<Result | InputRequiredResult> {
  const conversation = resume<Result>(requestState) ?? begin(ctx, call, handler);
  return await conversation.round(ctx, requestState, answerTimeoutMs);
}

function begin<Result>(
  ctx: ServerContext,
  { caller, beginCall }: CallContext,
  handler: (io: Interaction) => Promise<Result>,
): ParkedConversation<Result> {
  if (parked.size >= MAX_PARKED) {
    throw new ServerKitError(
      'ERR_TOO_MANY_CONVERSATIONS',
      `${MAX_PARKED} conversations wait for their users already: try again later`,
    );
  }
  if (caller !== undefined && ofCaller(caller) >= MAX_PARKED_OF_CALLER) {
    throw new ServerKitError(
      'ERR_TOO_MANY_CONVERSATIONS',
      `${MAX_PARKED_OF_CALLER} conversations of this caller wait for their users already: answer or cancel one of them first`,
    );
  }
  return new ParkedConversation(ctx, handler, beginCall(), caller);
}

function ofCaller(caller: string): number {
  return [...parked.values()].filter(conversation => conversation.caller === caller).length;
}

function resume<Result>(requestState: RequestState): ParkedConversation<Result> | undefined {
  const state = requestState.read();
  if (state === undefined) {
    return undefined;
  }
  const id = isJsonObject(state) ? state['parked'] : undefined;
  const conversation = typeof id === 'string' ? parked.get(id) : undefined;
  // An id names one handler's conversation, and the state is bound to the tool it belongs to.
  if (conversation) {
    return conversation as ParkedConversation<Result>;
  }
  throw new ServerKitError(
    'ERR_CONVERSATION_GONE',
    'this conversation is not held here any more (the process was restarted, too much time has passed, or another process got the answer): call the tool again',
  );
}

/** One request of a client that a parked conversation answers: by questions, or by what the handler returns. */
class Round {
  public readonly asked: Promise<'asked'>;
  public ask!: () => void;
  private refuse!: (error: ServerKitError) => void;

  public constructor(public readonly ctx: ServerContext) {
    this.asked = new Promise((resolve, reject) => {
      this.ask = () => {
        resolve('asked');
      };
      this.refuse = reject;
    });
  }

  public giveWay(): void {
    this.refuse(
      new ServerKitError(
        'ERR_CONVERSATION_RESUMED',
        'another request goes on with this conversation: wait for its answer',
      ),
    );
  }
}

class ParkedConversation<Result> implements Conversation {
  public readonly era = 'modern';
  public readonly capabilities: ClientCapabilities;

  private readonly id = kernelUuid();
  private readonly pending = new Map<string, PendingQuestion>();
  private readonly reporter = new ProgressReporter();
  private readonly abort = new AbortController();
  private readonly result: Promise<Result>;
  /** The round that is being served; between two rounds there is none. */
  private served: Round | undefined;
  private soon: NodeJS.Immediate | undefined;
  private expiry: NodeJS.Timeout | undefined;
  private expired: ServerKitError | undefined;
  private next = 0;

  public constructor(
    ctx: ServerContext,
    handler: (io: Interaction) => Promise<Result>,
    endCall: () => void,
    public readonly caller: string | undefined,
  ) {
    this.capabilities = declaredCapabilities(ctx);
    this.served = new Round(ctx);
    parked.set(this.id, this);
    this.result = handler(interactionOf(this)).finally(() => {
      clearTimeout(this.expiry);
      parked.delete(this.id);
      endCall();
    });
    // A handler that fails between two rounds is reported by the next one.
    this.result.catch(() => undefined);
  }

  public get signal(): AbortSignal {
    return this.abort.signal;
  }

  public async round(
    ctx: ServerContext,
    requestState: RequestState,
    answerTimeoutMs: number,
  ): Promise<Result | InputRequiredResult> {
    clearTimeout(this.expiry);
    const round = this.begin(ctx);
    const { signal } = ctx.mcpReq;
    const cancel = (): void => {
      this.abort.abort(signal.reason);
    };
    signal.addEventListener('abort', cancel);
    try {
      this.takeAnswers(ctx);
      this.askSoon();
      const outcome = await Promise.race([this.result.then(result => ({ result })), round.asked]);
      if (outcome !== 'asked') {
        return outcome.result;
      }
      this.expireIn(answerTimeoutMs);
      const questions = Object.fromEntries([...this.pending].map(([key, { question }]) => [key, question]));
      return inputRequired({
        inputRequests: questions,
        requestState: requestState.mint({ parked: this.id }, answerTimeoutMs),
      });
    } finally {
      // Of a round that another one has replaced, the end is not that of the user.
      signal.removeEventListener('abort', cancel);
      if (this.served === round) {
        this.served = undefined;
      }
    }
  }

  public ask(question: Question): Promise<unknown> {
    if (this.expired) {
      // No round would come for it, and nothing would end the wait.
      return Promise.reject(this.expired);
    }
    const key = questionKey(this.next++);
    return new Promise((answer, fail) => {
      this.pending.set(key, { question, answer, fail });
      this.askSoon();
    });
  }

  public once(effect: () => Promise<unknown>): Promise<unknown> {
    return effect();
  }

  public async progress(progress: number, total?: number, message?: string): Promise<void> {
    if (this.served) {
      await this.reporter.report(this.served.ctx, progress, total, message);
    }
  }

  public async log(level: LoggingLevel, data: unknown): Promise<void> {
    await this.served?.ctx.mcpReq.log(level, data);
  }

  private begin(ctx: ServerContext): Round {
    if (this.served?.ctx !== ctx) {
      // Its client has sent it again: nothing that comes is for the request before, whose end is not that of the user.
      this.served?.giveWay();
      this.served = new Round(ctx);
    }
    return this.served;
  }

  private takeAnswers(ctx: ServerContext): void {
    for (const [key, { question, answer }] of [...this.pending]) {
      const value = answerTo(question, ctx.mcpReq.inputResponses, key);
      if (value === undefined) {
        continue;
      }
      this.pending.delete(key);
      answer(value);
    }
  }

  /**
   * Questions that are asked at the same time go out together. By then they may have been answered: an old round is not
   * to end a new one.
   */
  private askSoon(): void {
    this.soon ??= setImmediate(() => {
      this.soon = undefined;
      if (this.pending.size > 0) {
        this.served?.ask();
      }
    });
  }

  /** The user went away: the handler gets its error and can clean up. */
  private expireIn(answerTimeoutMs: number): void {
    this.expiry = setTimeout(() => {
      const error = new ServerKitError(
        'ERR_ANSWER_TIMEOUT',
        `the client did not answer within ${answerTimeoutMs / 1000} s`,
      );
      this.expired = error;
      this.abort.abort(error);
      for (const { fail } of this.pending.values()) {
        fail(error);
      }
      this.pending.clear();
    }, answerTimeoutMs);
    this.expiry.unref();
  }
}
