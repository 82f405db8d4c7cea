import type { ElicitRequestFormParams } from 'stateful-mcp-client';
import { CommandError } from '../common/command-error';

interface FieldBase {
  readonly name: string;
  /** What to call it: its title, else its name. */
  readonly label: string;
  readonly description?: string;
  readonly required: boolean;
}

export interface NumberField extends FieldBase {
  readonly kind: 'number';
  readonly integer: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly default?: number;
}

export interface TextField extends FieldBase {
  readonly kind: 'text';
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly format?: string;
  readonly pattern?: string;
  readonly default?: string;
}

export interface BooleanField extends FieldBase {
  readonly kind: 'boolean';
  readonly default?: boolean;
}

export interface Choice {
  readonly value: string | number | boolean;
  readonly label: string;
}

export interface ChoiceField extends FieldBase {
  readonly kind: 'choice';
  readonly choices: readonly Choice[];
  readonly default?: string | number | boolean;
}

export interface ChoicesField extends FieldBase {
  readonly kind: 'choices';
  readonly choices: readonly (Choice & { readonly value: string })[];
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly default?: readonly string[];
}

type TextChoice = ChoicesField['choices'][number];

/** A list of free texts, which servers in Python ask for. */
export interface TextsField extends FieldBase {
  readonly kind: 'texts';
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly default?: readonly string[];
}

/** A property of a flat JSON Schema, as MCP allows it in a question to the user. */
export type FormField = NumberField | TextField | BooleanField | ChoiceField | ChoicesField | TextsField;

export type FieldValue = string | number | boolean | string[];

/** The JSON Schema keywords that matter here; the many spellings of MCP's revisions side by side. */
interface PropertySchema {
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly enumNames?: readonly string[];
  readonly oneOf?: readonly (TitledConst | null)[];
  readonly anyOf?: readonly (TitledConst | null)[];
  readonly items?: PropertySchema;
  readonly [keyword: string]: unknown;
}

interface TitledConst {
  readonly const?: unknown;
  readonly title?: string;
}

/** A flat object schema: of a question, or of a tool's arguments. */
export interface FlatSchema {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
}

/** The fields of a question, in the order of its schema. */
export function fieldsOf(schema: FlatSchema | ElicitRequestFormParams['requestedSchema']): FormField[] {
  const required = new Set(listed(schema.required));
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const field = fieldOf(name, property as PropertySchema, required.has(name));
    return field ? [field] : [];
  });
}

/** The fields of a question. Throws for one that has to be answered and cannot be asked for. */
export function askableFields(schema: FlatSchema | ElicitRequestFormParams['requestedSchema']): FormField[] {
  const fields = fieldsOf(schema);
  const missing = listed(schema.required).find(name => !fields.some(field => field.name === name));
  if (missing !== undefined) {
    const property = schema.properties?.[missing];
    throw new CommandError(
      `the form asks for \`${missing}\`, which ${property === undefined ? 'it does not describe' : 'is not a text, number, boolean, choice or list of texts'}`,
    );
  }
  return fields;
}

function fieldOf(name: string, property: PropertySchema, required: boolean): FormField | undefined {
  const base = { name, label: property.title ?? name, description: property.description, required };
  const limits = (...keywords: string[]): Record<string, unknown> =>
    Object.fromEntries(
      keywords.filter(keyword => property[keyword] !== undefined).map(keyword => [keyword, property[keyword]]),
    );
  const choices = choicesOf(property);
  if (choices) {
    return { ...base, kind: 'choice', choices, ...limits('default') };
  }
  if (property.type === 'number' || property.type === 'integer') {
    return {
      ...base,
      kind: 'number',
      integer: property.type === 'integer',
      ...limits('minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'default'),
    };
  }
  if (property.type === 'string') {
    return { ...base, kind: 'text', ...limits('minLength', 'maxLength', 'format', 'pattern', 'default') };
  }
  if (property.type === 'boolean') {
    return { ...base, kind: 'boolean', ...limits('default') };
  }
  const list = property.type === 'array' ? property.items : undefined;
  const some = list && choicesOf(list);
  if (some?.every((choice): choice is TextChoice => typeof choice.value === 'string')) {
    return { ...base, kind: 'choices', choices: some, ...limits('minItems', 'maxItems', 'default') };
  }
  return list?.type === 'string' ? { ...base, kind: 'texts', ...limits('minItems', 'maxItems', 'default') } : undefined;
}

function choicesOf({ enum: values, enumNames, oneOf, anyOf }: PropertySchema): Choice[] | undefined {
  const titled = listed(oneOf ?? anyOf);
  if (titled.length > 0 && titled.every(choice => isChoice(choice?.const))) {
    return titled.map(choice => ({
      value: choice?.const as Choice['value'],
      label: choice?.title ?? String(choice?.const),
    }));
  }
  const choices = listed(values).filter(isChoice);
  return choices.length === 0
    ? undefined
    : choices.map((value, index) => ({ value, label: listed(enumNames)[index] ?? String(value) }));
}

/** A schema of a server may have anything where a list belongs. */
function listed<Item>(value: readonly Item[] | undefined): readonly Item[] {
  return Array.isArray(value) ? (value as readonly Item[]) : [];
}

function isChoice(value: unknown): value is Choice['value'] {
  return ['string', 'number', 'boolean'].includes(typeof value);
}
