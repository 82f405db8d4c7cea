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
  readonly devDependencies?: Versions;
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
  'devDependencies',
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

/** A file with one of these names in a folder, or in the nearest one above that has one. */
export function nearest(file: string | readonly string[], folder: string): string | undefined {
  for (let current = folder; ; current = path.dirname(current)) {
    const found = [file].flat().find(name => existsSync(path.join(current, name)));
    if (found !== undefined) {
      return path.join(current, found);
    }
    if (current === path.dirname(current)) {
      return undefined;
    }
  }
}

/** The package manager of a project, by the lock file that it writes. */
const PACKAGE_MANAGERS: Readonly<Record<string, string>> = {
  'package-lock.json': 'npm',
  'npm-shrinkwrap.json': 'npm',
  'pnpm-lock.yaml': 'pnpm',
  'yarn.lock': 'yarn',
  'bun.lock': 'bun',
  'bun.lockb': 'bun',
  'deno.lock': 'deno',
};

export function packageManagerOf(projectRoot: string): string {
  const lock = nearest(Object.keys(PACKAGE_MANAGERS), projectRoot);
  return PACKAGE_MANAGERS[path.basename(lock ?? '')] ?? 'npm';
}

/** What to do about a package that is not there. Yarn Plug'n'Play has no files that could travel along. */
export function installAdvice(name: string, projectRoot: string, forDevelopment = false): string {
  return nearest('.pnp.cjs', projectRoot) === undefined
    ? `run "${installCommand(projectRoot, name, forDevelopment)}" there`
    : `the project is installed by Yarn Plug'n'Play, without a \`node_modules\` to take it from: set \`nodeLinker: node-modules\` in .yarnrc.yml, and run "yarn install"`;
}

/**
 * What installs a project, with the package manager that it has. One more package is added, unless the project names
 * it: then it may have it from somewhere else than the registry.
 */
export function installCommand(projectRoot: string, name?: string, forDevelopment = false): string {
  const manager = packageManagerOf(projectRoot);
  if (name === undefined || dependsOn(projectRoot, name)) {
    return `${manager} install`;
  }
  const add = manager === 'npm' ? 'npm install' : `${manager} add`;
  const flag = /^p?npm$/.test(manager) ? ' --save-dev' : ' --dev';
  return `${add}${forDevelopment ? flag : ''} ${manager === 'deno' ? `npm:${name}` : name}`;
}

function dependsOn(projectRoot: string, name: string): boolean {
  const file = path.join(projectRoot, 'package.json');
  const manifest: Manifest = existsSync(file) ? readManifest(file) : {};
  return [manifest.dependencies, manifest.optionalDependencies, manifest.devDependencies].some(
    group => group?.[name] !== undefined,
  );
}
