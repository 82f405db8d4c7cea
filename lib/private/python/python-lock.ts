import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { temporaryFolder } from '../common/temporary-folder';
import { parsePylock, type LockedPackage, type Pylock } from './pylock';
import type { Explain } from './python-installation';
import { defaultGroups } from './python-projects';
import { resolveOnce, type ResolutionInputs } from './resolution-cache';
import { runUv } from './uv';
import { tellProgress } from '../common/progress';

const EXPORT = ['export', '--locked', '--no-dev', '--no-editable', '--no-header', '--quiet', '--format', 'pylock.toml'];
const COMPILE = ['pip', 'compile', '--no-header', '--no-annotate', '--quiet', '--format', 'pylock.toml'];

const PROJECT = 'pyproject.toml';

/** A project without a lock of its own, or of a workspace that it is in. */
class WithoutLock extends Error {}

/** The `uv.lock` in a folder, or in the nearest one above that has one. */
export function nearestLock(directory: string): string | undefined {
  const lock = path.join(directory, 'uv.lock');
  const above = path.dirname(directory);
  return existsSync(lock) ? lock : above === directory ? undefined : nearestLock(above);
}

/**
 * What `uv.lock` names for a project: its own lock, or that of the workspace that it is a member of. Undefined where uv
 * says that it is a member of none.
 */
export function exportLock(scope: Construct, directory: string, folder: string, explain: Explain): Pylock | undefined {
  const file = path.join(folder, 'pylock.toml');
  try {
    runUv(scope, [...EXPORT, '--output-file', file], directory, said => {
      if (/Unable to find lockfile/.test(said)) {
        throw new WithoutLock();
      }
      return explain(said);
    });
  } catch (error) {
    if (error instanceof WithoutLock) {
      return undefined;
    }
    throw error;
  }
  return parsePylock(readFileSync(file, 'utf8'), folder);
}

interface Resolution {
  /** A `pylock.toml` in `folder`. */
  readonly text: string;
  readonly folder: string;

  /** What was taken in an older version than the file admits. */
  readonly older: readonly string[];
}

export interface RequirementsFile extends ResolutionInputs {
  /** Whether it is a file of the user, who is told what of it is not taken. */
  readonly isOfUser: boolean;
  readonly explain: Explain;
}

/**
 * The newest versions that fit each other, of everything that a file of requirements asks for. Those without a wheel
 * for the platform among them, so that nothing is replaced by an older version without a word. They stay for a day.
 */
export function resolveRequirements(scope: Construct, requirements: RequirementsFile): Pylock {
  const { directory, file, platform, isOfUser, explain } = requirements;
  const resolve = (): Resolution => {
    tellProgress(scope, `Python packages for linux/arm64: ${path.basename(file)} is resolved`);
    const folder = temporaryFolder();
    const source = path.dirname(file) === directory ? path.basename(file) : file;
    const groups = source === PROJECT ? defaultGroups(directory).flatMap(name => ['--group', name]) : [];
    const compiled = (...options: readonly string[]): string => {
      const output = path.join(folder, options.length === 0 ? 'pylock.toml' : 'pylock.direct.toml');
      runUv(
        scope,
        [...COMPILE, ...platform, ...groups, ...options, '--output-file', output, source],
        directory,
        explain,
      );
      return readFileSync(output, 'utf8');
    };
    const text = compiled();
    const [newest, taken] = [compiled('--no-deps'), text].map(lock => parsePylock(lock, folder).packages);
    return { text, folder, older: olderThan(newest ?? [], taken ?? []) };
  };
  const lockOf = ({ text, folder }: Resolution): Pylock => parsePylock(text, folder);
  const resolution = resolveOnce(requirements, resolve, found => lockOf(found).projects.map(({ folder }) => folder));
  if (isOfUser) {
    warnOfOlder(scope, path.basename(file), resolution.older);
  }
  return lockOf(resolution);
}

function olderThan(newest: readonly LockedPackage[], resolved: readonly LockedPackage[]): string[] {
  const taken = new Map(resolved.map(({ name, version }) => [name, version]));
  return newest
    .filter(({ name, version }) => taken.has(name) && taken.get(name) !== version)
    .map(({ name, version }) => `${name} ${taken.get(name)} instead of ${version}`);
}

function warnOfOlder(scope: Construct, source: string, older: readonly string[]): void {
  if (older.length > 0) {
    Annotations.of(scope).addWarningV2(
      'cdk-stateful-mcp:olderPythonPackages',
      `${source} admits newer versions than those that are bundled: ${older.join(', ')}; what the newer ones need does not fit the rest, the version of Python or Linux on arm64: ` +
        'name the versions that you want, or lock them by "uv lock"',
    );
  }
}
