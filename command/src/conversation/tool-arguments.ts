import type { Tool } from 'stateful-mcp-client';
import type { PreparedAnswers } from './answers';
import { CommandError, EXIT } from '../common/command-error';
import { fieldsOf, type FlatSchema } from './form-fields';

/**
 * What has to be known before a tool is called: the arguments it requires, and those that answers were prepared for.
 * `undefined` when there is nothing to know.
 */
export function argumentSchema({ name, inputSchema }: Tool, prepared: PreparedAnswers): FlatSchema | undefined {
  const { properties = {}, required = [] } = inputSchema as FlatSchema;
  const names = Object.keys(properties).filter(
    property => required.includes(property) || Object.hasOwn(prepared.values, property),
  );
  if (names.length === 0) {
    return undefined;
  }
  const schema: FlatSchema = {
    properties: Object.fromEntries(names.map(property => [property, properties[property]])),
    required,
  };
  const askable = new Set(fieldsOf(schema).map(field => field.name));
  const missing = names.find(property => !askable.has(property));
  if (missing === undefined) {
    return schema;
  }
  throw new CommandError(
    `\`${name}\` needs \`${missing}\`, which is not a text, number, boolean or choice and cannot be asked for: use \`stateful-mcp call --url URL ${name} JSON\``,
    EXIT.usage,
  );
}
