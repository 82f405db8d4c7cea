import { indexOfAnswer } from './scripted-answers';

/** What a server asks a user, in either mode. */
export interface AskedQuestion {
  readonly message: string;
  readonly mode?: 'form' | 'url';
  readonly url?: string;
  readonly requestedSchema?: {
    readonly properties?: Readonly<Record<string, unknown>>;
    readonly required?: readonly string[];
  };
}

/** What a user does with a question. */
export type GivenAnswer<Content> =
  { readonly action: 'decline' | 'cancel' | 'accept' } | { readonly action: 'accept'; readonly content: Content };

/** An answer of a script, which may wait for a question of its own. */
export type WrittenAnswer<Content> =
  | 'accept'
  | 'decline'
  | 'cancel'
  | { readonly accept: Content; readonly question?: string | RegExp }
  | { readonly action: 'accept' | 'decline' | 'cancel'; readonly question?: string | RegExp };

/** Why a script has no answer: `used up`, `for another` question, or of a kind that does not `fit` what was asked. */
export type Unscripted =
  | { readonly why: 'used up'; readonly question: AskedQuestion }
  | { readonly why: 'for another'; readonly question: AskedQuestion; readonly waitsFor: string | RegExp }
  | { readonly why: 'fits a form'; readonly question: AskedQuestion }
  | { readonly why: 'lacks content'; readonly question: AskedQuestion }
  | { readonly why: 'no sample' };

/** Thrown to whoever carries the question: there is no answer to send. */
export class UnscriptedError extends Error {
  public override readonly name = 'UnscriptedError';

  public constructor(public readonly unscripted: Unscripted) {
    super(
      unscripted.why === 'no sample'
        ? 'the script has no more answers of a model'
        : `the script has no answer to a question about ${fieldsOf(unscripted.question)}`,
    );
  }
}

/** The answers of one conversation, in the order in which they are needed; each is used once. */
export class ConversationScript<Content, Sample> {
  private readonly answers: WrittenAnswer<Content>[];
  private readonly samples: Sample[];

  public constructor(elicitation: readonly WrittenAnswer<Content>[] = [], sampling: readonly Sample[] = []) {
    this.answers = [...elicitation];
    this.samples = [...sampling];
  }

  /** @throws UnscriptedError */
  public answer(question: AskedQuestion): GivenAnswer<Content> {
    const [first] = this.answers;
    if (first === undefined) {
      throw new UnscriptedError({ why: 'used up', question });
    }
    const index = indexOfAnswer(this.answers, question.message);
    if (index === -1) {
      const waitsFor = typeof first === 'string' ? undefined : first.question;
      throw new UnscriptedError({ why: 'for another', question, waitsFor: waitsFor ?? '' });
    }
    const [taken = first] = this.answers.splice(index, 1);
    const answer = typeof taken === 'string' ? { action: taken } : taken;
    if ('accept' in answer) {
      if (question.mode === 'url') {
        throw new UnscriptedError({ why: 'fits a form', question });
      }
      return { action: 'accept', content: answer.accept };
    }
    if (answer.action === 'accept' && question.mode !== 'url') {
      throw new UnscriptedError({ why: 'lacks content', question });
    }
    return { action: answer.action };
  }

  /** @throws UnscriptedError */
  public sample(): Sample {
    const [sample] = this.samples.splice(0, 1);
    if (sample === undefined) {
      throw new UnscriptedError({ why: 'no sample' });
    }
    return sample;
  }

  /** What was not asked for. */
  public get unused(): {
    readonly elicitation: readonly WrittenAnswer<Content>[];
    readonly sampling: readonly Sample[];
  } {
    return { elicitation: this.answers, sampling: this.samples };
  }
}

/** What a question is about, without its text: the names of the fields of its form. */
export function fieldsOf({ mode, requestedSchema }: AskedQuestion): string {
  const names = Object.keys(requestedSchema?.properties ?? {}).map(name => `\`${name}\``);
  return mode === 'url' ? 'a page to visit' : names.join(', ') || 'nothing (a form without fields)';
}

/** A result of `sampling/createMessage`, from a text or as it is. */
export function sampleResult<Sample extends object>(
  sample: string | Sample,
): Sample | { role: 'assistant'; model: string; content: { type: 'text'; text: string }; stopReason: 'endTurn' } {
  return typeof sample === 'string'
    ? { role: 'assistant', model: 'scripted', content: { type: 'text', text: sample }, stopReason: 'endTurn' }
    : sample;
}
