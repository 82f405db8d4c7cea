import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

/** What indexes say of packages may have to be downloaded. */
const RESOLUTION_LIMIT_MS = 300_000;

const REQUIREMENTS = 'requirements.txt';
const PROJECT = 'pyproject.toml';

/** What a file says where packages are from, or which other files say it. */
const ORIGINS =
  /index-url|find-links|^[ \t]*(?:-[ifrc]|--requirement|--constraint)\b|\[tool\.uv\.(?:sources|index)|@ *["']?(?:https?|file|git\+)/m;

const INDEX = /^[ \t]*(?:-i|--index-url|--extra-index-url)[= \t][ \t]*(\S+)/gm;
const INCLUDED = /^[ \t]*(?:-r|-c|--requirement|--constraint)[= \t][ \t]*(\S+)/gm;

/** https://pip.pypa.io/en/stable/reference/requirements-file-format/#using-environment-variables */
const VARIABLE = /\$\{([A-Z0-9_]+)\}/g;

/**
 * The indexes that the files of requirements name, with the names and passwords in their URLs, as variables for uv: a
 * lock has neither.
 */
export function indexVariables(project: string): NodeJS.ProcessEnv {
  const indexes = indexesIn(path.join(project, REQUIREMENTS), new Set());
  const { UV_INDEX } = process.env;
  return indexes.length === 0
    ? {}
    : { UV_INDEX: [...(UV_INDEX === undefined ? [] : [UV_INDEX]), ...indexes].join(' ') };
}

function indexesIn(file: string, read: Set<string>): string[] {
  if (read.has(file) || !existsSync(file)) {
    return [];
  }
  read.add(file);
  const text = readFileSync(file, 'utf8');
  const named = (option: RegExp): string[] => [...text.matchAll(option)].map(([, value = '']) => value);
  return [
    ...named(INDEX).map(url => url.replace(VARIABLE, (whole, name: string) => process.env[name] ?? whole)),
    ...named(INCLUDED).flatMap(included => indexesIn(path.resolve(path.dirname(file), included), read)),
  ];
}

/**
 * Where a project has these packages from: tables of a `pylock.toml`, by their names and versions as {@link pinned}
 * writes them. Empty where it names no origin: whoever owns a name in an index need not own it in another.
 *
 * @param bundled - all packages of the bundle, whose versions are those of its synthesis
 * @param folder - for the lock, where the paths in it begin
 * @see https://packaging.python.org/en/latest/specifications/pylock-toml/
 */
export async function originsOf(
  project: string,
  { python, bundled, folder }: { python: string; bundled: readonly string[]; folder: string },
): Promise<ReadonlyMap<string, string>> {
  const above = foldersAbove(project);
  const named = [path.join(project, REQUIREMENTS), ...above.map(parent => path.join(parent, PROJECT))].filter(
    existsSync,
  );
  if (!named.some(file => ORIGINS.test(readFileSync(file, 'utf8')))) {
    return new Map();
  }
  const lock = path.join(folder, 'pylock.toml');
  const run = (args: readonly string[]): Promise<unknown> =>
    promisify(execFile)('uv', [...args, '--quiet', '--format', 'pylock.toml', '--output-file', lock], {
      cwd: project,
      env: uvEnvironment(),
      timeout: RESOLUTION_LIMIT_MS,
    });
  const has = (name: string): boolean => existsSync(path.join(project, name));
  const isLocked = has(PROJECT) && above.some(parent => existsSync(path.join(parent, 'uv.lock')));
  if (isLocked) {
    await run(['export', '--locked', '--no-dev', '--no-emit-local', '--python', python]);
  } else {
    const versions = path.join(folder, 'versions.txt');
    writeFileSync(versions, bundled.join('\n'));
    const source = has(REQUIREMENTS) ? REQUIREMENTS : PROJECT;
    await run(['pip', 'compile', '--python', python, '--constraints', versions, source]);
  }
  const [, ...tables] = readFileSync(lock, 'utf8').split(/^(?=\[\[packages\]\])/m);
  return new Map(tables.map(table => [pinned(valueOf('name', table), valueOf('version', table)), table]));
}

/** A requirement of one version of a package, by its name in whatever spelling. */
export function pinned(name: string, version: string): string {
  return `${name.toLowerCase().replaceAll(/[-_.]+/g, '-')}==${version}`;
}

function valueOf(key: string, table: string): string {
  return new RegExp(`^${key} = "([^"]*)"$`, 'm').exec(table)?.[1] ?? '';
}

function foldersAbove(folder: string): string[] {
  const above = path.dirname(folder);
  return [folder, ...(above === folder ? [] : foldersAbove(above))];
}

/** The environment of uv for one project: not that of another, and without colors in what it says. */
export function uvEnvironment(indexes: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return {
    ...process.env,
    UV_PROJECT: undefined,
    UV_WORKING_DIRECTORY: undefined,
    FORCE_COLOR: undefined,
    CLICOLOR_FORCE: undefined,
    ...indexes,
  };
}
