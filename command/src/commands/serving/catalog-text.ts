import type { GetPromptResult, Prompt, Resource, Tool } from 'stateful-mcp-client';
import type { Paint } from '../../common/paint';
import { expectationOf } from '../../conversation/field-check';
import { fieldsOf, type FlatSchema } from '../../conversation/form-fields';
import { printable, printableLine } from '../../common/printable';
import { resultText } from '../../conversation/text-format';

/** Longest name that others are lined up with. */
const WIDEST_NAME = 40;

/** Names with the first line of what is said about them. */
export function namesText(
  items: readonly { readonly name: string; readonly description?: string }[],
  what: string,
  paint: Paint,
): string {
  if (items.length === 0) {
    return `(the server has no ${what})`;
  }
  const width = Math.min(WIDEST_NAME, Math.max(...items.map(({ name }) => printableLine(name).length)));
  return items
    .map(({ name, description = '' }) => {
      const [first = ''] = description.trim().split('\n');
      return `${paint('bold', printableLine(name).padEnd(width))}  ${printableLine(first)}`.trimEnd();
    })
    .join('\n');
}

/** A tool with its arguments. */
export function toolText(
  { name, title, description, inputSchema, outputSchema, annotations }: Tool,
  paint: Paint,
): string {
  const hints = Object.entries(annotations ?? {})
    .filter(([, value]) => typeof value === 'boolean')
    .map(([hint, value]) => `${hint}: ${String(value)}`);
  return [
    heading(name, title, description, paint),
    ...argumentLines(inputSchema, paint),
    ...(outputSchema === undefined
      ? []
      : [
          `returns  ${Object.keys(outputSchema.properties ?? {})
            .map(printableLine)
            .join(', ')}`,
        ]),
    ...(hints.length === 0 ? [] : [paint('dim', `the server says: ${hints.map(printableLine).join(', ')}`)]),
  ].join('\n');
}

export function promptText({ name, title, description, arguments: args = [] }: Prompt, paint: Paint): string {
  return [
    heading(name, title, description, paint),
    ...(args.length === 0 ? [paint('dim', '(no arguments)')] : []),
    ...args.map(({ name: arg, description: about, required }) =>
      argumentLine(arg, 'text', required === true, about, paint),
    ),
  ].join('\n');
}

export function resourceText({ uri, name, title, description, mimeType, size }: Resource, paint: Paint): string {
  return [
    heading(uri, title ?? name, description, paint),
    `type  ${printableLine(mimeType ?? '(not said)')}`,
    ...(size === undefined ? [] : [`size  ${size} bytes`]),
  ].join('\n');
}

/** What a prompt says, by turns. */
export function promptMessagesText(messages: GetPromptResult['messages'], paint: Paint): string {
  return messages
    .map(({ role, content }) => `${paint('cyan', `${role}:`)} ${printable(resultText({ content: [content] }))}`)
    .join('\n');
}

function heading(name: string, title: string | undefined, description: string | undefined, paint: Paint): string {
  const about = [title && printableLine(title), description && printable(description)];
  return [
    paint('bold', printableLine(name)),
    ...about.filter(text => text !== undefined && text !== printableLine(name)),
  ].join('\n');
}

function argumentLines(schema: FlatSchema, paint: Paint): string[] {
  const properties = Object.entries(schema.properties ?? {});
  if (properties.length === 0) {
    return [paint('dim', '(no arguments)')];
  }
  const fields = new Map(fieldsOf(schema).map(field => [field.name, field]));
  return properties.map(([name, property]) => {
    const field = fields.get(name);
    const { description } = property as { description?: string };
    const expected = field === undefined ? JSON.stringify(property) : expectationOf(field);
    return argumentLine(name, expected, schema.required?.includes(name) ?? false, description, paint);
  });
}

function argumentLine(
  name: string,
  expected: string,
  required: boolean,
  about: string | undefined,
  paint: Paint,
): string {
  const more = about === undefined ? '' : `: ${printableLine(about)}`;
  return `  ${paint('cyan', printableLine(name))}  ${printableLine(expected)}${required ? '' : paint('dim', ', may be left out')}${more}`;
}
