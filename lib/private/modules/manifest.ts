import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { InputProblem } from '../common/input-problem';
import { readJson } from '../program/json-files';

type Versions = Readonly<Record<string, string>>;

/** What is read of a package.json. */
export interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly type?: unknown;
  readonly main?: unknown;
  readonly exports?: unknown;
  readonly bin?: unknown;
  readonly directories?: { readonly bin?: unknown };
  readonly engines?: { readonly node?: unknown };
  readonly scripts?: Versions;
  readonly dependencies?: Versions;
  readonly optionalDependencies?: Versions;
  readonly peerDependencies?: Versions;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean } | undefined>>;
  readonly bundleDependencies?: unknown;
  readonly bundledDependencies?: unknown;
  readonly patchedDependencies?: Versions;
  readonly pnpm?: { readonly patchedDependencies?: Versions };
  readonly os?: unknown;
  readonly cpu?: unknown;
  readonly libc?: unknown;
  readonly mocked?: unknown;
}

export function readManifest(file: string): Manifest {
  const manifest = readJson(file) as object;
  if (!isObject(manifest)) {
    throw new InputProblem(`${file} is ${JSON.stringify(manifest)}; an object is allowed: correct it`);
  }
  return Object.fromEntries(
    Object.entries(manifest).filter(([name, value]) => !OBJECTS.includes(name) || isObject(value)),
  );
}

/** What is of another kind in these, npm takes for nothing. */
const OBJECTS = [
  'directories',
  'engines',
  'scripts',
  'dependencies',
  'optionalDependencies',
  'peerDependencies',
  'peerDependenciesMeta',
  'patchedDependencies',
  'pnpm',
];

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The programs of a package by their names, with the paths of their files in it.
 *
 * @see https://docs.npmjs.com/cli/v11/configuring-npm/package-json#bin
 */
export function programsOf(folder: string, { name = '', bin, directories }: Manifest): ReadonlyMap<string, string> {
  const directory = bin === undefined && typeof directories?.bin === 'string' ? below(directories.bin) : undefined;
  const named = isObject(bin) ? Object.entries(bin) : [[name, bin]];
  const programs = directory === undefined ? named : filesIn(folder, directory);
  return new Map(
    programs.flatMap(([program, file]) => {
      // As npm has it, whatever else they say: the end of the name, and a file of the package.
      const name = below(path.posix.basename(String(program)));
      return name === '' || typeof file !== 'string' ? [] : [[name, below(file.replaceAll('\\', '/'))] as const];
    }),
  );
}

/** A path without what leads out of its folder. */
function below(file: string): string {
  return path.posix.join('/', file).slice(1);
}

function filesIn(folder: string, directory: string): [name: string, file: string][] {
  const found = path.join(folder, directory);
  return existsSync(found) ? readdirSync(found).map(name => [name, path.posix.join(directory, name)]) : [];
}

/** The package.json of a module, from where the program would find the module. */
export function findInstalled(name: string, folder: string): string | undefined {
  return nearest(path.join('node_modules', name, 'package.json'), folder);
}

/** A file with this name in a folder, or in the nearest one above that has it. */
export function nearest(file: string, folder: string): string | undefined {
  for (let current = folder; ; current = path.dirname(current)) {
    if (existsSync(path.join(current, file))) {
      return path.join(current, file);
    }
    if (current === path.dirname(current)) {
      return undefined;
    }
  }
}

/** What to do about a package that is not there. Yarn Plug'n'Play has no files that could travel along. */
export function installAdvice(name: string, projectRoot: string): string {
  return nearest('.pnp.cjs', projectRoot) === undefined
    ? `run "npm install ${name}" there`
    : `the project is installed by Yarn Plug'n'Play, without a \`node_modules\` to take it from: set \`nodeLinker: node-modules\` in .yarnrc.yml, and run "yarn install"`;
}
