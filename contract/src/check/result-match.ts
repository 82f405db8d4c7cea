import type { CheckResult } from './check-definition';
import { reportText } from './report-text';

/** What a tool gave back. */
export interface ToolOutcome {
  readonly isError?: boolean;
  readonly content?: readonly unknown[];
  readonly structuredContent?: unknown;
}

/** Where a result is not as it has to be. */
export interface Mismatch {
  readonly expected: string;
  readonly got: string;
}

/** The text of all of the content. */
export function textOfResult({ content = [] }: ToolOutcome): string {
  return content.map(item => (isText(item) ? item.text : '')).join('');
}

/** Compares a result; what is no error of a tool is told of without its content, which may be somebody's. */
export function mismatch(outcome: ToolOutcome, wanted: CheckResult = {}): Mismatch | undefined {
  const text = textOfResult(outcome);
  if ((outcome.isError === true) !== (wanted.isError === true)) {
    return wanted.isError === true
      ? { expected: 'an error of the tool', got: 'a result that is no error' }
      : { expected: 'a result that is no error', got: `the error of the tool "${reportText(text)}"` };
  }
  if (wanted.text !== undefined && !text.includes(wanted.text)) {
    return { expected: `a text with "${wanted.text}"`, got: kindOfText(outcome, text) };
  }
  if (wanted.matches !== undefined && !new RegExp(wanted.matches, 'u').test(text)) {
    return { expected: `a text that matches /${wanted.matches}/`, got: kindOfText(outcome, text) };
  }
  if (wanted.structuredContent !== undefined) {
    return differing(wanted.structuredContent, outcome.structuredContent, 'structuredContent');
  }
  return undefined;
}

function differing(wanted: unknown, got: unknown, path: string): Mismatch | undefined {
  if (!isObject(wanted) && !Array.isArray(wanted)) {
    return Object.is(wanted, got)
      ? undefined
      : { expected: `\`${path}\` to be ${JSON.stringify(wanted)}`, got: kindOf(got) };
  }
  if (Array.isArray(wanted)) {
    if (!Array.isArray(got) || got.length !== wanted.length) {
      return { expected: `\`${path}\` to be a list of ${wanted.length}`, got: kindOf(got) };
    }
    return first(wanted.map((item, index) => () => differing(item, got[index], `${path}[${index}]`)));
  }
  if (!isObject(got)) {
    return { expected: `\`${path}\` to be an object`, got: kindOf(got) };
  }
  return first(
    Object.entries(wanted).map(
      ([name, member]) =>
        () =>
          differing(member, Object.hasOwn(got, name) ? got[name] : undefined, `${path}.${name}`),
    ),
  );
}

function first(looks: readonly (() => Mismatch | undefined)[]): Mismatch | undefined {
  for (const look of looks) {
    const found = look();
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

function kindOfText({ content = [] }: ToolOutcome, text: string): string {
  const kinds = content.map(item => (isObject(item) ? String(item.type) : typeof item));
  return text === ''
    ? `no text (content: ${kinds.join(', ') || 'none'})`
    : `another text, of ${text.length} characters`;
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) {
    return value === null ? 'null' : 'nothing';
  }
  return Array.isArray(value) ? `a list of ${value.length}` : isObject(value) ? 'an object' : `another ${typeof value}`;
}

function isText(value: unknown): value is { text: string } {
  return isObject(value) && value.type === 'text' && typeof value.text === 'string';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
