/** A place where values that a schema took are not taken by another one. */
export interface Narrowing {
  /** Names of members, joined by dots; `[]` for the items of a list. Empty for the schema itself. */
  readonly path: string;
  readonly keyword: string;
  readonly from: unknown;
  readonly to: unknown;
}

type Schema = Readonly<Record<string, unknown>>;

interface Bound {
  readonly keyword: string;
  readonly isLower: boolean;
  /** The keyword that leaves out the bound itself, or that lets it in. */
  readonly stricter?: string;
  readonly wider?: string;
}

const BOUNDS: readonly Bound[] = [
  { keyword: 'minimum', isLower: true, stricter: 'exclusiveMinimum' },
  { keyword: 'exclusiveMinimum', isLower: true, wider: 'minimum' },
  { keyword: 'maximum', isLower: false, stricter: 'exclusiveMaximum' },
  { keyword: 'exclusiveMaximum', isLower: false, wider: 'maximum' },
  ...['Length', 'Items', 'Properties', 'Contains'].flatMap(what => [
    { keyword: `min${what}`, isLower: true },
    { keyword: `max${what}`, isLower: false },
  ]),
];

const LENGTHS = /(Length|Items|Properties|Contains)$/;

/** What takes less as soon as it is there, and cannot be weighed when it is another. */
const UNWEIGHED = [
  'pattern',
  'format',
  'multipleOf',
  'contentEncoding',
  'contentMediaType',
  'allOf',
  'not',
  'if',
  'then',
  'else',
  'contains',
  'prefixItems',
  'propertyNames',
  'patternProperties',
  'dependentRequired',
  'dependentSchemas',
  'unevaluatedProperties',
  'unevaluatedItems',
] as const;

/** References to references, at most. */
const MOST_HOPS = 20;

/**
 * Where `to` takes less than `from`. What cannot be compared by its parts, such as `allOf`, counts as narrower when it
 * is not the same.
 */
export function narrowings(from: unknown, to: unknown): Narrowing[] {
  return new Comparison(from, to).compared(from, to);
}

/** Compares two schemas, each of which has the parts that its references name. */
class Comparison {
  /** Pairs that were compared; of one that is being compared, nothing is known yet: it is recursive. */
  private readonly known = new Map<unknown, Map<unknown, Narrowing[]>>();

  public constructor(
    private readonly fromRoot: unknown,
    private readonly toRoot: unknown,
  ) {}

  public compared(from: unknown, to: unknown): Narrowing[] {
    const [before, after] = [resolved(from, this.fromRoot), resolved(to, this.toRoot)];
    if (after === true || before === false) {
      return [];
    }
    if (after === false) {
      return [{ path: '', keyword: 'type', from: asSchema(before).type, to: 'nothing' }];
    }
    const pairs = this.known.get(before) ?? new Map<unknown, Narrowing[]>();
    this.known.set(before, pairs);
    const found = pairs.get(after);
    if (found !== undefined) {
      return found;
    }
    pairs.set(after, []);
    const narrower = this.parts(asSchema(before), asSchema(after));
    pairs.set(after, narrower);
    return narrower;
  }

  private parts(old: Schema, next: Schema): Narrowing[] {
    const choices = this.choices(old, next);
    if (choices !== undefined && choicesOf(next) === undefined) {
      return choices;
    }
    const rest = choices === undefined ? old : withoutChoices(old);
    return [
      ...(choices ?? []),
      ...comparedTypes(rest, next),
      ...comparedValues(rest, next),
      ...BOUNDS.flatMap(bound => comparedBound(rest, next, bound)),
      ...UNWEIGHED.filter(keyword => next[keyword] !== undefined && !sameJson(rest[keyword], next[keyword])).map(
        keyword => ({ path: '', keyword, from: rest[keyword], to: next[keyword] }),
      ),
      ...(next.uniqueItems === true && rest.uniqueItems !== true
        ? [{ path: '', keyword: 'uniqueItems', from: rest.uniqueItems, to: true }]
        : []),
      ...this.members(rest, next),
      ...(next.items === undefined ? [] : at('[]', this.compared(rest.items ?? true, next.items))),
    ];
  }

  /** Each choice that there was has to fit into one that there is; `undefined` where neither has any. */
  private choices(old: Schema, next: Schema): Narrowing[] | undefined {
    const [before, after] = [choicesOf(old), choicesOf(next)];
    if (before === undefined && after === undefined) {
      return undefined;
    }
    const candidates = after ?? [next];
    const lost = (before ?? [old]).filter(
      choice => !candidates.some(candidate => this.compared(choice, candidate).length === 0),
    );
    const count = (list: readonly unknown[] | undefined): number => list?.length ?? 1;
    return lost.length === 0 ? [] : [{ path: '', keyword: 'anyOf', from: count(before), to: count(after) }];
  }

