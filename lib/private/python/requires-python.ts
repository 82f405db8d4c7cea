import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const CLAUSE = /^(~=|===?|!=|<=|>=|<|>)\s*(\d+(?:\.\d+)*)(\.\*)?/;

/** More than any version of Python has had, and what it has next is not known here. */
const PATCHES = Array.from({ length: 100 }, (_, patch) => patch);

/**
 * Whether a project may run on a version of Python such as `3.13`, in some release of it.
 *
 * @param specifiers - `>=3.11,<3.14`; a clause that is none of the specification admits everything
 * @see https://packaging.python.org/en/latest/specifications/version-specifiers/
 */
export function admitsPython(specifiers: string, version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const clauses = specifiers.split(',').map(clause => CLAUSE.exec(clause.trim()));
  return PATCHES.some(patch =>
    clauses.every(clause => {
      const [, operator = '', release = '', star] = clause ?? [];
      return (
        clause === null || matches([major, minor, patch], operator, release.split('.').map(Number), star !== undefined)
      );
    }),
  );
}

function matches(version: readonly number[], operator: string, release: readonly number[], star: boolean): boolean {
  const order = compare(star ? version.slice(0, release.length) : version, release);
  switch (operator) {
    case '~=':
      return order >= 0 && compare(version.slice(0, release.length - 1), release.slice(0, -1)) === 0;
    case '!=':
      return order !== 0;
    case '<=':
      return order <= 0;
    case '>=':
      return order >= 0;
    case '<':
      return order < 0;
    case '>':
      return order > 0;
    default:
      return order === 0;
  }
}

function compare(left: readonly number[], right: readonly number[]): number {
  const places = Array.from({ length: Math.max(left.length, right.length) }, (_, place) => place);
  return places.map(place => (left[place] ?? 0) - (right[place] ?? 0)).find(difference => difference !== 0) ?? 0;
}

/**
 * The first `requires-python` in a file: of `uv.lock` it is that of the workspace, of `pyproject.toml` its own, of
 * `METADATA` what a build backend has made of its settings.
 */
function requiresPythonIn(file: string): string | undefined {
  const [, written, built] =
    /^(?:requires-python\s*=\s*["']([^"']+)["']|Requires-Python: ([^\r\n]+))/m.exec(
      existsSync(file) ? readFileSync(file, 'utf8') : '',
    ) ?? [];
  return written ?? built;
}

/** A file that says on which versions of Python something runs. */
export interface RequiresPython {
  readonly file: string;

  /** The project that it was built of. */
  readonly project?: string;
}

/** What a project would lack, or never was tried with, on a version of Python. */
export function requiresPythonProblems(
  sources: readonly RequiresPython[],
  version: string,
  versions: readonly string[],
): string[] {
  const problems = sources.flatMap(({ file, project }) => {
    const specifiers = requiresPythonIn(file);
    if (specifiers === undefined || admitsPython(specifiers, version)) {
      return [];
    }
    const admitted = versions.filter(other => admitsPython(specifiers, other));
    const names = admitted.map(other => `\`AgentCoreRuntime.PYTHON_${other.replace('.', '_')}\``).join(' or ');
    return [
      `the server runs on Python ${version}, and \`requires-python\` in ${path.resolve(project ?? file)} is ${JSON.stringify(specifiers)}: ` +
        (admitted.length === 0 ? 'widen it' : `choose ${names}, or widen it`),
    ];
  });
  return [...new Set(problems)];
}
