import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { parsePylock, type LockedPackage, type Pylock } from './pylock';
import { runUv } from './uv';

const EXPORT = ['export', '--locked', '--no-dev', '--no-editable', '--no-header', '--quiet', '--format', 'pylock.toml'];
const COMPILE = ['pip', 'compile', '--no-header', '--no-annotate', '--quiet', '--format', 'pylock.toml'];

/** Says how a command went wrong, for the author of the app. */
export type Explain = (said: string) => string;

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

/**
 * The newest versions that fit each other, of everything that a file of requirements asks for. Those without a wheel
 * for the platform are among them, so that nothing is replaced by an older version without a word.
 *
 * @param platform - options of uv for the platform and the version of Python
 */
export function resolveRequirements(
  scope: Construct,
  directory: string,
  source: string,
  folder: string,
  platform: readonly string[],
  explain: Explain,
): Pylock {
  const resolve = (...options: readonly string[]): Pylock => {
    const file = path.join(folder, options.length === 0 ? 'pylock.toml' : 'pylock.direct.toml');
    runUv(scope, [...COMPILE, ...platform, ...options, '--output-file', file, source], directory, explain);
    return parsePylock(readFileSync(file, 'utf8'), folder);
  };
  const resolved = resolve();
  warnOfOlder(scope, source, resolve('--no-deps').packages, resolved.packages);
  return resolved;
}

function warnOfOlder(
  scope: Construct,
  source: string,
  newest: readonly LockedPackage[],
  resolved: readonly LockedPackage[],
): void {
  const taken = new Map(resolved.map(({ name, version }) => [name, version]));
  const older = newest.filter(({ name, version }) => taken.has(name) && taken.get(name) !== version);
  if (older.length > 0) {
    const list = older.map(({ name, version }) => `${name} ${taken.get(name)} instead of ${version}`).join(', ');
    Annotations.of(scope).addWarningV2(
      'cdk-stateful-mcp:olderPythonPackages',
      `${source} admits newer versions than those that are bundled: ${list}; what the newer ones need does not fit the rest, the version of Python or Linux on arm64: ` +
        'name the versions that you want, or lock them by "uv lock"',
    );
  }
}