  private members(old: Schema, next: Schema): Narrowing[] {
    const [before, after] = [membersOf(old), membersOf(next)];
    const wasRequired = requiredOf(old);
    const required = requiredOf(next)
      .filter(name => !wasRequired.includes(name))
      .map(name => ({ path: name, keyword: 'required', from: false, to: true }));
    const listed = Object.entries(before).flatMap(([name, schema]) =>
      Object.hasOwn(after, name)
        ? at(name, this.compared(schema, after[name]))
        : [{ path: name, keyword: 'properties', from: 'listed', to: undefined }],
    );
    const others =
      next.additionalProperties === undefined
        ? []
        : this.compared(old.additionalProperties ?? true, next.additionalProperties);
    return [
      ...required,
      ...listed,
      ...at(
        '*',
        others.map(narrowing => ({ ...narrowing, keyword: 'additionalProperties' })),
      ),
    ];
  }
}

function at(place: string, narrower: readonly Narrowing[]): Narrowing[] {
  return narrower.map(narrowing => {
    const { path } = narrowing;
    return { ...narrowing, path: path === '' ? place : path.startsWith('[]') ? place + path : `${place}.${path}` };
  });
}

function comparedTypes(old: Schema, next: Schema): Narrowing[] {
  if (next.type === undefined) {
    return [];
  }
  const taken = [next.type].flat();
  const given = old.type === undefined ? valuesOf(old)?.map(typeOf) : [old.type].flat();
  const fits = given?.every(type => taken.includes(type) || (type === 'integer' && taken.includes('number')));
  return fits === true ? [] : [{ path: '', keyword: 'type', from: old.type, to: next.type }];
}

/** `const` is a list of one. */
function comparedValues(old: Schema, next: Schema): Narrowing[] {
  const [before, after] = [valuesOf(old), valuesOf(next)];
  if (after === undefined) {
    return [];
  }
  const fits = before?.every(value => after.some(other => sameJson(value, other)));
  return fits === true ? [] : [{ path: '', keyword: 'enum', from: before, to: after }];
}

function comparedBound(old: Schema, next: Schema, { keyword, isLower, stricter, wider }: Bound): Narrowing[] {
  const after = next[keyword];
  if (typeof after !== 'number' || (LENGTHS.test(keyword) && isLower && after <= 0)) {
    return [];
  }
  const reaches = (name: string | undefined, equalIsEnough: boolean): boolean => {
    const before = name === undefined ? undefined : old[name];
    return (
      typeof before === 'number' && ((isLower ? before > after : before < after) || (equalIsEnough && before === after))
    );
  };
  const isAsTight = reaches(keyword, true) || reaches(stricter, true) || reaches(wider, false);
  return isAsTight ? [] : [{ path: '', keyword, from: old[keyword], to: after }];
}

function resolved(schema: unknown, root: unknown): unknown {
  let current = schema;
  for (let hops = 0; hops < MOST_HOPS && isObject(current) && typeof current.$ref === 'string'; hops += 1) {
    current = named(current.$ref, root);
  }
  return current;
}

/** What a reference within the same schema names; others take anything. */
function named(reference: string, root: unknown): unknown {
  if (!reference.startsWith('#')) {
    return true;
  }
  let current = root;
  for (const part of reference.slice(1).split('/').slice(1)) {
    const name = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    current = isObject(current) && Object.hasOwn(current, name) ? current[name] : true;
  }
  return current;
}

function choicesOf(schema: Schema): unknown[] | undefined {
  const choices = schema.anyOf ?? schema.oneOf;
  return Array.isArray(choices) ? choices : undefined;
}

function withoutChoices(schema: Schema): Schema {
  return { ...schema, anyOf: undefined, oneOf: undefined };
}

function requiredOf({ required }: Schema): string[] {
  return Array.isArray(required) ? (required as unknown[]).map(String) : [];
}

function typeOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value;
}

function valuesOf(schema: Schema): unknown[] | undefined {
  return Object.hasOwn(schema, 'const') ? [schema.const] : Array.isArray(schema.enum) ? schema.enum : undefined;
}

function membersOf(schema: Schema): Schema {
  return isObject(schema.properties) ? schema.properties : {};
}

function asSchema(schema: unknown): Schema {
  return isObject(schema) ? schema : {};
}

/** Whether two values are the same JSON, in whatever order their members stand. */
export function sameJson(one: unknown, other: unknown): boolean {
  if (isObject(one) && isObject(other)) {
    const names = new Set([...Object.keys(one), ...Object.keys(other)]);
    return [...names].every(name => sameJson(one[name], other[name]));
  }
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, index) => sameJson(item, other[index]));
  }
  return Object.is(one, other);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
