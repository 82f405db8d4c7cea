/** A package and its `engines.node`. */
export interface NodeEngine {
  readonly packageName: string;
  readonly range: string;
}

type Version = readonly [major: number, minor: number, patch: number];

/** The versions from the first on, before the second. */
type Interval = readonly [from: Version, before: Version];

const ALL: Interval = [
  [0, 0, 0],
  [Infinity, 0, 0],
];
const COMPARATOR = /^(>=|<=|>|<|=|\^|~>?)?v?(\d+|[xX*])(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?(?:[-+][\w.+-]*)?$/;

/** The packages that are not made for any version of Node.js with this major number. */
export function engineProblems(engines: readonly NodeEngine[], nodeVersion: number, advice: string): string[] {
  return engines
    .filter(({ range }) => !admits(range, nodeVersion))
    .map(
      ({ packageName, range }) =>
        `\`engines.node\` of ${packageName} is ${JSON.stringify(range)}; the server runs on Node.js ${nodeVersion}: ${advice}`,
    );
}

/**
 * Whether a range of npm has a version with this major number in it. What cannot be read counts as a yes, for npm
 * ignores it, too.
 *
 * @see https://github.com/npm/node-semver#range-grammar
 */
export function admits(range: string, major: number): boolean {
  return range.split('||').some(alternative => {
    const intervals = intervalsOf(alternative.trim());
    if (intervals === undefined) {
      return true;
    }
    const [from, before] = [
      ...intervals,
      [
        [major, 0, 0],
        [major + 1, 0, 0],
      ] as Interval,
    ].reduce(intersection, ALL);
    return compare(from, before) < 0;
  });
}

function intervalsOf(alternative: string): Interval[] | undefined {
  const [, low, high] = /^(\S+)\s+-\s+(\S+)$/.exec(alternative) ?? [];
  const comparators =
    low === undefined || high === undefined
      ? alternative
          .replaceAll(/(>=|<=|>|<|=|\^|~>?)\s+/g, '$1')
          .split(/\s+/)
          .filter(text => text !== '')
      : [`>=${low}`, `<=${high}`];
  const intervals = comparators.map(intervalOf);
  return intervals.every(interval => interval !== undefined) ? intervals : undefined;
}

function intervalOf(comparator: string): Interval | undefined {
  const match = COMPARATOR.exec(comparator);
  if (match === null) {
    return undefined;
  }
  const [, operator = '=', ...parts] = match;
  const firstOpen = parts.findIndex(part => part === undefined || /[xX*]/.test(part));
  const numbers = parts.slice(0, firstOpen === -1 ? 3 : firstOpen).map(Number);
  if (numbers.length === 0) {
    return operator === '<' || operator === '>'
      ? [
          [0, 0, 0],
          [0, 0, 0],
        ]
      : ALL;
  }
  const [major = 0, minor = 0, patch = 0] = numbers;
  const first: Version = [major, minor, patch];
  // All versions that begin with the numbers that were given lie before this one.
  const next = following(first, numbers.length);
  switch (operator) {
    case '>=':
      return [first, ALL[1]];
    case '>':
      return [next, ALL[1]];
    case '<':
      return [ALL[0], first];
    case '<=':
      return [ALL[0], next];
    case '^':
      return [first, following(first, Math.min(numbers.length, major > 0 ? 1 : minor > 0 ? 2 : 3))];
    case '=':
      return [first, next];
    default:
      return [first, following(first, Math.min(numbers.length, 2))];
  }
}

/** The next version that differs in one of the leading numbers. */
function following([major, minor, patch]: Version, leading: number): Version {
  return leading === 1 ? [major + 1, 0, 0] : leading === 2 ? [major, minor + 1, 0] : [major, minor, patch + 1];
}

function intersection(left: Interval, right: Interval): Interval {
  return [compare(left[0], right[0]) > 0 ? left[0] : right[0], compare(left[1], right[1]) < 0 ? left[1] : right[1]];
}

function compare(left: Version, right: Version): number {
  return left[0] - right[0] || left[1] - right[1] || left[2] - right[2];
}
