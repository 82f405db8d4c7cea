import type { Tool } from 'stateful-mcp-client';
import { printableLine } from '../common/printable';
import { fieldsOf, type FormField } from '../conversation/form-fields';

/** What may stand where the cursor is, and the part of the line that it takes the place of: as readline wants it. */
export type Completions = readonly [candidates: string[], unfinished: string];

/** Completes commands, names of tools and of their arguments, and the values that an argument may have. */
export function completionsOf(line: string, tools: readonly Tool[], commands: readonly string[]): Completions {
  // Readline writes candidates as they are.
  const callable = tools.filter(({ name }) => isPlain(name));
  const words = line.trimStart().split(/\s+/);
  const unfinished = words.at(-1) ?? '';
  if (words.length === 1) {
    const names = unfinished.startsWith('/') ? commands.map(name => `/${name}`) : callable.map(({ name }) => name);
    return [names.filter(name => name.startsWith(unfinished)).map(name => `${name} `), unfinished];
  }
  if (words[0] === '/describe') {
    return [callable.map(({ name }) => name).filter(name => name.startsWith(unfinished)), unfinished];
  }
  const tool = tools.find(({ name }) => name === words[0]);
  if (tool === undefined || words[1]?.startsWith('{')) {
    return [[], unfinished];
  }
  const fields = fieldsOf(tool.inputSchema);
  const [, name, value] = /^([^=]+)=(.*)$/.exec(unfinished) ?? [];
  if (name === undefined || value === undefined) {
    const given = new Set(words.slice(1, -1).map(word => word.split('=', 1)[0]));
    const names = fields
      .map(field => field.name)
      .filter(field => isPlain(field) && !given.has(field) && field.startsWith(unfinished));
    return [names.map(field => `${field}=`), unfinished];
  }
  const field = fields.find(candidate => candidate.name === name);
  const list = field?.kind === 'choices' && value.includes(',') ? value.replace(/[^,]*$/, '') : '';
  const values = valuesOf(field).map(candidate => `${name}=${list}${quoted(candidate)}`);
  return [values.filter(candidate => isPlain(candidate) && candidate.startsWith(unfinished)), unfinished];
}

function isPlain(text: string): boolean {
  return printableLine(text) === text;
}

function valuesOf(field: FormField | undefined): string[] {
  switch (field?.kind) {
    case 'choice':
    case 'choices':
      return field.choices.map(({ value }) => String(value));
    case 'boolean':
      return ['true', 'false'];
    case 'number':
    case 'text':
    case 'texts':
    case undefined:
      return [];
  }
}

function quoted(value: string): string {
  return /[\s"']/.test(value) ? JSON.stringify(value) : value;
}
