import { wrapAnsi } from 'fast-wrap-ansi';
import type {
  CallToolResult,
  CreateMessageRequestParams,
  CreateMessageResult,
  ElicitRequestFormParams,
  ElicitRequestURLParams,
  ElicitResult,
  HandlerContext,
  LoggingMessageNotificationParams,
  Tool,
  ToolProgress,
} from 'stateful-mcp-client';
import type { PreparedAnswers } from '../conversation/answers';
import { clientErrorText } from '../common/client-error-text';
import { CommandError } from '../common/command-error';
import type { Conversation } from '../conversation/conversation';
import { askableFields, fieldsOf, type FlatSchema } from '../conversation/form-fields';
import type { Sampler } from '../sampling/sampler';
import type { Summary } from '../conversation/summary';
import { printable, printableJson, printableLine } from '../common/printable';
import { durationText, progressText, resultText, samplingText, valueText } from '../conversation/text-format';
import { Activity, barOf } from './activity';
import { Form } from './form';
import { ESCAPED, type Keyboard } from './keyboard';
import { Turns } from './turns';
import type { Paint } from '../common/paint';

/** The guide line that clack draws, and the space beside it. */
const GUIDE_WIDTH = 3;

export interface TerminalConversationOptions {
  readonly keyboard: Keyboard;
  readonly paint: Paint;
  readonly answers: PreparedAnswers;
}

/** A conversation with a user at a terminal. */
export class TerminalConversation implements Conversation {
  private readonly activity: Activity;
  private readonly form: Form;
  private readonly turns = new Turns();
  private calling?: string;
  private lastProgress?: ToolProgress;

  public constructor(private readonly options: TerminalConversationOptions) {
    this.activity = new Activity(options.keyboard.output, options.paint);
    this.form = new Form(options.keyboard, options.paint);
  }

  public begin(title: string): void {
    this.clack.intro(
      `${this.options.paint('bold', title)}  ${this.options.paint('dim', 'Esc leaves a question, Ctrl-C ends')}`,
      this.output,
    );
  }

  public async working<T>(
    { label, doing }: { label: string; doing: string },
    work: Promise<T>,
    done: (result: T) => string,
  ): Promise<T> {
    const since = performance.now();
    this.activity.start(doing);
    try {
      const result = await work;
      this.say(
        'step',
        `${label}  ${done(result)} ${this.options.paint('dim', durationText(performance.now() - since))}`,
      );
      return result;
    } finally {
      this.activity.stop();
    }
  }

  public inform(label: string, text: string): void {
    this.say('info', `${label}  ${this.options.paint('dim', printable(text))}`);
  }

  public warn(text: string): void {
    this.turns.between(() => this.say('warn', printable(text)));
  }

  public async choose(
    what: 'tool' | 'runtime',
    choices: Parameters<Conversation['choose']>[1],
  ): Promise<string | undefined> {
    const { clack } = this.options.keyboard;
    const end = '\0end';
    const chosen = await this.options.keyboard.ask(options =>
      clack.select({
        message: `Which ${what}?`,
        ...options,
        options: [
          ...choices.map(({ name, description }) => ({
            value: name,
            label: printableLine(name),
            hint: description && printableLine(description),
          })),
          { value: end, label: this.options.paint('dim', what === 'tool' ? 'none, end the session' : 'none, end') },
        ],
      }),
    );
    return chosen === ESCAPED || chosen === end ? undefined : chosen;
  }

  public async toolArguments({ name }: Tool, schema: FlatSchema): Promise<Record<string, unknown> | undefined> {
    this.say(
      'step',
      `Arguments of ${this.options.paint('bold', printableLine(name))} ${this.options.paint('dim', '(Esc: leave the tool alone)')}`,
    );
    const filled = await this.form.fillIn({
      fields: fieldsOf(schema),
      values: this.options.answers.values,
      onEscape: () => Promise.resolve('left alone'),
    });
    return 'content' in filled ? filled.content : undefined;
  }

  public callBegins(tool: string, args: Record<string, unknown>): void {
    const { paint } = this.options;
    this.say(
      'step',
      `${paint('cyan', 'call')}  ${paint('bold', printableLine(tool))} ${Object.keys(args).length > 0 ? paint('dim', printableJson(JSON.stringify(args))) : ''}`,
    );
    this.calling = printableLine(tool);
    this.wait();
  }

  public callEnds(_tool: string, result?: CallToolResult): void {
    this.endCall();
    if (result) {
      this.say(result.isError ? 'error' : 'success', printable(resultText(result)));
    }
  }

  public callFails(_tool: string, error: Error): void {
    this.endCall();
    this.say('error', printable(clientErrorText(error)));
  }

