import type {
  CallToolResult,
  CreateMessageRequestParams,
  CreateMessageResult,
  ElicitRequestFormParams,
  ElicitRequestURLParams,
  ElicitResult,
  LoggingMessageNotificationParams,
  Tool,
  ToolProgress,
} from 'stateful-mcp-client';
import { answerForm, answerQuestion, type AnsweredQuestion, type PreparedAnswers } from './answers';
import { clientErrorText } from '../common/client-error-text';
import { CommandError, EXIT } from '../common/command-error';
import type { Conversation } from './conversation';
import { expectationOf } from './field-check';
import { fieldsOf, type FlatSchema } from './form-fields';
import type { Sampler } from '../sampling/sampler';
import type { Summary } from './summary';
import { printable, printableJson, printableLine } from '../common/printable';
import { durationText, progressText, resultText, samplingText, valueText } from './text-format';
import type { Paint } from '../common/paint';

const LABEL_WIDTH = 14;

export interface LineConversationOptions {
  readonly write: (text: string) => void;
  readonly paint: Paint;
  readonly answers: PreparedAnswers;
}

/** A conversation without anybody to ask: answers by itself, and writes down everything line by line. */
export class LineConversation implements Conversation {
  private begun = false;

  public constructor(private readonly options: LineConversationOptions) {}

  public begin(title: string): void {
    this.begun = true;
    this.options.write(`${title}\n`);
  }

  public async working<T>({ label }: { label: string }, work: Promise<T>, done: (result: T) => string): Promise<T> {
    const since = performance.now();
    const result = await work;
    this.line(label, `${done(result)} (${durationText(performance.now() - since)})`, 'dim');
    return result;
  }

  public inform(label: string, text: string): void {
    this.line(label, text, 'dim');
  }

  public warn(text: string): void {
    this.line('warning', text, 'yellow');
  }

  public choose(what: 'tool' | 'runtime', choices: Parameters<Conversation['choose']>[1]): Promise<never> {
    const width = Math.max(...choices.map(({ name }) => printableLine(name).length));
    const list = choices
      .map(({ name, description = '' }) =>
        `  ${printableLine(name).padEnd(width)}  ${printableLine(description)}`.trimEnd(),
      )
      .join('\n');
    const how = what === 'tool' ? 'pass the name of a tool' : 'pass --runtime NAME';
    return Promise.reject(
      new CommandError(`which ${what}? There is no terminal to choose in: ${how}\n\n${list}`, EXIT.usage),
    );
  }

  public toolArguments(_tool: Tool, schema: FlatSchema): Promise<Record<string, unknown>> {
    return Promise.resolve(answerForm(schema, this.options.answers.values).content);
  }

  public callBegins(tool: string, args: Record<string, unknown>): void {
    if (this.begun) {
      this.options.write('\n');
    }
    this.begun = true;
    this.line(
      'call',
      `${this.options.paint('bold', printableLine(tool))} ${printableJson(JSON.stringify(args))}`,
      'cyan',
    );
  }

  public callEnds(_tool: string, result?: CallToolResult): void {
    if (result === undefined) {
      return;
    }
    if (result.isError) {
      this.line('failed', resultText(result), 'red');
    } else {
      this.line('result', resultText(result), 'green');
    }
  }

  public callFails(_tool: string, error: Error): void {
    this.line('failed', clientErrorText(error), 'red');
  }

  public elicitation({ message, requestedSchema }: ElicitRequestFormParams): Promise<ElicitResult> {
    this.line('elicitation', message, 'yellow');
    for (const field of fieldsOf(requestedSchema)) {
      this.line('', `${field.name}: ${expectationOf(field)}${field.required ? '' : ', may be left out'}`);
    }
    let answered: AnsweredQuestion;
    try {
      answered = answerQuestion(message, requestedSchema, this.options.answers);
    } catch (error) {
      this.line('no answer', (error as Error).message, 'red');
      throw error;
    }
    if ('action' in answered) {
      this.line('answer', `${answered.action} (answers file)`, 'yellow');
      return Promise.resolve(answered);
    }
    const { content, sources } = answered;
    const answer = Object.entries(content).map(([name, value]) => `${name} = ${valueText(value)} (${sources[name]})`);
    this.line('answer', `accept${answer.length > 0 ? `: ${answer.join(', ')}` : ''}`, 'yellow');
    return Promise.resolve({ action: 'accept', content });
  }

  public urlElicitation({ message, url }: ElicitRequestURLParams): Promise<ElicitResult> {
    this.line('elicitation', `${message}\n${url}`, 'yellow');
    const scripted = this.options.answers.take(message);
    if (scripted && 'action' in scripted) {
      this.line('answer', `${scripted.action} (answers file)`, 'yellow');
      return Promise.resolve(scripted);
    }
    this.line('answer', 'cancel: there is nobody here to visit the page', 'yellow');
    return Promise.resolve({ action: 'cancel' });
  }

  public async sampling(
    request: CreateMessageRequestParams,
    sampler: Sampler,
    { signal }: { signal: AbortSignal },
  ): Promise<CreateMessageResult> {
    this.line('sampling', samplingText(request), 'yellow');
    try {
      const answer = await sampler.sample(request, signal);
      this.line('answered by', sampler.name, 'yellow');
      this.line('', resultText({ content: [answer.content].flat() }));
      return answer;
    } catch (error) {
      this.line('no answer', (error as Error).message, 'red');
      throw error;
    }
  }

  public progress(progress: ToolProgress): void {
    this.line('progress', `${progressText(progress)}${progress.message === undefined ? '' : `  ${progress.message}`}`);
  }

  public serverLog({ level, data }: LoggingMessageNotificationParams): void {
    this.line('log', `${level}: ${valueText(data)}`, 'dim');
  }

  public summary({ session, tables }: Summary): void {
    this.options.write('\n');
    for (const [label, text] of session) {
      this.line(label, text, 'dim');
    }
    for (const { name, items } of tables) {
      this.line('stored', `${items.length === 1 ? '1 item' : `${items.length} items`} in table ${name}`, 'dim');
      for (const item of items) {
        this.line('', item);
      }
    }
  }

  public end(text: string): void {
    this.options.write(`\n${text}\n`);
  }

  public dispose(): void {
    // Lines need no clearing up.
  }

  private line(label: string, text: string, colour?: Parameters<Paint>[0]): void {
    const [first = '', ...more] = (label === 'call' ? text : printable(text)).split('\n');
    const padded = label.padEnd(LABEL_WIDTH);
    this.options.write(`${colour ? this.options.paint(colour, padded) : padded}${first}\n`);
    for (const line of more) {
      this.options.write(`${' '.repeat(LABEL_WIDTH)}${line}\n`);
    }
  }
}
