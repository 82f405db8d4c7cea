import { isJsonObject } from '../common/json-rpc';
import type { FormSchema } from './form-schema';

type Field = FormSchema['properties'][string];

/** Checks an answer against a form schema. Returns what is wrong with it; nothing when all is well. */
export function checkFormContent(schema: FormSchema, content: unknown): string[] {
  if (!isJsonObject(content)) {
    return ['it must be an object'];
  }
  const missing = (schema.required ?? [])
    .filter(name => own(content, name) === undefined)
    .map(name => `\`${name}\` is missing`);
  const wrong = Object.entries(schema.properties).flatMap(([name, field]) => {
    const value = own(content, name);
    const problem = value === undefined ? undefined : problemOf(field, value);
    return problem ? [`\`${name}\` ${problem}`] : [];
  });
  return [...missing, ...wrong];
}

/** A field may have the name of what every object has, such as `constructor`. */
function own(content: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(content, name) ? content[name] : undefined;
}

function problemOf(field: Field, value: unknown): string | undefined {
  switch (field.type) {
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'must be true or false';
    case 'number':
    case 'integer':
      return numberProblem(field, value);
    case 'string':
      return stringProblem(field, value);
    case 'array':
      return listProblem(field, value);
  }
}

function numberProblem(field: Extract<Field, { type: 'number' | 'integer' }>, value: unknown): string | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    return 'must be a number';
  }
  if (field.type === 'integer' && !Number.isInteger(value)) {
    return 'must be a whole number';
  }
  if (field.minimum !== undefined && value < field.minimum) {
    return `must be at least ${field.minimum}`;
  }
  if (field.maximum !== undefined && value > field.maximum) {
    return `must be at most ${field.maximum}`;
  }
  return undefined;
}

function stringProblem(field: Extract<Field, { type: 'string' }>, value: unknown): string | undefined {
  if (typeof value !== 'string') {
    return 'must be text';
  }
  const choices = 'enum' in field ? field.enum : 'oneOf' in field ? field.oneOf.map(choice => choice.const) : undefined;
  if (choices) {
    return choices.includes(value) ? undefined : `must be one of ${choices.join(', ')}`;
  }
  const { minLength, maxLength } = field as { minLength?: number; maxLength?: number };
  // As JSON Schema counts, and so the client: one for each character, whatever it takes.
  const { length } = [...value];
  if (minLength !== undefined && length < minLength) {
    return `must have at least ${minLength} characters`;
  }
  if (maxLength !== undefined && length > maxLength) {
    return `must have at most ${maxLength} characters`;
  }
  return undefined;
}

function listProblem(field: Extract<Field, { type: 'array' }>, value: unknown): string | undefined {
  const choices = 'enum' in field.items ? field.items.enum : field.items.anyOf.map(choice => choice.const);
  if (!Array.isArray(value) || !value.every(item => choices.includes(item as string))) {
    return `must be a list of ${choices.join(', ')}`;
  }
  if (field.minItems !== undefined && value.length < field.minItems) {
    return `must have at least ${field.minItems} choices`;
  }
  if (field.maxItems !== undefined && value.length > field.maxItems) {
    return `must have at most ${field.maxItems} choices`;
  }
  return undefined;
}