  public elicitation(
    { message, requestedSchema }: ElicitRequestFormParams,
    { signal }: HandlerContext,
  ): Promise<ElicitResult> {
    return this.inTurn(async () => {
      const fields = askableFields(requestedSchema);
      const question = printable(message);
      const { values } = this.options.answers;
      const scripted = this.options.answers.take(message) ?? { accept: {} };
      if ('action' in scripted && scripted.action !== 'accept') {
        this.say('info', `${this.options.paint('bold', question)}\nThe answers file says: ${scripted.action}`);
        const refusal = await this.form.refuse(signal, scripted.action);
        if (refusal) {
          return refusal;
        }
      }
      if (fields.length === 0) {
        return this.form.confirm(question, signal);
      }
      if (fields.length > 1) {
        this.say('info', this.options.paint('bold', question));
      }
      const filled = await this.form.fillIn({
        fields,
        values: 'accept' in scripted ? { ...values, ...scripted.accept } : values,
        until: signal,
        message: fields.length === 1 ? question : undefined,
        onEscape: () => this.form.refuse(signal),
      });
      return 'left' in filled ? filled.left : { action: 'accept', content: filled.content };
    });
  }

  public urlElicitation({ message, url }: ElicitRequestURLParams, { signal }: HandlerContext): Promise<ElicitResult> {
    return this.inTurn(() => {
      this.say('info', `${this.options.paint('bold', printable(message))}\n${printable(url)}`);
      return this.form.visit(new URL(url).host, signal);
    });
  }

  public sampling(
    request: CreateMessageRequestParams,
    sampler: Sampler,
    { signal }: HandlerContext,
  ): Promise<CreateMessageResult> {
    return this.inTurn(async () => {
      this.clack.note(printable(samplingText(request)), 'the server asks for sampling', {
        ...this.output,
        format: line => line,
      });
      try {
        if (sampler.remote) {
          const allowed = await this.options.keyboard.ask(
            options => this.clack.confirm({ message: `Send it to ${sampler.name}?`, ...options }),
            signal,
          );
          if (allowed !== true) {
            throw new CommandError('the user did not allow the sampling request');
          }
          this.activity.start(`waiting for ${sampler.name}`);
        }
        const answer = await sampler.sample(request, signal);
        this.say('info', `answered by ${sampler.name}\n${printable(resultText({ content: [answer.content].flat() }))}`);
        return answer;
      } catch (error) {
        if (!signal.aborted) {
          this.say('error', printable((error as Error).message));
        }
        throw error;
      }
    });
  }

  public progress(progress: ToolProgress): void {
    this.turns.between(() => {
      this.lastProgress = progress;
      this.activity.update(progress, printableLine(`${progressText(progress)} ${progress.message ?? ''}`.trim()));
    });
  }

  public serverLog({ level, data }: LoggingMessageNotificationParams): void {
    this.turns.between(() => {
      this.pause();
      this.say('info', this.options.paint('dim', `${level}: ${printable(valueText(data))}`));
      this.wait();
    });
  }

  public summary({ session, tables }: Summary): void {
    const { paint } = this.options;
    const lines = session.map(([label, text]) => `${paint('dim', label.padEnd(13))} ${text}`);
    for (const { name, items } of tables) {
      lines.push(
        `${paint('dim', 'stored'.padEnd(13))} ${items.length === 1 ? '1 item' : `${items.length} items`} in table ${name}`,
        ...items.map(item => `  ${item}`),
      );
    }
    this.clack.note(lines.join('\n'), 'what is left', { ...this.output, format: line => line });
  }

  public end(text: string): void {
    this.activity.stop();
    this.clack.outro(text, this.output);
  }

  public dispose(): void {
    this.activity.dispose();
  }

  private get clack(): Keyboard['clack'] {
    return this.options.keyboard.clack;
  }

  private get output(): { output: NodeJS.WriteStream } {
    return { output: this.options.keyboard.output };
  }

  private say(kind: 'info' | 'step' | 'success' | 'warn' | 'error', text: string): void {
    this.activity.stop();
    this.clack.log[kind](this.wrapped(text), this.output);
  }

  /** Lines that fit beside the guide on the left. */
  private wrapped(text: string): string {
    return wrapAnsi(text, Math.max(20, this.options.keyboard.output.columns - GUIDE_WIDTH), { hard: true });
  }

  /** Asks the user, one thing at a time. */
  private inTurn<T>(ask: () => Promise<T>): Promise<T> {
    return this.turns.take(async () => {
      this.pause();
      try {
        return await ask();
      } finally {
        this.wait();
      }
    });
  }

  private wait(): void {
    if (this.calling !== undefined) {
      this.activity.start(`waiting for ${this.calling}`);
    }
  }

  /** Leaves the last state of a progress bar on the screen, since something else comes below it. */
  private pause(): void {
    const last = this.lastProgress;
    this.lastProgress = undefined;
    if (last) {
      this.say(
        'step',
        `${barOf(last, this.options.paint)} ${printable(`${progressText(last)} ${last.message ?? ''}`)}`.trim(),
      );
    } else {
      this.activity.stop();
    }
  }

  private endCall(): void {
    this.pause();
    this.calling = undefined;
  }
}
