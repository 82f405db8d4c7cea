import { isBuiltin } from 'node:module';
import path from 'node:path';
import type { BuildFailure, BuildOptions, Message, Metafile } from 'esbuild';
import { packageOfImport } from '../modules/package-name';
import { recall, remember } from '../program/cache';
import { stateOf, type ProgramFile } from '../program/program-files';
import { installedEsbuild, loadEsbuild } from './esbuild';

/** A package that files of a program import, and that does not travel along. */
export interface MissingPackage {
  readonly name: string;

  /** The first that imports it, relative to the folder of the program. */
  readonly importer: string;
}

const PACKAGE = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//;

/**
 * What a program that was built would not find, as far as esbuild sees it, which knows what is tried alone (`try`).
 * Nothing where esbuild is not installed: such a program needs none.
 *
 * @param files - all that travels along
 */
export function missingPackages(folder: string, program: string, files: readonly ProgramFile[]): MissingPackage[] {
  const esbuild = installedEsbuild(folder);
  if (esbuild === undefined) {
    return [];
  }
  const packages = [...new Set(files.flatMap(({ name }) => PACKAGE.exec(name)?.[1] ?? []))].sort();
  const own = files.filter(({ name }) => !PACKAGE.test(name));
  const states = own.map(file => ('source' in file ? [file.name, stateOf(file.source)] : file.name));
  const key = ['missing', stateOf(__filename), stateOf(esbuild), folder, program, packages, states];
  const known = recall(key) as MissingPackage[] | undefined;
  const missing = known ?? findMissing(esbuild, folder, program, packages);
  if (known === undefined) {
    remember(key, missing);
  }
  return missing;
}

function findMissing(esbuild: string, folder: string, program: string, packages: readonly string[]): MissingPackage[] {
  const { missing, metafile } = build(esbuild, folder, program, packages);
  // Beside the directory, there may be what is not in it.
  const outside = metafile
    ? { missing: [], metafile }
    : build(esbuild, folder, program, [...packages, ...missing.map(({ name }) => name)]);
  const all = [...missing, ...outside.missing, ...importsOutside(outside.metafile)];
  return [...new Map(all.reverse().map(found => [found.name, found] as const)).values()].sort((left, right) =>
    left.name < right.name ? -1 : 1,
  );
}

interface Found {
  readonly missing: MissingPackage[];
  readonly metafile?: Metafile;
}

function build(esbuild: string, folder: string, program: string, packages: readonly string[]): Found {
  const options: BuildOptions = {
    absWorkingDir: folder,
    entryPoints: [path.join(folder, program)],
    outdir: folder,
    allowOverwrite: true,
    write: false,
    bundle: true,
    metafile: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'silent',
    logLimit: 0,
    loader: { '.node': 'empty' },
    tsconfigRaw: '{}',
    external: packages.flatMap(name => [name, `${name}/*`]),
  };
  try {
    return { missing: [], metafile: loadEsbuild(esbuild).buildSync(options).metafile };
  } catch (error) {
    const { errors = [] } = error as Partial<BuildFailure>;
    return { missing: errors.flatMap(missingIn) };
  }
}

function missingIn({ text, location }: Message): MissingPackage[] {
  const [, name = ''] = /^Could not resolve "([^"]+)"/.exec(text) ?? [];
  const importer = location?.file ?? '';
  return isPackage(name) && isInside(importer) ? [{ name: packageOfImport(name), importer }] : [];
}

function importsOutside(metafile: Metafile | undefined): MissingPackage[] {
  return Object.entries(metafile?.inputs ?? {}).flatMap(([importer, { imports }]) =>
    imports.flatMap(({ path: found, original = '', external }) =>
      external !== true && isInside(importer) && !isInside(found) && isPackage(original)
        ? [{ name: packageOfImport(original), importer }]
        : [],
    ),
  );
}

function isPackage(name: string): boolean {
  return name !== '' && !/^[./#]|:/.test(name) && !isBuiltin(name);
}

function isInside(file: string): boolean {
  return !file.startsWith('..') && !path.isAbsolute(file) && !PACKAGE.test(file);
}
