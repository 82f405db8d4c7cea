import { unknownNameProblems } from './unknown-names';

/** Tells what is wrong with the kind of a value, by the name that the author of the app knows it by. */
export type Kind = (value: unknown, name: string) => string[];

/** A kind for each member, so that none is forgotten when an interface gets another one. */
export type Kinds<T extends object> = { readonly [Member in keyof T]-?: Kind };

/**
 * What is wrong with the kinds of values. TypeScript and jsii let some through: what is undefined in a map, an object
 * of another class with the same shape, and all that JavaScript or `any` gives.
 *
 * @param prefix - what the members belong to, where their names alone do not say it
 */
export function kindProblems<T extends object>(values: T, kinds: Kinds<T>, prefix = ''): string[] {
  return Object.entries<Kind>(kinds).flatMap(([name, kind]) =>
    readProblems(() => values[name as keyof T], kind, prefix + name),
  );
}

/** A getter or a proxy may throw: its error would not say which value it is of. */
function readProblems(read: () => unknown, kind: Kind, name: string): string[] {
  try {
    return kind(read(), name);
  } catch (error) {
    const { message = String(error) } = error as Partial<Error>;
    return [`\`${name}\` throws when it is read (${message}); what can be read is allowed: give its value`];
  }
}

/** @param advice - what to do, after a colon */
export function kind(allowed: string, advice: string, accepts: (value: unknown) => boolean): Kind {
  return (value, name) =>
    accepts(value) ? [] : [`\`${name}\` is ${described(value)}; ${allowed} is allowed: ${advice}`];
}

export function optional(other: Kind): Kind {
  return (value, name) => (value === undefined ? [] : other(value, name));
}

export const text = withoutNul(kind('a string', 'give one', value => typeof value === 'string'));

/** What names something: an empty string comes of a setting that is not set. */
export const nonEmptyText = withoutNul(
  kind(
    'a string that is not empty',
    'give one, or leave it out',
    value => typeof value === 'string' && value.trim() !== '',
  ),
);
export const flag = kind('true or false', 'give one of them', value => typeof value === 'boolean');
export const number = kind('a number', 'give one', value => typeof value === 'number' && !Number.isNaN(value));
export const wholeNumber = kind('a whole number', 'give one', value => Number.isInteger(value));

/** No path, argument or variable can have one: the system would take what is before it, or fail. */
export function withoutNul(other: Kind): Kind {
  return (value, name) =>
    typeof value === 'string' && value.includes('\0')
      ? [`\`${name}\` has a NUL character; a string without one is allowed: leave it out`]
      : other(value, name);
}

export function listOf(element: Kind, elements = 'strings'): Kind {
  const list = kind(`a list of ${elements}`, 'put it into one', Array.isArray);
  return (value, name) =>
    // A list may have holes, which are undefined, too.
    Array.isArray(value)
      ? Array.from<unknown, string[]>(value, (member, index) => element(member, `${name}[${index}]`)).flat()
      : list(value, name);
}

export function mapOf(element: Kind, elements = 'strings'): Kind {
  const map = kind(`an object with ${elements} as values`, 'give one', isPlainObject);
  return (value, name) =>
    isPlainObject(value)
      ? Object.keys(value).flatMap(key => {
          const wrong = nameProblem(key);
          return wrong === undefined
            ? readProblems(() => value[key], element, `${name}.${key}`)
            : [`\`${name}\` has a value under ${wrong}; another name is allowed: give it one, or leave it out`];
        })
      : map(value, name);
}

/** Objects of JavaScript lose what is under the last of them when they are copied. */
function nameProblem(key: string): string | undefined {
  if (key === '') {
    return 'an empty name';
  }
  return key.includes('\0') ? 'a name with a NUL character' : key === '__proto__' ? 'the name `__proto__`' : undefined;
}

export const texts = listOf(text);
export const nonEmptyTexts = listOf(nonEmptyText);
export const textMap = mapOf(
  withoutNul(kind('a string', 'give it a value, or leave it out', value => typeof value === 'string')),
);

export interface OptionsNames {
  /** Whether the members are told with the name of what has them: their names alone do not say it. */
  readonly nested?: boolean;

  /** Whether others may be there, too: those of a class of the user. */
  readonly open?: boolean;
}

