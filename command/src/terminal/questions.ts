import type { Option } from '@clack/prompts';
import { problemWith } from '../conversation/field-check';
import type { ChoicesField, FieldValue, FormField, TextsField } from '../conversation/form-fields';
import { printableLine } from '../common/printable';
import { ESCAPED, type Keyboard } from './keyboard';

export interface FieldQuestion {
  readonly message: string;
  /** Pre-filled. */
  readonly initial?: FieldValue;
  /** Aborted when nobody waits for the answer any more. */
  readonly until?: AbortSignal;
}

/** Chosen for a field that may be left out. */
const LEFT_OUT = '';

/** Asks for the value of one field, until it is valid. `undefined`: left out. */
export async function askField(
  keyboard: Keyboard,
  field: FormField,
  { message, initial, until }: FieldQuestion,
): Promise<FieldValue | undefined | typeof ESCAPED> {
  const { clack } = keyboard;
  switch (field.kind) {
    case 'number':
    case 'text': {
      const typed = await keyboard.askText(
        options =>
          clack.text({
            message,
            ...options,
            placeholder: field.required ? undefined : 'Enter leaves it out',
            initialValue: initial === undefined ? undefined : String(initial),
            validate: input => (isLeftOut(field, input) ? undefined : problemOf(field, input)),
          }),
        until,
      );
      return typed === ESCAPED || !isLeftOut(field, typed) ? parsed(field, typed) : undefined;
    }
    case 'boolean': {
      if (field.required || typeof initial === 'boolean') {
        return keyboard.ask(
          options =>
            clack.confirm({ message, ...options, initialValue: initial === undefined ? true : initial === true }),
          until,
        );
      }
      const chosen = await keyboard.ask(
        options =>
          clack.select({
            message,
            ...options,
            options: [
              { value: LEFT_OUT, label: '(leave it out)' },
              { value: 'yes', label: 'Yes' },
              { value: 'no', label: 'No' },
            ],
          }),
        until,
      );
      return chosen === ESCAPED ? ESCAPED : chosen === LEFT_OUT ? undefined : chosen === 'yes';
    }
    case 'choice': {
      const choices: Option<FieldValue>[] = field.choices.map(({ value, label }) => ({
        value,
        label: printableLine(label),
      }));
      if (!field.required) {
        choices.unshift({ value: LEFT_OUT, label: '(leave it out)' });
      }
      const chosen = await keyboard.ask(
        options =>
          clack.select({
            message,
            ...options,
            options: choices,
            initialValue: initial,
          }),
        until,
      );
      return chosen === LEFT_OUT && !field.required ? undefined : chosen;
    }
    case 'texts':
      return askTexts(keyboard, field, { message, initial, until });
    case 'choices':
      return askChoices(keyboard, field, { message, initial, until });
  }
}

/** Texts on one line, with commas between them. */
async function askTexts(
  keyboard: Keyboard,
  field: TextsField,
  { message, initial, until }: FieldQuestion,
): Promise<string[] | undefined | typeof ESCAPED> {
  const typed = await keyboard.askText(
    options =>
      keyboard.clack.text({
        message,
        ...options,
        placeholder: field.required ? undefined : 'Enter leaves it out',
        initialValue: Array.isArray(initial) ? initial.join(', ') : undefined,
        validate: input => (isLeftOut(field, input) ? undefined : problemWith(field, textsOf(input))),
      }),
    until,
  );
  if (typed === ESCAPED) {
    return ESCAPED;
  }
  return isLeftOut(field, typed) ? undefined : textsOf(typed);
}

function textsOf(typed = ''): string[] {
  return typed
    .split(',')
    .map(text => text.trim())
    .filter(text => text !== '');
}

async function askChoices(
  keyboard: Keyboard,
  field: ChoicesField,
  { message, initial, until }: FieldQuestion,
): Promise<string[] | undefined | typeof ESCAPED> {
  for (let chosen = Array.isArray(initial) ? initial : undefined; ;) {
    const next = await keyboard.ask(
      options =>
        keyboard.clack.multiselect({
          message,
          ...options,
          options: field.choices.map(({ value, label }) => ({ value, label: printableLine(label) })),
          initialValues: chosen,
          required: field.required && (field.minItems ?? 0) > 0,
        }),
      until,
    );
    if (next === ESCAPED) {
      return ESCAPED;
    }
    if (next.length === 0 && !field.required) {
      return undefined;
    }
    const problem = problemWith(field, next);
    if (problem === undefined) {
      return next;
    }
    keyboard.clack.log.warn(problem, { output: keyboard.output });
    chosen = next;
  }
}

function isLeftOut(field: FormField, input: string | undefined): boolean {
  return !field.required && (input === undefined || input === '');
}

function problemOf(field: FormField, input: string | undefined): string | undefined {
  return problemWith(field, parsed(field, input ?? ''));
}

function parsed<T>(field: FormField, typed: string | T): string | number | T {
  if (typeof typed !== 'string' || field.kind !== 'number') {
    return typed;
  }
  return typed.trim() === '' ? NaN : Number(typed.trim());
}
