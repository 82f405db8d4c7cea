import { isJsonObject } from '../common/json-rpc';

export type JsonSchemaNode = Readonly<Record<string, unknown>>;

/** One field of a form, and the keywords of the schema that a form has no place for. */
export type FormProperty =
  { readonly form: JsonSchemaNode; readonly leftOut: readonly string[] } | { readonly problem: string };

const ALLOWED = 'a form can ask for text, a number, yes or no, one choice, or several choices';

/** The keywords of the protocol's form schema, by type. */
const KEYWORDS: Readonly<Record<string, readonly string[]>> = {
  string: ['minLength', 'maxLength', 'format', 'enum', 'enumNames', 'oneOf'],
  number: ['minimum', 'maximum'],
  integer: ['minimum', 'maximum'],
  boolean: [],
  array: ['minItems', 'maxItems', 'items'],
};
const EVERYWHERE = ['type', 'title', 'description', 'default'];
const FORMATS = ['email', 'uri', 'date', 'date-time'];

/** Keywords that only annotate: leaving them out loses no check. */
const ANNOTATIONS = ['$ref', '$comment', 'id', 'deprecated', 'examples', 'readOnly', 'writeOnly'];

/** Brings one property of a JSON schema into the form that the protocol allows. */
export function formProperty(schema: JsonSchemaNode): FormProperty {
  const node = withChoices(schema);
  const type = node['type'];
  const keywords = typeof type === 'string' ? KEYWORDS[type] : undefined;
  if (!keywords) {
    return { problem: `is ${describe(schema)}: ${ALLOWED}` };
  }
  if (type === 'array' && !isChoiceList(node['items'])) {
    return { problem: `is a list of anything but choices: ${ALLOWED}` };
  }

  const form: Record<string, unknown> = {};
  const leftOut: string[] = [];
  for (const [keyword, value] of Object.entries(inclusiveBounds(node))) {
    const allowed = EVERYWHERE.includes(keyword) || keywords.includes(keyword);
    if (allowed && isUseful(keyword, value)) {
      form[keyword] = value;
    } else if (!allowed && !ANNOTATIONS.includes(keyword)) {
      leftOut.push(keyword);
    } else if (keyword === 'format') {
      leftOut.push(keyword);
    }
  }
  if (type === 'array') {
    form['items'] = choiceList(node['items'] as JsonSchemaNode);
  }
  for (const keyword of ['exclusiveMinimum', 'exclusiveMaximum']) {
    if (keyword in node) {
      leftOut.push(keyword);
    }
  }
  return { form, leftOut };
}

/** A literal is a choice of one; a union of literals is a choice with titles. */
function withChoices(schema: JsonSchemaNode): JsonSchemaNode {
  const { const: literal, anyOf, oneOf, ...rest } = schema;
  if (typeof literal === 'string') {
    return { ...rest, type: 'string', enum: [literal] };
  }
  const titled = titledChoices(anyOf ?? oneOf);
  return titled ? { ...rest, type: 'string', oneOf: titled } : schema;
}

function titledChoices(options: unknown): JsonSchemaNode[] | undefined {
  if (!Array.isArray(options) || options.length === 0) {
    return undefined;
  }
  const choices: JsonSchemaNode[] = [];
  for (const option of options as unknown[]) {
    if (!isJsonObject(option) || typeof option['const'] !== 'string') {
      return undefined;
    }
    const title = option['title'];
    choices.push({ const: option['const'], title: typeof title === 'string' ? title : option['const'] });
  }
  return choices;
}

function isChoiceList(items: unknown): boolean {
  return (
    isJsonObject(items) &&
    (Array.isArray(items['enum']) || titledChoices(items['anyOf'] ?? items['oneOf']) !== undefined)
  );
}

function choiceList(items: JsonSchemaNode): JsonSchemaNode {
  const titled = titledChoices(items['anyOf'] ?? items['oneOf']);
  return titled ? { anyOf: titled } : { type: 'string', enum: items['enum'] };
}

/** A form has inclusive bounds only. The nearest one is shown; the exact one stays with the schema. */
function inclusiveBounds(node: JsonSchemaNode): JsonSchemaNode {
  const { exclusiveMinimum, exclusiveMaximum, ...rest } = node;
  return {
    ...rest,
    ...(exclusiveMinimum !== undefined && { minimum: exclusiveMinimum }),
    ...(exclusiveMaximum !== undefined && { maximum: exclusiveMaximum }),
  };
}

/** Not worth showing: a format that forms do not know, and zod's bounds of every integer. */
function isUseful(keyword: string, value: unknown): boolean {
  if (keyword === 'format') {
    return FORMATS.includes(value as string);
  }
  return value !== Number.MIN_SAFE_INTEGER && value !== Number.MAX_SAFE_INTEGER;
}

function describe(schema: JsonSchemaNode): string {
  const type = schema['type'];
  if (type === 'object') {
    return 'an object';
  }
  if (Array.isArray(type)) {
    return type.includes('null') ? 'nullable; make it optional instead' : `of several types (${type.join(', ')})`;
  }
  if (schema['anyOf'] ?? schema['oneOf'] ?? schema['allOf']) {
    return 'a union or an intersection of types';
  }
  return typeof type === 'string' ? `of type ${type}` : 'of no single type';
}
