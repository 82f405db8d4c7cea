import { NotHere, type Bed } from '../bed/bed';
import { isAsked, type Asking, type Experiment, type OpenQuestion } from './question';
import type { AnsweredQuestion, QuestionStatus } from '../report/report';
import { RawServer } from '../wire/raw-server';

export interface AskOptions {
  readonly bed: Bed;
  readonly chosen: ReadonlySet<string>;
  /** So many experiments at once. */
  readonly atOnce: number;
  /** No experiment is begun that could end later. */
  readonly until: Date;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

const MOST_EVIDENCE = 120;

/** Asks each question, the longest first. Nothing that goes wrong with one keeps others from being asked. */
export async function ask(questions: readonly OpenQuestion[], options: AskOptions): Promise<AnsweredQuestion[]> {
  const answered = new Map<string, AnsweredQuestion>();
  const limit = (question: OpenQuestion): number => (isAsked(question) ? question.asked.limitSeconds : 0);
  const waiting = [...questions].sort((one, other) => limit(other) - limit(one));
  const worker = async (): Promise<void> => {
    for (let question = waiting.shift(); question !== undefined; question = waiting.shift()) {
      answered.set(question.id, await answerOf(question, options));
    }
  };
  await Promise.all(Array.from({ length: options.atOnce }, worker));
  return questions.flatMap(({ id }) => answered.get(id) ?? []);
}

async function answerOf(question: OpenQuestion, options: AskOptions): Promise<AnsweredQuestion> {
  const { id, question: text, how, settledBy, changes } = question;
  const evidence: string[] = [];
  const startedAt = Date.now();
  const answered = (status: QuestionStatus, answer: string): AnsweredQuestion => {
    const seconds = (Date.now() - startedAt) / 1_000;
    return { id, question: text, how, settledBy, changes, status, answer, evidence: [...evidence], seconds };
  };
  const { asked } = question;
  if ('because' in asked) {
    return answered('not asked', `because ${asked.because}`);
  }
  if (!options.chosen.has(id)) {
    return answered('left out', 'this run is not about it');
  }
  if (options.signal.aborted) {
    return answered('left out', 'the program was ended');
  }
  if (startedAt + asked.limitSeconds * 1_000 > options.until.getTime()) {
    return answered('left out', `it may take ${asked.limitSeconds} s, and the time of this run is over`);
  }
  try {
    const answer = answered('answered', await withinLimit(asked, options, line => note(evidence, line)));
    options.say(`  ${id}: ${answer.answer}`);
    return answer;
  } catch (error) {
    const ended = options.signal.aborted;
    const status = error instanceof NotHere ? 'cannot be asked here' : ended ? 'left out' : 'broken';
    const reason = error instanceof NotHere ? error.message : ended ? 'the program was ended' : String(error);
    options.say(`  ${id}: ${status}, ${reason}`);
    return answered(status, reason);
  }
}

function note(evidence: string[], line: string): void {
  if (evidence.length < MOST_EVIDENCE) {
    evidence.push(line);
  }
}

async function withinLimit(
  { limitSeconds, run }: Experiment,
  { bed, signal: ended }: AskOptions,
  note: (line: string) => void,
): Promise<string> {
  const limit = new AbortController();
  const signal = AbortSignal.any([ended, limit.signal]);
  const over = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  const timer = setTimeout(() => {
    limit.abort(new Error(`it took longer than its ${limitSeconds} s`));
  }, limitSeconds * 1_000);
  const asking: Asking = {
    bed,
    signal,
    note,
    server: async (kind, auth) => {
      const address = bed.address(kind);
      return RawServer.of({ ...address, ...(auth && { auth }) }, note, signal);
    },
    at: (arn, auth = bed.signer) => RawServer.of({ arn, endpointUrl: bed.endpointUrl, auth }, note, signal),
    pause: milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds)),
  };
  try {
    return await Promise.race([run(asking), over]);
  } finally {
    clearTimeout(timer);
  }
}
