import type { Tool } from 'stateful-mcp-client';
import { problemWith } from '../conversation/field-check';
import { fieldsOf, type FlatSchema, type FormField } from '../conversation/form-fields';

/** What a line of a chat says. */
export type ChatLine =
  | { readonly kind: 'nothing' }
  /** `/name rest` */
  | { readonly kind: 'command'; readonly name: string; readonly rest: string }
  | { readonly kind: 'call'; readonly tool: string; readonly args: Record<string, unknown> }
  | { readonly kind: 'problem'; readonly message: string };

/** Understands a line: `/command`, `TOOL`, `TOOL NAME=VALUE…` or `TOOL {JSON}`. */
export function chatLine(line: string, tools: readonly Tool[]): ChatLine {
  const text = line.trim();
  if (text === '') {
    return { kind: 'nothing' };
  }
  const [, first = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(text) ?? [];
  if (first.startsWith('/')) {
    return { kind: 'command', name: first.slice(1), rest };
  }
  const tool = tools.find(({ name }) => name === first);
  const parsed = rest.startsWith('{') ? jsonArguments(rest) : namedArguments(rest, tool);
  return 'message' in parsed ? { kind: 'problem', message: parsed.message } : { kind: 'call', tool: first, ...parsed };
}

type Arguments = { readonly args: Record<string, unknown> } | { readonly message: string };

function jsonArguments(text: string): Arguments {
  try {
    return { args: JSON.parse(text) as Record<string, unknown> };
  } catch (error) {
    return { message: `the arguments are not JSON (${(error as Error).message})` };
  }
}

/** `NAME=VALUE`, where a value with spaces is in quotes; what a value means is in the schema of the tool. */
function namedArguments(text: string, tool: Tool | undefined): Arguments {
  const fields = new Map(fieldsOf((tool?.inputSchema ?? {}) as FlatSchema).map(field => [field.name, field]));
  const args: Record<string, unknown> = {};
  for (const word of wordsOf(text)) {
    const [, name, value = ''] = /^([^=]+)=(.*)$/s.exec(word) ?? [];
    if (name === undefined) {
      return { message: `\`${word}\` is no argument: write NAME=VALUE, or one JSON object` };
    }
    const field = fields.get(name);
    args[name] = field ? valueFor(field, value) : jsonOrText(value);
    const problem = field && problemWith(field, args[name]);
    if (problem) {
      return { message: `\`${name}\` is \`${value}\`, but it ${problem}` };
    }
  }
  return { args };
}

/** Words as a shell has them: quotes keep spaces, and are not part of the word. */
function wordsOf(text: string): string[] {
  return [...text.matchAll(/(?:[^\s"']|"(?:[^"\\]|\\.)*"|'[^']*')+/gs)].map(([word]) =>
    word.replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'/gs, (_all, double?: string, single?: string) =>
      double === undefined ? (single ?? '') : double.replace(/\\(.)/gs, '$1'),
    ),
  );
}

function valueFor(field: FormField, text: string): unknown {
  switch (field.kind) {
    case 'number':
      return text.trim() === '' ? NaN : Number(text);
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'choice':
      return field.choices.find(({ value }) => String(value) === text)?.value ?? text;
    case 'choices':
    case 'texts':
      return text
        .split(',')
        .map(item => item.trim())
        .filter(item => item !== '');
    case 'text':
      return text;
  }
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
