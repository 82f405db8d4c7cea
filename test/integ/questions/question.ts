import type { ServerKind, StackKind } from '../app/names';
import type { Bed } from '../bed/bed';
import type { RawServer } from '../wire/raw-server';
import type { Auth } from 'stateful-mcp-client';

/** Something that the documentation of AgentCore leaves open, or says twice differently. */
export interface OpenQuestion {
  readonly id: string;
  readonly question: string;
  /** How it is asked: what is sent, to which server. */
  readonly how: string;
  /** Which observation means what. */
  readonly settledBy: string;
  /** What of this project would change: `settings.NAME` or `limits.NAME` of the local runtime, or a file. */
  readonly changes: readonly string[];
  /** Rows of docs/reference/fidelity.md that are guesses because of it. */
  readonly rows?: readonly string[];
  readonly asked: Experiment | NotAsked;
}

/** What a program cannot find out, within an hour and with one account. */
export interface NotAsked {
  readonly because: string;
}

export interface Experiment {
  /** Sessions that it opens at most: what it costs is bounded by them and the limit. */
  readonly sessions: number;
  /** Stacks that have to be tried first. */
  readonly needs: readonly StackKind[];
  /** It is given up after so many seconds. */
  readonly limitSeconds: number;
  /** @returns the answer, in a sentence or two; evidence is noted */
  readonly run: (asking: Asking) => Promise<string>;
}

/** What an experiment has at hand. */
export interface Asking {
  readonly bed: Bed;
  /** Aborted when its time is over, or the program ends. */
  readonly signal: AbortSignal;
  /** Adds a line to the evidence. */
  readonly note: (line: string) => void;
  /** A server, as somebody calls it: by default the one who runs this. Each request to it is evidence. */
  readonly server: (kind: ServerKind, auth?: Auth) => Promise<RawServer>;
  /** A server that is known by its ARN. */
  readonly at: (arn: string, auth?: Auth) => Promise<RawServer>;
  /** Waits. */
  readonly pause: (milliseconds: number) => Promise<void>;
}

export function isAsked(question: OpenQuestion): question is OpenQuestion & { readonly asked: Experiment } {
  return 'run' in question.asked;
}

/** An experiment of so many sessions and seconds. */
export function experiment(
  sessions: number,
  limitSeconds: number,
  run: (asking: Asking) => Promise<string>,
  needs: readonly StackKind[] = ['core'],
): Experiment {
  return { sessions, limitSeconds, run, needs };
}
