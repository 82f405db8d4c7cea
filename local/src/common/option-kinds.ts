import { LocalRuntimeError, nameOfKind, shown } from './errors';

/** What is wrong with a value, for whoever gave it. */
interface Misfit {
  /** Path of the option, such as `credentials[0].secretAccessKey`. */
  readonly option: string;
  readonly allowed: string;
  readonly got: string;
}

/** A kind of value: says what is wrong with one that is not of it. Options that are left out are not looked at. */
export type OptionKind = (option: string, value: unknown) => Misfit | undefined;

/** The kind of each member of an object. */
export type OptionShape<Options> = Readonly<Record<keyof Required<Options>, OptionKind>>;

/** @throws LocalRuntimeError `ERR_INVALID_OPTION`, for the first value that is not of its kind */
export function checkKind(option: string, value: unknown, kind: OptionKind, runtimeName?: string): void {
  const misfit = kind(option, value);
  if (misfit) {
    const where = runtimeName === undefined ? '' : `runtime \`${runtimeName}\`: `;
    throw new LocalRuntimeError(
      'ERR_INVALID_OPTION',
      `${where}\`${misfit.option}\` must be ${misfit.allowed}, got ${misfit.got}`,
    );
  }
}

export const TEXT = plain('a text', value => typeof value === 'string');
export const NUMBER = plain('a number', value => typeof value === 'number');
export const BOOLEAN = plain('true or false', value => typeof value === 'boolean');
export const FUNCTION = plain('a function', value => typeof value === 'function');

/** A text that is never shown. */
export const SECRET: OptionKind = (option, value) =>
  typeof value === 'string' ? undefined : { option, allowed: 'a text', got: nameOfKind(value) };

/** An object whose members are checked where they are used. */
export const ANY_OBJECT = plain('an object', isObject);

/** One that has to be there. */
export function required(kind: OptionKind): OptionKind {
  return Object.assign((option: string, value: unknown) => kind(option, value), { required: true });
}

export function choice(...values: readonly string[]): OptionKind {
  return plain(values.map(value => `'${value}'`).join(' or '), value => values.includes(value as string));
}

/** One value, or what is of another kind. */
export function valueOr(value: string, kind: OptionKind): OptionKind {
  return (option, given) => {
    const misfit = given === value ? undefined : kind(option, given);
    return misfit?.option === option ? { ...misfit, allowed: `'${value}' or ${misfit.allowed}` } : misfit;
  };
}

/** @param allowed - what the list is, such as `a list of headers` */
export function listOf(kind: OptionKind, allowed: string): OptionKind {
  return (option, value) =>
    Array.isArray(value)
      ? value.map((item, index) => kind(`${option}[${index}]`, item)).find(misfit => misfit !== undefined)
      : { option, allowed, got: shown(value) };
}

/** An object of any names whose values are of one kind. */
export function mapOf(kind: OptionKind, allowed: string): OptionKind {
  return (option, value) =>
    isObject(value)
      ? Object.entries(value)
          .map(([name, member]) => kind(`${option}.${name}`, member))
          .find(misfit => misfit !== undefined)
      : { option, allowed, got: nameOfKind(value) };
}

/** The options of a call: their members are named without what they are given in. */
export function optionsOf<Options>(shape: OptionShape<Options>): OptionKind {
  const kind = objectOf(shape, 'an object');
  return (option, value) => (isObject(value) ? kind('', value) : kind(option, value));
}

/** An object of these members and no others. */
export function objectOf<Options>(shape: OptionShape<Options>, allowed: string): OptionKind {
  const kinds: Readonly<Record<string, OptionKind>> = shape;
  return (option, value) => {
    if (!isObject(value)) {
      return { option, allowed, got: shown(value) };
    }
    const unknown = Object.keys(value).find(name => value[name] !== undefined && !Object.hasOwn(kinds, name));
    if (unknown !== undefined) {
      const known = Object.keys(kinds)
        .map(name => `\`${name}\``)
        .join(', ');
      return {
        option: member(option, unknown),
        allowed: `left out, as none of ${known}`,
        got: nameOfKind(value[unknown]),
      };
    }
    return membersOf(kinds, option, value);
  };
}

/** An object, or an instance of a class, with at least these members. */
export function instanceOf<Options>(shape: OptionShape<Options>, allowed: string): OptionKind {
  return (option, value) =>
    isObject(value) ? membersOf(shape, option, value) : { option, allowed, got: shown(value) };
}

function membersOf(
  kinds: Readonly<Record<string, OptionKind>>,
  option: string,
  value: Readonly<Record<string, unknown>>,
): Misfit | undefined {
  return Object.entries(kinds)
    .map(([name, kind]) =>
      value[name] === undefined && !('required' in kind) ? undefined : kind(member(option, name), value[name]),
    )
    .find(misfit => misfit !== undefined);
}

/** Options of a call are named without what they are given in. */
function member(option: string, name: string): string {
  return option === '' ? name : `${option}.${name}`;
}

function plain(allowed: string, accepts: (value: unknown) => boolean): OptionKind {
  return (option, value) => (accepts(value) ? undefined : { option, allowed, got: shown(value) });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