/** An object with these members: a plain one, or one of a class that has some of them. */
export function options<T extends object>(kinds: Kinds<T>, { nested = false, open = false }: OptionsNames = {}): Kind {
  const isOne = (value: unknown): value is T =>
    isPlainObject(value) ||
    (typeof value === 'object' && value !== null && Object.keys(kinds).some(member => member in value));
  const object = kind('an object', 'give the options by their names', isOne);
  return (value, name) => {
    if (!isOne(value)) {
      return object(value, name);
    }
    const prefix = nested ? `${name}.` : '';
    return [
      ...kindProblems(value, kinds, prefix),
      ...(isPlainObject(value) ? unknownNameProblems(value, Object.keys(kinds), { prefix, allOthers: !open }) : []),
    ];
  };
}

/** What a method of a class of the user returns, which JavaScript does not check. */
export function returned<T extends object>(call: string, type: string, kinds: Kinds<T>): Kind {
  const members = options(kinds, { nested: true, open: true });
  return (value, name) =>
    isPlainObject(value) || Object.keys(kinds).some(member => hasMember(value, member))
      ? members(value, name)
      : [`\`${call}\` returns ${described(value)}; ${article(type)} is allowed: return one`];
}

/**
 * An object of a class of this package. The class is told when it is needed: classes know each other in circles.
 *
 * @param methods - what a class of the user has to have, which JavaScript does not ask for
 */
export function instanceOf(
  name: string,
  type: () => NewableFunction,
  advice: string,
  methods: readonly string[] = ['bind'],
): Kind {
  const instance = kind(article(name), advice, value => value instanceof type());
  return (value, path) => {
    if (value instanceof type()) {
      return methods
        .filter(method => !hasMember(value, `${method}()`))
        .map(
          method =>
            `\`${path}\` is ${described(value)} without \`${method}\`; ${article(name)} that has it is allowed: write the method`,
        );
    }
    return isOfClassNamed(value, name)
      ? [
          `\`${path}\` is ${article(name)} of another copy of cdk-stateful-mcp; one of this copy is allowed: install the package once ("npm ls cdk-stateful-mcp" says where it is)`,
        ]
      : instance(value, path);
  };
}

/**
 * An object of the CDK, of whichever copy of it, by what it can do.
 *
 * @param members - its properties, and its methods with `()`
 */
export function like(name: string, members: readonly string[], advice: string): Kind {
  return kind(article(name), advice, value => members.every(member => hasMember(value, member)));
}

export function hasMember(value: unknown, member: string): boolean {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') {
    return false;
  }
  const [, method] = /^(.*)\(\)$/.exec(member) ?? [];
  return method === undefined ? member in value : typeof (value as Record<string, unknown>)[method] === 'function';
}

/** A value of an enum of this package. */
export function enumValue(name: string, values: Readonly<Record<string, string>>, advice: string): Kind {
  return kind(article(name), advice, value => Object.values<unknown>(values).includes(value));
}

function isOfClassNamed(value: unknown, name: string): boolean {
  for (let type: unknown = value; typeof type === 'object' && type !== null; type = Object.getPrototypeOf(type)) {
    if (Object.hasOwn(type, 'constructor') && (type.constructor as { name?: unknown }).name === name) {
      return true;
    }
  }
  return false;
}

export function article(name: string): string {
  return `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name}`;
}

/** The class by its name: an app may run in several realms, as tests of jest do. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    ('constructor' in value ? typeof value.constructor === 'function' && value.constructor.name === 'Object' : true)
  );
}

/** The longest text that is shown as it is. */
const SHOWN_LENGTH = 100;

export function described(value: unknown): string {
  if (typeof value === 'string') {
    return value.length > SHOWN_LENGTH ? `a string of ${value.length} characters` : JSON.stringify(value);
  }
  if (Array.isArray(value)) {
    return 'a list';
  }
  if (typeof value === 'function') {
    return value.name === '' ? 'a function' : `the class or function ${value.name}`;
  }
  if (typeof value !== 'object' || value === null) {
    return String(value);
  }
  const { constructor: type } = value as { constructor?: unknown };
  return typeof type === 'function' && type.name !== 'Object' && type.name !== '' ? article(type.name) : 'an object';
}
