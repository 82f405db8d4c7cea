import {
  inputRequired,
  type ClientCapabilities,
  type InputRequiredResult,
  type LoggingLevel,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { RequestState } from './call-context';
import { interactionOf, type Conversation } from './conversation';
import { declaredCapabilities, type Question } from './question-capability';
import type { Interaction } from './interaction';
import { ProgressReporter } from './progress';
import { answerTo, questionKey } from './question-answer';
import { kindOf, readReplayState, recall, type ReplayState, type ReplayStep } from './replay-log';
import type { StateProtection } from '../request-state/request-state';
import { RoundSignal } from './round-signal';

export interface ReplayOptions {
  readonly answerTimeoutMs: number;
  readonly protection: StateProtection;
}

/**
 * Runs one round of a modern conversation by replay. The handler is run from its start, and gets the answers and
 * results of earlier rounds from the signed request state. It is left behind at the first questions that have no answer
 * yet. Those go to the client, together with a new state. Nothing is kept in the process, so any process with the same
 * key can serve the next round.
 */
export async function replayRound<Result>(
  ctx: ServerContext,
  requestState: RequestState,
  { answerTimeoutMs, protection }: ReplayOptions,
  handler: (io: Interaction) => Promise<Result>,
): Promise<Result | InputRequiredResult> {
  const round = new ReplayRound(ctx, readReplayState(requestState.read()));
  try {
    const result = await Promise.race([handler(interactionOf(round)), round.suspended]);
    if (result !== SUSPENDED) {
      return result;
    }
    const { questions, state } = round.outcome();
    return inputRequired({
      inputRequests: questions,
      requestState: requestState.mint(state, answerTimeoutMs, protection),
    });
  } finally {
    round.end();
  }
}

const SUSPENDED = Symbol('suspended');

class ReplayRound implements Conversation {
  public readonly era = 'modern';
  public readonly capabilities: ClientCapabilities;
  public readonly suspended: Promise<typeof SUSPENDED>;

  private readonly ctx: ServerContext;
  private readonly before: ReplayState;
  private readonly steps: (ReplayStep | null)[];
  private readonly pending = new Map<number, Question>();
  private readonly reporter: ProgressReporter;
  private readonly roundSignal: RoundSignal;
  private suspend!: () => void;
  private next = 0;
  private effectsRunning = 0;
  /** Past everything that earlier rounds did. */
  private live: boolean;
  private ended = false;

  public constructor(ctx: ServerContext, before: ReplayState) {
    this.ctx = ctx;
    this.before = before;
    this.steps = [...before.steps];
    this.live = before.asked.length === 0;
    this.reporter = new ProgressReporter(before.progress);
    this.roundSignal = new RoundSignal(ctx.mcpReq.signal);
    this.capabilities = declaredCapabilities(ctx);
    this.suspended = new Promise(resolve => {
      this.suspend = () => resolve(SUSPENDED);
    });
  }

  public get signal(): AbortSignal {
    return this.roundSignal.signal;
  }

  public async ask(question: Question): Promise<unknown> {
    const index = this.next++;
    const kind = kindOf(question);
    const known = recall(this.before, index, kind);
    if (known) {
      return known.value;
    }
    if (this.ended) {
      return await never();
    }

    this.live = true;
    const key = questionKey(index);
    const answer = this.before.asked.includes(index)
      ? answerTo(question, this.ctx.mcpReq.inputResponses, key)
      : undefined;
    if (answer !== undefined) {
      this.steps[index] = { kind, value: answer };
      return answer;
    }
    this.steps[index] = null;
    this.pending.set(index, question);
    this.suspendWhenQuiet();
    return await never();
  }

  public async once(effect: () => Promise<unknown>): Promise<unknown> {
    const index = this.next++;
    const kind = 'an effect';
    const known = recall(this.before, index, kind);
    if (known) {
      if (known.failure !== undefined) {
        throw new Error(known.failure);
      }
      return known.value;
    }
    if (this.ended) {
      return await never();
    }

    this.live = true;
    this.effectsRunning += 1;
    this.steps[index] = null;
    try {
      const value = await effect();
      this.steps[index] = { kind, value };
      return value;
    } catch (error) {
      this.steps[index] = { kind, failure: error instanceof Error ? error.message : String(error) };
      throw error;
    } finally {
      this.effectsRunning -= 1;
      this.suspendWhenQuiet();
    }
  }

  public async progress(progress: number, total?: number, message?: string): Promise<void> {
    if (!this.ended) {
      await this.reporter.report(this.ctx, progress, total, message);
    }
  }

  public async log(level: LoggingLevel, data: unknown): Promise<void> {
    if (this.live && !this.ended) {
      await this.ctx.mcpReq.log(level, data);
    }
  }

  public outcome(): { questions: Record<string, Question>; state: ReplayState } {
    const { last } = this.reporter;
    const questions = Object.fromEntries([...this.pending].map(([index, question]) => [questionKey(index), question]));
    return {
      questions,
      state: { steps: this.steps, asked: [...this.pending.keys()], ...(Number.isFinite(last) && { progress: last }) },
    };
  }

  public end(): void {
    this.ended = true;
    this.roundSignal.end();
  }

  /**
   * Lets everything that was started at the same time ask its question too, and effects finish: what they did must be
   * in the state.
   */
  private suspendWhenQuiet(): void {
    setImmediate(() => {
      if (this.ended || this.effectsRunning > 0 || this.pending.size === 0) {
        return;
      }
      this.ended = true;
      this.suspend();
    });
  }
}

/**
 * What a handler that is left behind waits for. Nothing else refers to it, so it is collected together with the
 * handler.
 */
function never(): Promise<never> {
  return new Promise(() => undefined);
}
