/** What is wrong with one member of a request. */
export interface FieldProblem {
  readonly name: string;
  readonly message: string;
}

/** Part of the service model: what a value may be. */
export type Shape = (value: unknown, path: string) => readonly FieldProblem[];

interface Size {
  readonly min?: number;
  readonly max?: number;
}

const problem = (name: string, message: string): FieldProblem[] => [
  { name, message: `Value at '${name}' failed to satisfy constraint: ${message}` },
];

function sizeProblem(size: number, { min = 0, max = Infinity }: Size, path: string): FieldProblem[] {
  if (size < min) {
    return problem(path, `Member must have length greater than or equal to ${min}`);
  }
  return size > max ? problem(path, `Member must have length less than or equal to ${max}`) : [];
}

/** @param pattern - the whole text has to match */
export function text(limits: Size & { readonly pattern?: string } = {}): Shape {
  const pattern = limits.pattern === undefined ? undefined : new RegExp(`^(?:${limits.pattern})$`, 's');
  return (value, path) => {
    if (typeof value !== 'string') {
      return problem(path, 'Member must be a string');
    }
    const wrongSize = sizeProblem(value.length, limits, path);
    if (wrongSize.length > 0 || !pattern || pattern.test(value)) {
      return wrongSize;
    }
    return problem(path, `Member must satisfy regular expression pattern: ${limits.pattern}`);
  };
}

export function oneOf(...values: readonly string[]): Shape {
  return (value, path) =>
    typeof value === 'string' && values.includes(value)
      ? []
      : problem(path, `Member must satisfy enum value set: [${values.join(', ')}]`);
}

export function integer(min: number, max: number): Shape {
  return (value, path) => {
    if (!Number.isInteger(value)) {
      return problem(path, 'Member must be an integer');
    }
    if ((value as number) < min) {
      return problem(path, `Member must have value greater than or equal to ${min}`);
    }
    return (value as number) > max ? problem(path, `Member must have value less than or equal to ${max}`) : [];
  };
}

export const flag: Shape = (value, path) =>
  typeof value === 'boolean' ? [] : problem(path, 'Member must be a boolean');

export function list(member: Shape, size: Size = {}): Shape {
  return (value, path) =>
    Array.isArray(value)
      ? [
          ...sizeProblem(value.length, size, path),
          ...value.flatMap((item, index) => member(item, `${path}.${index + 1}.member`)),
        ]
      : problem(path, 'Member must be a list');
}

export function map(key: Shape, member: Shape, size: Size = {}): Shape {
  return (value, path) => {
    if (!isObject(value)) {
      return problem(path, 'Member must be a map');
    }
    const entries = Object.entries(value);
    return [
      ...sizeProblem(entries.length, size, path),
      ...entries.flatMap(([name, item]) => [...key(name, path), ...member(item, `${path}.${name}`)]),
    ];
  };
}

/** Members that the model does not know are left alone, as the service does. */
export function structure(members: Readonly<Record<string, Shape>>, required: readonly string[] = []): Shape {
  return (value, path) => {
    if (!isObject(value)) {
      return problem(path, 'Member must be a structure');
    }
    const inside = (name: string): string => (path === '' ? name : `${path}.${name}`);
    const missing = required.filter(name => value[name] === undefined || value[name] === null);
    return [
      ...missing.flatMap(name => problem(inside(name), 'Member must not be null')),
      ...Object.entries(members).flatMap(([name, shape]) =>
        value[name] === undefined || value[name] === null ? [] : shape(value[name], inside(name)),
      ),
    ];
  };
}

/** @param message - what the service says when it is not exactly one member */
export function union(members: Readonly<Record<string, Shape>>, message: string): Shape {
  const inner = structure(members);
  return (value, path) => {
    const isSet = (name: string): boolean => isObject(value) && value[name] !== undefined && value[name] !== null;
    if (isObject(value) && Object.keys(members).filter(isSet).length !== 1) {
      return [{ name: path, message }];
    }
    return inner(value, path);
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
