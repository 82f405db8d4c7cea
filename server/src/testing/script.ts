import type {
  CreateMessageRequestParams,
  CreateMessageResult,
  CreateMessageResultWithTools,
  ElicitRequestParams,
  ElicitResult,
} from '@modelcontextprotocol/client';
import { indexOfAnswer } from 'stateful-mcp-contract';
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
  private readonly elicitation: ScriptedElicitation[];
  private readonly sampling: ScriptedSample[];
  /** What a test has to be told even when the server went on without the answer. */
  private failure: ServerKitError | undefined;

  public constructor(elicitation: readonly ScriptedElicitation[] = [], sampling: readonly ScriptedSample[] = []) {
    this.elicitation = [...elicitation];
    this.sampling = [...sampling];
  }

  public elicit(request: ElicitRequestParams): ElicitResult {
    const { message } = request;
    this.questions.push({ kind: 'elicitation', message, request });
    const [first] = this.elicitation;
    if (first === undefined) {
      throw this.fail(`the server asked "${message}", and all scripted answers of \`elicitation\` are used up`);
    }
    const index = indexOfAnswer(this.elicitation, message);
    const [scripted = first] = index === -1 ? [] : this.elicitation.splice(index, 1);
    const answer = typeof scripted === 'string' ? { action: scripted } : scripted;
    if (index === -1) {
      throw this.fail(`the server asked "${message}", but the next scripted answer is for ${String(expected(answer))}`);
    }
    if (request.mode === 'url') {
      if ('action' in answer) {
        return { action: answer.action };
      }
      throw this.fail(
        `the server asked the user to visit ${request.url}, but the next scripted answer fills in a form: write 'accept', 'decline' or 'cancel'`,
      );
    }
    if ('accept' in answer) {
      return { action: 'accept', content: answer.accept };
    }
    if (answer.action !== 'accept') {
      return { action: answer.action };
    }
    throw this.fail(
      `the server asked "${message}" with a form of ${Object.keys(request.requestedSchema.properties).join(', ')}: write { accept: { … } } with its fields`,
    );
  }

  public sample(request: CreateMessageRequestParams): CreateMessageResult | CreateMessageResultWithTools {
    const message = textOf(request);
    this.questions.push({ kind: 'sampling', message, request });
    const scripted = this.sampling.shift();
    if (scripted === undefined) {
      throw this.fail(`the server asked the model "${message}", and all scripted answers of \`sampling\` are used up`);
    }
    const answer = typeof scripted === 'function' ? scripted(request) : scripted;
    return typeof answer === 'string'
      ? { role: 'assistant', model: 'scripted', content: { type: 'text', text: answer }, stopReason: 'endTurn' }
      : answer;
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
    const unused = [
      ...this.elicitation.map(answer => `elicitation ${JSON.stringify(answer)}`),
      ...this.sampling.map(
        answer => `sampling ${typeof answer === 'function' ? 'by a function' : JSON.stringify(answer)}`,
      ),
    ];
    if (unused.length === 0) {
      return;
    }
    throw new ServerKitError(
      'ERR_UNUSED_ANSWERS',
      `the server asked less than the script answers: ${unused.length} unused (${unused.join('; ')})`,
    );
  }

  private fail(problem: string): ServerKitError {
    const failure = new ServerKitError('ERR_UNEXPECTED_QUESTION', problem);
    this.failure ??= failure;
    return failure;
  }
}

type Answer = Exclude<ScriptedElicitation, string>;

function expected(answer: Answer): string | RegExp | undefined {
  return typeof answer.question === 'string' ? `"${answer.question}"` : answer.question;
}

function textOf({ messages }: CreateMessageRequestParams): string {
  const contents = messages.flatMap(({ content }) => content);
  return contents.map(content => (content.type === 'text' ? content.text : `[${content.type}]`)).join('\n');
}
