import type { CheckConversation, CheckEra } from './check-definition';
import {
  ConversationScript,
  fieldsOf,
  sampleResult,
  UnscriptedError,
  type AskedQuestion,
  type GivenAnswer,
} from './conversation-script';
import type { Mismatch } from './result-match';

type Content = Readonly<Record<string, unknown>>;
type Sample = string | Content;

/**
 * What is said during the conversations of a check: the handlers of a client ask it, and it knows which answer is next
 * and what went wrong first.
 */
export class CheckDialogue {
  private script = new ConversationScript<Content, Sample>();
  private unexpected?: Mismatch;
  private highest = -Infinity;
  private questions = 0;
  private notifications = 0;

  /** @param told - gets a line for everything that the server says */
  public constructor(
    private readonly era: CheckEra,
    private readonly told: (line: string) => void = () => undefined,
  ) {}

  public begin({ elicitation, sampling }: Pick<CheckConversation, 'elicitation' | 'sampling'>): void {
    this.script = new ConversationScript<Content, Sample>(elicitation, sampling);
    this.unexpected = undefined;
    this.questions = 0;
    this.notifications = 0;
    this.round();
  }

  /** @throws UnscriptedError */
  public elicit(question: AskedQuestion): GivenAnswer<Content> {
    this.questions += 1;
    this.told(`← elicitation/create ${fieldsOf(question)}`);
    this.round();
    const answer = this.answered(() => this.script.answer(question));
    this.told(`→ ${answer.action}`);
    return answer;
  }

  /** @throws UnscriptedError */
  public sample(): Content {
    this.questions += 1;
    this.told('← sampling/createMessage');
    this.round();
    return sampleResult(this.answered(() => this.script.sample()));
  }

  public progress(value: number): void {
    this.notifications += 1;
    this.told(`← notifications/progress ${value}`);
    if (value <= this.highest) {
      this.unexpected ??= {
        expected: 'progress that rises with each notification',
        got: `${value} after ${this.highest}`,
      };
    }
    this.highest = value;
  }

  /** How much was said so far, for what never ended. */
  public get said(): string {
    return `${this.notifications} progress notifications and ${this.questions} questions`;
  }

  /** What went wrong in what the server said, once its tool has ended. */
  public fault({
    progress: { atLeast = 0, atMost = Infinity } = {},
  }: Pick<CheckConversation, 'progress'>): Mismatch | undefined {
    return this.unexpected ?? this.unused() ?? this.miscounted(atLeast, atMost);
  }

  /** What went wrong so far. It explains whatever came of the call. */
  public get firstFault(): Mismatch | undefined {
    return this.unexpected;
  }

  /** In the modern era each question ends a request, and the progress of the next one begins anew. */
  private round(): void {
    if (this.era === 'modern') {
      this.highest = -Infinity;
    }
  }

  private answered<T>(give: () => T): T {
    try {
      return give();
    } catch (error) {
      if (error instanceof UnscriptedError) {
        this.unexpected ??= unscripted(error, this.questions);
      }
      throw error;
    }
  }

  private unused(): Mismatch | undefined {
    const { elicitation, sampling } = this.script.unused;
    const counts = [
      ...(elicitation.length > 0 ? [`${elicitation.length} of \`elicitation\``] : []),
      ...(sampling.length > 0 ? [`${sampling.length} of \`sampling\``] : []),
    ];
    return counts.length === 0
      ? undefined
      : { expected: 'questions for all scripted answers', got: `answers that nobody asked for: ${counts.join(', ')}` };
  }

  private miscounted(atLeast: number, atMost: number): Mismatch | undefined {
    const { notifications } = this;
    if (notifications >= atLeast && notifications <= atMost) {
      return undefined;
    }
    const expected = notifications < atLeast ? `at least ${atLeast}` : `at most ${atMost}`;
    return { expected: `${expected} progress notifications`, got: String(notifications) };
  }
}

/** The text of a question may have values of somebody in it: its fields say enough. */
function unscripted({ unscripted: reason }: UnscriptedError, count: number): Mismatch {
  if (reason.why === 'no sample') {
    return {
      expected: 'no more requests to the model than `sampling` answers',
      got: `one more, which is question ${count} of the conversation`,
    };
  }
  const got = `question ${count} of the conversation, about ${fieldsOf(reason.question)}`;
  switch (reason.why) {
    case 'used up':
      return { expected: 'no more questions than `elicitation` answers', got };
    case 'for another':
      return { expected: `a question with "${String(reason.waitsFor)}"`, got };
    case 'fits a form':
      return { expected: 'a question with a form, since the next answer of `elicitation` fills one in', got };
    case 'lacks content':
      return { expected: 'a question without a form, since the next answer of `elicitation` has no content', got };
  }
}
