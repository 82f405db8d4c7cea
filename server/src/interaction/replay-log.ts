import { ServerKitError } from '../common/errors';
import { isJsonObject } from '../common/json-rpc';
import type { Question } from './question-capability';

/** One step of a handler: its kind, and what came out of it. */
export interface ReplayStep {
  /** Which question or effect it was, to notice a handler that asks something else when it is run again. */
  readonly kind: string;
  readonly value?: unknown;
  /** The message of an effect that failed. */
  readonly failure?: string;
}

/** What a replayed conversation carries from round to round. */
export interface ReplayState {
  /** In the order of the calls on `io`; null where an answer is still missing. */
  readonly steps: readonly (ReplayStep | null)[];
  /** The steps that the client was asked in this round. Answers to anything else are ignored. */
  readonly asked: readonly number[];
  /** The last progress reported. */
  readonly progress?: number;
}

export const FIRST_ROUND: ReplayState = { steps: [], asked: [] };

export function readReplayState(payload: unknown): ReplayState {
  if (payload === undefined) {
    return FIRST_ROUND;
  }
  if (isJsonObject(payload) && Array.isArray(payload['steps']) && Array.isArray(payload['asked'])) {
    return payload as unknown as ReplayState;
  }
  throw new ServerKitError(
    'ERR_REQUEST_STATE_INVALID',
    'the `requestState` is refused: it does not belong to a replayed conversation',
  );
}

/** The step as it went in an earlier round, or undefined when it is new. */
export function recall(state: ReplayState, index: number, kind: string): ReplayStep | undefined {
  const step = state.steps[index] ?? undefined;
  if (!step || step.kind === kind) {
    return step;
  }
  throw new ServerKitError(
    'ERR_REPLAY_DIVERGED',
    `step ${index + 1} of this handler was ${step.kind} in an earlier round and is ${kind} now: a handler must do the same each time it is run again; ` +
      'put what differs (the time, random values, data that changes) into `io.once`',
  );
}

/** The form by its fields, not by its words: a message may differ from round to round. */
export function kindOf({ method, params }: Question): string {
  switch (method) {
    case 'elicitation/create':
      return params.mode === 'url' ? 'a page' : `a form (${Object.keys(params.requestedSchema.properties).join(', ')})`;
    case 'sampling/createMessage':
      return 'a sampling request';
  }
}
