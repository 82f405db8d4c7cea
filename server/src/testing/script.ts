import type {
  CreateMessageRequestParams,
  CreateMessageResult,
  CreateMessageResultWithTools,
  ElicitRequestParams,
  ElicitResult,
} from '@modelcontextprotocol/client';
import { ConversationScript, sampleResult, UnscriptedError, type Unscripted } from 'stateful-mcp-contract';
import { ServerKitError } from 'stateful-mcp-server';

/** What fills in the form of a question: values by the names of its fields. */
export type ScriptedContent = NonNullable<ElicitResult['content']>;

/**
 * What the scripted user does with one question: fill in the form, or (as `accept` also to a page that they are asked
 * to visit) one of the three actions. Without `question` it is for the next question. With it, it waits for one whose
 * text has this part, or matches it.
 */
export type ScriptedElicitation =
  | 'accept'
  | 'decline'
  | 'cancel'
  | { readonly accept: ScriptedContent; readonly question?: string | RegExp }
  | { readonly action: 'accept' | 'decline' | 'cancel'; readonly question?: string | RegExp };

/** What the scripted model says: a text, a whole result, or a function of the request that gives one of the two. */
export type ScriptedSample =
  | string
  | CreateMessageResult
  | CreateMessageResultWithTools
  | ((request: CreateMessageRequestParams) => string | CreateMessageResult | CreateMessageResultWithTools);

/** Something that the server asked. */
export type Question =
  | { readonly kind: 'elicitation'; readonly message: string; readonly request: ElicitRequestParams }
  | { readonly kind: 'sampling'; readonly message: string; readonly request: CreateMessageRequestParams };

/** The answers of a test, in the order in which they are needed, and whether they fit what was asked. */
export class Script {
  public readonly questions: Question[] = [];
  private readonly answers: ConversationScript<ScriptedContent, ScriptedSample>;
  /** What a test has to be told even when the server went on without the answer. */
  private failure: ServerKitError | undefined;

  public constructor(elicitation?: readonly ScriptedElicitation[], sampling?: readonly ScriptedSample[]) {
    this.answers = new ConversationScript(elicitation, sampling);
  }

  public elicit(request: ElicitRequestParams): ElicitResult {
    this.questions.push({ kind: 'elicitation', message: request.message, request });
    return this.scripted(() => this.answers.answer(request));
  }

  public sample(request: CreateMessageRequestParams): CreateMessageResult | CreateMessageResultWithTools {
    const message = textOf(request);
    this.questions.push({ kind: 'sampling', message, request });
    const scripted = this.scripted(() => this.answers.sample(), message);
    return sampleResult(typeof scripted === 'function' ? scripted(request) : scripted);
  }

  /** @throws ServerKitError `ERR_UNEXPECTED_QUESTION`, once for the first question that found no answer */
  public check(): void {
    const failure = this.failure;
    this.failure = undefined;
    if (failure) {
      throw failure;
    }
  }

  /** @throws ServerKitError `ERR_UNEXPECTED_QUESTION`, `ERR_UNUSED_ANSWERS` */
  public end(): void {
    this.check();
    const { elicitation, sampling } = this.answers.unused;
    const unused = [
      ...elicitation.map(answer => `elicitation ${JSON.stringify(answer)}`),
      ...sampling.map(answer => `sampling ${typeof answer === 'function' ? 'by a function' : JSON.stringify(answer)}`),
    ];
    if (unused.length === 0) {
      return;
    }
    throw new ServerKitError(
      'ERR_UNUSED_ANSWERS',
      `the server asked less than the script answers: ${unused.length} unused (${unused.join('; ')})`,
    );
  }

  private scripted<T>(give: () => T, asked = ''): T {
    try {
      return give();
    } catch (error) {
      if (!(error instanceof UnscriptedError)) {
        throw error;
      }
      const failure = new ServerKitError('ERR_UNEXPECTED_QUESTION', problemOf(error.unscripted, asked));
      this.failure ??= failure;
      throw failure;
    }
  }
}

function problemOf(unscripted: Unscripted, asked: string): string {
  if (unscripted.why === 'no sample') {
    return `the server asked the model "${asked}", and all scripted answers of \`sampling\` are used up`;
  }
  const { message, url = '', requestedSchema: { properties = {} } = {} } = unscripted.question;
  switch (unscripted.why) {
    case 'used up':
      return `the server asked "${message}", and all scripted answers of \`elicitation\` are used up`;
    case 'for another': {
      const { waitsFor } = unscripted;
      const expected = typeof waitsFor === 'string' ? `"${waitsFor}"` : String(waitsFor);
      return `the server asked "${message}", but the next scripted answer is for ${expected}`;
    }
    case 'fits a form':
      return `the server asked the user to visit ${url}, but the next scripted answer fills in a form: write 'accept', 'decline' or 'cancel'`;
    case 'lacks content':
      return `the server asked "${message}" with a form of ${Object.keys(properties).join(', ')}: write { accept: { … } } with its fields`;
  }
}

function textOf({ messages }: CreateMessageRequestParams): string {
  const contents = messages.flatMap(({ content }) => content);
  return contents.map(content => (content.type === 'text' ? content.text : `[${content.type}]`)).join('\n');
}
