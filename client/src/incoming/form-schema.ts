/** A JSON Schema, of which nothing is known for sure. */
type Schema = Readonly<Record<string, unknown>>;

/** How deep references are followed; those of generated schemas lead at once to what they name. */
const DEEPEST = 5;

/**
 * A form in the words of MCP, where a server says the same in others: Python's `Optional` (`anyOf` with `null`) is a
 * property that may be left out, choices without a `type` are texts, a reference is what it names. What has no words in
 * MCP, such as a list of free texts, stays as it is.
 */
export function standardForm(form: Schema): Schema {
  const properties = Object.entries(isSchema(form.properties) ? form.properties : {});
  return {
    ...withoutNullKeywords(form),
    properties: Object.fromEntries(
      properties.map(([name, property]) => [name, isSchema(property) ? standardProperty(property, form) : property]),
    ),
  };
}

export function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function standardProperty(property: Schema, form: Schema): Schema {
  const schema = withoutNull(resolved(property, form));
  const type = schema.type ?? typeOfChoices(schema);
  if (schema.const !== undefined && schema.enum === undefined) {
    const { const: only, ...rest } = schema;
    return { ...rest, ...(type !== undefined && { type }), enum: [only] };
  }
  if (isSchema(schema.items)) {
    return { ...schema, type: type ?? 'array', items: choicesOfList(standardProperty(schema.items, form)) };
  }
  return type === undefined ? schema : { ...schema, type };
}

/** What a reference names, or the only one of several; what stands beside it wins. */
function resolved(schema: Schema, form: Schema, depth = 0): Schema {
  const { $ref, allOf, ...rest } = schema;
  const named = typeof $ref === 'string' ? definitionOf($ref, form) : Array.isArray(allOf) ? only(allOf) : undefined;
  return isSchema(named) && depth < DEEPEST ? { ...resolved(named, form, depth + 1), ...rest } : schema;
}

function definitionOf(reference: string, form: Schema): unknown {
  const [, home = '', name = ''] = /^#\/(\$defs|definitions)\/([^/]+)$/.exec(reference) ?? [];
  const definitions = form[home];
  return isSchema(definitions) ? definitions[name] : undefined;
}

function only(schemas: readonly unknown[]): unknown {
  return schemas.length === 1 ? schemas[0] : undefined;
}

/** A property that may be null as one that may not: whoever answers leaves it out instead. */
function withoutNull(schema: Schema): Schema {
  const union = (['anyOf', 'oneOf'] as const).find(keyword => Array.isArray(schema[keyword]));
  if (union !== undefined) {
    const { [union]: members, ...rest } = schema;
    const some = (members as unknown[]).filter(member => !isNull(member));
    const one = only(some);
    if (isSchema(one) && one.const === undefined) {
      return withoutNull({ ...one, ...rest });
    }
    return withoutNullKeywords({ ...rest, [union]: some });
  }
  const type = Array.isArray(schema.type) ? schema.type.filter(name => name !== 'null') : schema.type;
  return withoutNullKeywords({
    ...schema,
    ...(type !== undefined && { type: Array.isArray(type) ? (only(type) ?? type) : type }),
    ...(Array.isArray(schema.enum) && { enum: schema.enum.filter(value => value !== null) }),
  });
}

function isNull(schema: unknown): boolean {
  return isSchema(schema) && (schema.type === 'null' || schema.const === null);
}

function withoutNullKeywords(schema: Schema): Schema {
  return Object.fromEntries(Object.entries(schema).filter(([, value]) => value !== null));
}

/** The type that the choices of a schema have in common. */
function typeOfChoices({ enum: values, const: only, oneOf, anyOf }: Schema): string | undefined {
  const titled = (oneOf ?? anyOf) as readonly Schema[] | undefined;
  const choices = Array.isArray(values)
    ? values
    : only !== undefined
      ? [only]
      : titled?.every(isSchema)
        ? titled.map(({ const: value }) => value)
        : [];
  if (choices.length === 0) {
    return undefined;
  }
  return ['string', 'number', 'boolean'].find(type => choices.every(choice => typeof choice === type));
}

/** Choices of a list are titled by `anyOf`, those of one value by `oneOf`. */
function choicesOfList({ oneOf, ...items }: Schema): Schema {
  return oneOf === undefined ? items : { ...items, anyOf: oneOf };
}
