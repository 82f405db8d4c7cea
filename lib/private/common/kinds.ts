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
  return Object.entries<Kind>(kinds).flatMap(([name, kind]) => kind(values[name as keyof T], prefix + name));
}

/** @param advice - what to do, after a colon */
export function kind(allowed: string, advice: string, accepts: (value: unknown) => boolean): Kind {
  return (value, name) =>
    accepts(value) ? [] : [`\`${name}\` is ${described(value)}; ${allowed} is allowed: ${advice}`];
}

export function optional(other: Kind): Kind {
  return (value, name) => (value === undefined ? [] : other(value, name));
}

export const text = kind('a string', 'give one', value => typeof value === 'string');
export const flag = kind('true or false', 'give one of them', value => typeof value === 'boolean');
export const number = kind('a number', 'give one', value => typeof value === 'number' && !Number.isNaN(value));
export const wholeNumber = kind('a whole number', 'give one', value => Number.isInteger(value));

export function listOf(element: Kind, elements = 'strings'): Kind {
  const list = kind(`a list of ${elements}`, 'put it into one', Array.isArray);
  return (value, name) =>
    Array.isArray(value) ? value.flatMap((member, index) => element(member, `${name}[${index}]`)) : list(value, name);
}

export function mapOf(element: Kind, elements = 'strings'): Kind {
  const map = kind(`an object with ${elements} as values`, 'give one', isPlainObject);
  return (value, name) =>
    isPlainObject(value)
      ? Object.entries(value).flatMap(([key, member]) => element(member, `${name}.${key}`))
      : map(value, name);
}

export const texts = listOf(text);
export const textMap = mapOf(kind('a string', 'give it a value, or leave it out', value => typeof value === 'string'));

export interface OptionsNames {
  /** What the members belong to, where their names alone do not say it. */
  readonly prefix?: string;

  /** Whether others may be there, too: those of a class of the user. */
  readonly open?: boolean;
}

/** An object with these members: a plain one, or one of a class that has some of them. */
export function options<T extends object>(kinds: Kinds<T>, { prefix = '', open = false }: OptionsNames = {}): Kind {
  const isOne = (value: unknown): value is T =>
    isPlainObject(value) ||
    (typeof value === 'object' && value !== null && Object.keys(kinds).some(member => member in value));
  const object = kind('an object', 'give the options by their names', isOne);
  return (value, name) =>
    isOne(value)
      ? [
          ...kindProblems(value, kinds, prefix),
          ...(isPlainObject(value) ? unknownNameProblems(value, Object.keys(kinds), { prefix, allOthers: !open }) : []),
        ]
      : object(value, name);
}

/** An object of a class of this package. The class is told when it is needed: classes know each other in circles. */
export function instanceOf(
  name: string,
  type: () => abstract new (...parameters: never[]) => object,
  advice: string,
): Kind {
  return kind(article(name), advice, value => value instanceof type());
}

/** An object of the CDK, of whichever copy of it, by what it can do. */
export function like(name: string, members: readonly string[], advice: string): Kind {
  return kind(
    article(name),
    advice,
    value =>
      ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
      members.every(member => member in value),
  );
}

function article(name: string): string {
  return `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name}`;
}

/** The class by its name: an app may run in several realms, as tests of jest do. */
function isPlainObject(value: unknown): value is Record<string, unknown> {
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
