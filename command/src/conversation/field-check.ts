import { printableLine } from '../common/printable';
import type { ChoicesField, FormField, NumberField, TextField, TextsField } from './form-fields';

/** What is wrong with a value for a field, for the user who gave it; `undefined` when nothing is. */
export function problemWith(field: FormField, value: unknown): string | undefined {
  switch (field.kind) {
    case 'number':
      return problemWithNumber(field, value);
    case 'text':
      return problemWithText(field, value);
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'must be true or false';
    case 'choice':
      return field.choices.some(choice => choice.value === value)
        ? undefined
        : `must be one of ${listed(field.choices.map(choice => choice.value))}`;
    case 'texts':
      return Array.isArray(value) && value.every(item => typeof item === 'string')
        ? problemWithLength(field, value, 'texts')
        : 'must be a list of texts';
    case 'choices': {
      if (!Array.isArray(value) || !value.every(item => field.choices.some(choice => choice.value === item))) {
        return `must be a list of ${listed(field.choices.map(choice => choice.value))}`;
      }
      return problemWithLength(field, value, 'of the choices');
    }
  }
}

function problemWithLength(
  { minItems, maxItems }: ChoicesField | TextsField,
  { length }: readonly unknown[],
  items: string,
): string | undefined {
  if (minItems !== undefined && length < minItems) {
    return `must have at least ${minItems} ${items}`;
  }
  return maxItems !== undefined && length > maxItems ? `must have at most ${maxItems} ${items}` : undefined;
}

function problemWithNumber(field: NumberField, value: unknown): string | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    return 'must be a number';
  }
  if (field.integer && !Number.isInteger(value)) {
    return 'must be a whole number';
  }
  const { minimum = -Infinity, maximum = Infinity, exclusiveMinimum = -Infinity, exclusiveMaximum = Infinity } = field;
  return value >= minimum && value <= maximum && value > exclusiveMinimum && value < exclusiveMaximum
    ? undefined
    : `must be ${rangeOf(field)}`;
}

/** The range of a number in words, empty when every number will do. */
export function rangeOf({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: NumberField): string {
  const isAbove = exclusiveMinimum !== undefined && exclusiveMinimum >= (minimum ?? -Infinity);
  const isBelow = exclusiveMaximum !== undefined && exclusiveMaximum <= (maximum ?? Infinity);
  return [
    isAbove ? `above ${exclusiveMinimum}` : isSaid(minimum) && `at least ${minimum}`,
    isBelow ? `below ${exclusiveMaximum}` : isSaid(maximum) && `at most ${maximum}`,
  ]
    .filter(text => typeof text === 'string')
    .join(' and ');
}

/** Libraries of schemas bound a whole number by what JavaScript can count, which says nothing to people. */
function isSaid(limit: number | undefined): limit is number {
  return limit !== undefined && Math.abs(limit) < Number.MAX_SAFE_INTEGER;
}

const FORMATS: Readonly<Record<string, { matches: (text: string) => boolean; words: string }>> = {
  email: { matches: text => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text), words: 'an e-mail address' },
  uri: { matches: text => URL.canParse(text), words: 'a URI such as https://example.com/' },
  date: {
    matches: text => /^\d{4}-\d{2}-\d{2}$/.test(text) && isCalendarDate(text),
    words: 'a date such as 2026-01-31',
  },
  'date-time': {
    matches: text =>
      /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/i.test(text) &&
      isCalendarDate(text.slice(0, 10)),
    words: 'a date and time such as 2026-01-31T09:30:00Z',
  },
};

function isCalendarDate(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

function problemWithText({ minLength, maxLength, format, pattern }: TextField, value: unknown): string | undefined {
  if (typeof value !== 'string') {
    return 'must be text';
  }
  const length = [...value].length;
  if (minLength !== undefined && length < minLength) {
    return minLength === 1 ? 'must not be empty' : `must have at least ${minLength} characters`;
  }
  if (maxLength !== undefined && length > maxLength) {
    return `must have at most ${maxLength} characters`;
  }
  const known = format === undefined ? undefined : FORMATS[format];
  if (known && !known.matches(value)) {
    return `must be ${known.words}`;
  }
  return pattern === undefined || matches(pattern, value) ? undefined : `must match ${printableLine(pattern)}`;
}

/** Patterns of other languages may be none of JavaScript, or only of its older kind (`\-`): the server checks them, too. */
function matches(pattern: string, text: string): boolean {
  for (const flags of ['u', '']) {
    try {
      return new RegExp(pattern, flags).test(text);
    } catch {
      // The next kind, if there is one.
    }
  }
  return true;
}

/** What a field takes, in a few words, for beside its label. */
export function expectationOf(field: FormField): string {
  switch (field.kind) {
    case 'number':
      return [field.integer ? 'a whole number' : 'a number', rangeOf(field)].filter(Boolean).join(', ');
    case 'text': {
      if (field.format !== undefined && FORMATS[field.format]) {
        return FORMATS[field.format]?.words ?? '';
      }
      return field.maxLength === undefined ? 'text' : `text, at most ${field.maxLength} characters`;
    }
    case 'boolean':
      return 'yes or no';
    case 'choice':
      return `one of ${listed(field.choices.map(({ value }) => value))}`;
    case 'texts':
      return 'texts, separated by commas';
    case 'choices':
      return `any of ${listed(field.choices.map(({ value }) => value))}`;
  }
}

function listed(values: readonly unknown[]): string {
  return values.map(value => JSON.stringify(value)).join(', ');
}
