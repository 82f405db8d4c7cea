import { specTypeSchemas } from '@modelcontextprotocol/client';

/** A type of the MCP specification that the SDK can validate. */
export type SpecType = keyof typeof specTypeSchemas;

/** What a validator finds wrong; those of a union have the complaints of each of its members. */
interface Issue {
  readonly message: string;
  readonly path?: readonly unknown[];
  readonly errors?: readonly (readonly Issue[])[];
}

/** A value without the nulls that its type does not allow, and what is wrong with it apart from those. */
export interface Validated {
  readonly value: unknown;
  readonly problem?: string;
}

/** Serializers of Java, .NET and Go write one null for each member, at most: a few rounds find all of them. */
const MOST_ROUNDS = 8;

/**
 * Validates a value that a server sent. `null` is absent for every optional member: it is removed where the type does
 * not allow it, and stays where it does (`data` of a log message, `structuredContent`).
 */
export function validated(type: SpecType, value: unknown): Validated {
  let current = value;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const issues = issuesOf(type, current);
    if (issues.length === 0) {
      return { value: current };
    }
    const refused = nullsAmong(issues, current);
    if (refused.length === 0) {
      return { value: current, problem: issuesText(issues) };
    }
    current = structuredClone(current);
    for (const path of refused) {
      removeAt(current, path);
    }
  }
  return { value: current, problem: 'it has too many members that are null' };
}

function issuesOf(type: SpecType, value: unknown): readonly Issue[] {
  const outcome = specTypeSchemas[type]['~standard'].validate(value);
  return outcome instanceof Promise ? [] : (outcome.issues ?? []);
}

type Path = readonly (string | number)[];

function nullsAmong(issues: readonly Issue[], value: unknown, base: Path = []): Path[] {
  return issues.flatMap(issue => {
    const path: Path = [...base, ...((issue.path ?? []) as Path)];
    return [
      ...(path.length > 0 && valueAt(value, path) === null ? [path] : []),
      ...(issue.errors ?? []).flatMap(branch => nullsAmong(branch, value, path)),
    ];
  });
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (current, key) => (typeof current === 'object' && current !== null ? Reflect.get(current, key) : undefined),
    value,
  );
}

function removeAt(value: unknown, path: Path): void {
  const parent = valueAt(value, path.slice(0, -1));
  if (typeof parent === 'object' && parent !== null && !Array.isArray(parent)) {
    Reflect.deleteProperty(parent, path.at(-1) ?? '');
  }
}

const MOST_ISSUES = 3;

/** What a validator finds wrong, on one line: the member, and what it lacks. */
export function issuesText(issues: readonly Issue[]): string {
  const texts = issues.slice(0, MOST_ISSUES).map(({ path = [], message }) => {
    const lack = message.replace(/^Invalid input: /, '').replace(/\s+/g, ' ');
    return path.length === 0 ? lack : `\`${path.join('.')}\`: ${lack}`;
  });
  const more = issues.length - texts.length;
  return texts.join('; ') + (more > 0 ? `; and ${more} more` : '');
}

/**
 * Puts what validators print as a list of issues, over hundreds of lines, on one line. SDKs, the client's own and those
 * of servers, append such a list to the message of an error.
 */
export function withoutDump(message: string): string {
  const start = /\[\s*\{/.exec(message)?.index;
  const end = message.lastIndexOf(']');
  if (start === undefined || end < start) {
    return message;
  }
  try {
    const issues = JSON.parse(message.slice(start, end + 1)) as readonly Partial<Issue>[];
    if (issues.every((issue): issue is Issue => typeof issue.message === 'string' && Array.isArray(issue.path))) {
      return message.slice(0, start) + issuesText(issues) + message.slice(end + 1);
    }
  } catch {
    // It only looks like a list of issues.
  }
  return message;
}
