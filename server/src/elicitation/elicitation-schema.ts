import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server';
import { ServerKitError } from '../common/errors';
import { formProperty, type JsonSchemaNode } from './form-property';
import { checkFormContent } from './form-content';
import { isJsonObject } from '../common/json-rpc';
import { type FormSchema } from './form-schema';

/**
 * What a question can be asked with: a zod object (or any Standard Schema with JSON Schema output), or the protocol's
 * form schema itself.
 */
export type ElicitationSchema = StandardSchemaWithJSON | FormSchema;

/** What an accepted answer holds. */
export type ElicitedContent<Schema extends ElicitationSchema> = Schema extends StandardSchemaWithJSON
  ? StandardSchemaWithJSON.InferOutput<Schema>
  : Record<string, string | number | boolean | string[]>;

/** A schema made ready: what the client shows, and how its answer is checked. */
export interface ElicitationForm {
  readonly requestedSchema: FormSchema;
  /** @throws ServerKitError `ERR_ELICITATION_ANSWER` */
  parse(content: unknown): Promise<unknown>;
}

const forms = new WeakMap<ElicitationSchema, ElicitationForm>();

/**
 * Turns a schema into the form that the protocol allows.
 *
 * Limits that a form cannot express (a pattern, an exclusive bound, a step) are left out of the form, if the schema can
 * check the answer itself, as zod does. A plain JSON schema cannot, so there they are an error.
 * @throws ServerKitError `ERR_ELICITATION_SCHEMA` with the property and what to write instead
 */
export function elicitationForm(schema: ElicitationSchema): ElicitationForm {
  const known = forms.get(schema);
  if (known) {
    return known;
  }
  const form = isStandardSchema(schema) ? fromStandardSchema(schema) : fromFormSchema(schema);
  forms.set(schema, form);
  return form;
}

/**
 * Checks a schema where it is written. One that cannot be shown as a form then fails the start of the server and its
 * unit tests, and not the first user who is asked. Gives the same schema back.
 *
 * ```ts
 * const EXPENSE = form(z.object({ amount: z.number().positive(), category: z.enum(['food', 'travel']) }));
 * // in a handler: await io.elicitContent('What did you buy?', EXPENSE)
 * ```
 *
 * A form is one flat object of texts, numbers, booleans and choices; `io.elicit` checks a schema that did not go
 * through here at its first use.
 * @throws ServerKitError `ERR_ELICITATION_SCHEMA` with the property and what to write instead
 */
export function form<Schema extends ElicitationSchema>(schema: Schema): Schema {
  elicitationForm(schema);
  return schema;
}

function isStandardSchema(schema: ElicitationSchema): schema is StandardSchemaWithJSON {
  return '~standard' in schema;
}

function fromStandardSchema(schema: StandardSchemaWithJSON): ElicitationForm {
  const { requestedSchema } = toForm(jsonSchemaOf(schema));
  return {
    requestedSchema,
    async parse(content) {
      const result = await schema['~standard'].validate(content);
      if (!result.issues) {
        return result.value;
      }
      throw contentError(
        result.issues.map(({ path = [], message }) => {
          const name = path.map(part => String(typeof part === 'object' ? part.key : part)).join('.');
          return name ? `\`${name}\`: ${message}` : message;
        }),
      );
    },
  };
}

function fromFormSchema(schema: FormSchema): ElicitationForm {
  const { requestedSchema, leftOut } = toForm(schema);
  if (leftOut.length > 0) {
    throw schemaError(
      `${leftOut.join(', ')} is not part of the form schema of the protocol: remove it, or use a zod schema, which checks it on the server`,
    );
  }
  return {
    requestedSchema,
    parse(content) {
      const problems = checkFormContent(requestedSchema, content);
      return problems.length > 0 ? Promise.reject(contentError(problems)) : Promise.resolve(content);
    },
  };
}

function jsonSchemaOf(schema: StandardSchemaWithJSON): JsonSchemaNode {
  try {
    return schema['~standard'].jsonSchema.input({ target: 'draft-2020-12' });
  } catch (cause) {
    throw new ServerKitError(
      'ERR_ELICITATION_SCHEMA',
      `the schema cannot be shown as a form: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

function toForm(schema: JsonSchemaNode): { requestedSchema: FormSchema; leftOut: string[] } {
  const properties = schema['properties'];
  if (schema['type'] !== 'object' || !isJsonObject(properties) || Object.keys(properties).length === 0) {
    throw schemaError('it must be an object with at least one property, for example z.object({ amount: z.number() })');
  }
  const leftOut: string[] = [];
  const form: Record<string, unknown> = {};
  for (const [name, node] of Object.entries(properties)) {
    const property = formProperty(resolveReference(node, schema));
    if ('problem' in property) {
      throw schemaError(`property \`${name}\` ${property.problem}`);
    }
    form[name] = property.form;
    leftOut.push(...property.leftOut.map(keyword => `\`${name}.${keyword}\``));
  }
  const required = Array.isArray(schema['required']) ? { required: schema['required'] as string[] } : {};
  // Every property was built from the protocol's own list of types and keywords.
  return { requestedSchema: { type: 'object', properties: form as FormSchema['properties'], ...required }, leftOut };
}

/** Schemas with an id of their own come as a reference to a definition beside them. */
function resolveReference(node: unknown, root: JsonSchemaNode): JsonSchemaNode {
  if (!isJsonObject(node)) {
    return {};
  }
  const reference = node['$ref'];
  const definitions = root['$defs'];
  if (typeof reference !== 'string' || !isJsonObject(definitions)) {
    return node;
  }
  const definition = definitions[reference.replace('#/$defs/', '')];
  return isJsonObject(definition) ? { ...definition, ...node } : node;
}

function schemaError(problem: string): ServerKitError {
  return new ServerKitError(
    'ERR_ELICITATION_SCHEMA',
    `the schema of an elicitation cannot be shown as a form: ${problem}`,
  );
}

function contentError(problems: readonly string[]): ServerKitError {
  return new ServerKitError(
    'ERR_ELICITATION_ANSWER',
    `the answer does not match the schema it was asked with: ${problems.join('; ')}`,
  );
}
