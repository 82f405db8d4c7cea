import { problemWithAnswers } from './scripted-answers';

/** What is wrong with a value, by its path; `undefined` when nothing is. */
type Rule = (value: unknown, path: string) => string | undefined;

export const MAX_TIMEOUT_MS = 2_147_483_647;
const MOST_PARALLEL = 10;
const MOST_CONVERSATIONS = 100;
const CHANGE = /^(tool|prompt|resource):./;

/**
 * What is wrong with the definition of a check that was read from JSON: where, what was got, and what is allowed;
 * `undefined` when nothing is.
 */
export function problemWithCheck(value: unknown): string | undefined {
  return DEFINITION(value, '');
}

const refused = (path: string, value: unknown, allowed: string): string =>
  `${path === '' ? 'the check' : `\`${path}\``} is ${shown(value)}: ${path === '' ? 'write' : 'pass'} ${allowed}`;

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

const text: Rule = (value, path) =>
  typeof value === 'string' && value !== '' ? undefined : refused(path, value, 'a text that is not empty');

const flag: Rule = (value, path) => (typeof value === 'boolean' ? undefined : refused(path, value, 'true or false'));

const integer =
  (least: number, most: number): Rule =>
  (value, path) =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most
      ? undefined
      : refused(path, value, `a whole number from ${least} to ${most}`);

const milliseconds: Rule = (value, path) =>
  typeof value === 'number' && value > 0 && value <= MAX_TIMEOUT_MS
    ? undefined
    : refused(path, value, `a number of milliseconds above 0, at most ${MAX_TIMEOUT_MS}`);

const members: Rule = (value, path) => (isObject(value) ? undefined : refused(path, value, 'a JSON object'));

const expression: Rule = (value, path) => {
  const problem = text(value, path);
  if (problem !== undefined) {
    return problem;
  }
  try {
    new RegExp(value as string, 'u');
    return undefined;
  } catch (error) {
    return refused(path, value, `a regular expression without slashes (${(error as Error).message})`);
  }
};

/** What is wrong with the name of a change that is allowed. */
export const problemWithChange: Rule = (value, path) =>
  typeof value === 'string' && CHANGE.test(value)
    ? undefined
    : refused(path, value, '`tool:NAME`, `prompt:NAME` or `resource:URI`');

const era: Rule = (value, path) =>
  value === 'legacy' || value === 'modern' ? undefined : refused(path, value, '"legacy" or "modern"');

const sample: Rule = (value, path) =>
  (typeof value === 'string' && value !== '') || isObject(value)
    ? undefined
    : refused(path, value, 'a text, or a result of `sampling/createMessage`');

const answers: Rule = (value, path) => {
  if (!Array.isArray(value)) {
    return refused(path, value, 'a list of answers');
  }
  const problem = problemWithAnswers(value);
  return problem === undefined ? undefined : `\`${path}\`: ${problem}`;
};

const listOf =
  (rule: Rule, { least = 0, most = Infinity, unique = false } = {}): Rule =>
  (value, path) => {
    if (!Array.isArray(value) || value.length < least || value.length > most) {
      const bounds = most === Infinity ? (least > 0 ? `at least ${least}` : '') : `${least} to ${most}`;
      return refused(path, value, `a list${bounds === '' ? '' : ` of ${bounds}`}`);
    }
    for (const [index, item] of value.entries()) {
      const problem = rule(item, `${path}[${index}]`);
      if (problem !== undefined) {
        return problem;
      }
      if (unique && value.indexOf(item) < index) {
        return refused(`${path}[${index}]`, item, 'each name once');
      }
    }
    return undefined;
  };

const objectOf =
  (rules: Readonly<Record<string, Rule>>, required: readonly string[] = []): Rule =>
  (value, path) => {
    if (!isObject(value)) {
      return refused(path, value, 'a JSON object');
    }
    const within = (name: string): string => (path === '' ? name : `${path}.${name}`);
    for (const [name, member] of Object.entries(value)) {
      const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
      if (rule === undefined) {
        const allowed = Object.keys(rules)
          .map(one => `\`${one}\``)
          .join(', ');
        return `\`${within(name)}\` is no member of ${path === '' ? 'a check' : `\`${path}\``}: there are ${allowed}`;
      }
      const problem = member === undefined ? undefined : rule(member, within(name));
      if (problem !== undefined) {
        return problem;
      }
    }
    const lacking = required.find(name => value[name] === undefined);
    return lacking === undefined ? undefined : `\`${within(lacking)}\` is missing: it is required`;
  };

const PROGRESS: Rule = (value, path) => {
  const rule = objectOf({ atLeast: integer(0, 1_000_000), atMost: integer(0, 1_000_000) });
  const { atLeast = 0, atMost = Infinity } = (value ?? {}) as { atLeast?: number; atMost?: number };
  return (
    rule(value, path) ??
    (atLeast > atMost
      ? refused(`${path}.atMost`, atMost, `a number that is not below \`atLeast\`, ${atLeast}`)
      : undefined)
  );
};

const CONVERSATION = objectOf(
  {
    name: text,
    tool: text,
    arguments: members,
    elicitation: answers,
    sampling: listOf(sample),
    progress: PROGRESS,
    result: objectOf({ isError: flag, text, matches: expression, structuredContent: members }),
    timeoutMs: milliseconds,
  },
  ['tool'],
);

const DEFINITION = objectOf({
  eras: listOf(era, { least: 1, most: 2, unique: true }),
  sessions: flag,
  tools: listOf(text, { unique: true }),
  prompts: listOf(text, { unique: true }),
  resources: listOf(text, { unique: true }),
  conversations: listOf(CONVERSATION, { most: MOST_CONVERSATIONS }),
  latency: objectOf({ firstCallMs: milliseconds, warmCallMs: milliseconds }),
  parallelFirstCalls: integer(1, MOST_PARALLEL),
  allowedChanges: listOf(problemWithChange, { unique: true }),
});

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
