import type { ElicitResult } from 'stateful-mcp-client';
import { preparedAnswer, type PreparedAnswers } from '../conversation/answers';
import { expectationOf } from '../conversation/field-check';
import type { FieldValue, FormField } from '../conversation/form-fields';
import { printable, printableLine } from '../common/printable';
import { ESCAPED, type Keyboard } from './keyboard';
import { askField } from './questions';
import type { Paint } from '../common/paint';

export interface FormQuestion<Left> {
  readonly fields: readonly FormField[];
  /** Prepared answers by field name, which are filled in. */
  readonly values: PreparedAnswers['values'];
  /** The question itself, where it stands for the only field. */
  readonly message?: string;
  /** What Esc means: something to leave the form with, or `undefined` to go back to it. */
  readonly onEscape: () => Promise<Left | undefined>;
  /** Aborted when nobody waits for the answer any more. */
  readonly until?: AbortSignal;
}

/** The filled-in form, or what it was left with. */
export type FilledForm<Left> = { readonly content: Record<string, FieldValue> } | { readonly left: Left };

type Refusal = { readonly action: 'decline' | 'cancel' };

/** Asks the user to fill in a form, field by field. */
export class Form {
  public constructor(
    private readonly keyboard: Keyboard,
    private readonly paint: Paint,
  ) {}

  public async fillIn<Left>({
    fields,
    values,
    message,
    onEscape,
    until,
  }: FormQuestion<Left>): Promise<FilledForm<Left>> {
    const content: Record<string, FieldValue> = {};
    for (const field of fields) {
      const initial = this.initial(field, values);
      for (;;) {
        const value = await askField(this.keyboard, field, { message: this.promptFor(field, message), initial, until });
        if (value === ESCAPED) {
          const left = await onEscape();
          if (left !== undefined) {
            return { left };
          }
          continue;
        }
        if (value !== undefined) {
          content[field.name] = value;
        }
        break;
      }
    }
    return { content };
  }

  /** A question without fields: there is only to agree or not. */
  public async confirm(message: string, until: AbortSignal): Promise<ElicitResult> {
    for (;;) {
      const agreed = await this.keyboard.ask(
        options => this.keyboard.clack.confirm({ message: this.paint('bold', message), ...options }),
        until,
      );
      if (agreed !== ESCAPED) {
        return agreed ? { action: 'accept', content: {} } : { action: 'decline' };
      }
      const refusal = await this.refuse(until);
      if (refusal) {
        return refusal;
      }
    }
  }

  /** A page to visit, which the user opens, not this program: only they can judge whether to trust it. */
  public async visit(host: string, until: AbortSignal): Promise<ElicitResult> {
    const chosen = await this.keyboard.ask(
      options =>
        this.keyboard.clack.select({
          message: `Will you visit the page on ${printableLine(host)}?`,
          ...options,
          options: [
            { value: 'accept' as const, label: 'I am opening it' },
            { value: 'decline' as const, label: 'Decline', hint: 'tell the server: no' },
            { value: 'cancel' as const, label: 'Cancel', hint: 'tell the server: no answer' },
          ],
        }),
      until,
    );
    return { action: chosen === ESCAPED ? 'cancel' : chosen };
  }

  /** Decline, cancel, or go back to the question; `initial` is what is selected. */
  public async refuse(until: AbortSignal, initial?: Refusal['action']): Promise<Refusal | undefined> {
    const chosen = await this.keyboard.ask(
      options =>
        this.keyboard.clack.select({
          message: 'Leave the question?',
          ...options,
          initialValue: initial,
          options: [
            { value: 'back', label: 'Go back to it' },
            { value: 'decline', label: 'Decline', hint: 'tell the server: no' },
            { value: 'cancel', label: 'Cancel', hint: 'tell the server: no answer' },
          ],
        }),
      until,
    );
    return chosen === 'decline' || chosen === 'cancel' ? { action: chosen } : undefined;
  }

  private promptFor(field: FormField, message: string | undefined): string {
    const typed = field.kind === 'number' || field.kind === 'text';
    const hints = [field.description, typed && expectationOf(field)].filter(hint => typeof hint === 'string');
    const hint = hints.length > 0 ? ` ${this.paint('dim', printableLine(`(${hints.join('; ')})`))}` : '';
    return `${message === undefined ? printableLine(field.label) : this.paint('bold', message)}${hint}`;
  }

  private initial(field: FormField, values: PreparedAnswers['values']): FieldValue | undefined {
    try {
      const prepared = preparedAnswer(field, values);
      if (prepared) {
        return prepared.value;
      }
    } catch (error) {
      this.keyboard.clack.log.warn(printable((error as Error).message), { output: this.keyboard.output });
    }
    return initialOf(field);
  }
}

/** What is filled in is what the user sees and sends. */
function initialOf(field: FormField): FieldValue | undefined {
  switch (field.kind) {
    case 'text':
      return field.default === undefined ? undefined : printableLine(String(field.default));
    case 'texts':
      return field.default?.map(text => printableLine(String(text)));
    case 'choices':
      return field.default === undefined ? undefined : [...field.default];
    case 'number':
    case 'boolean':
    case 'choice':
      return field.default;
  }
}
