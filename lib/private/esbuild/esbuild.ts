import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Construct } from 'constructs';
import type { BuildFailure, BuildOptions, Message } from 'esbuild';
import { constructError } from '../common/construct-error';
import { InputProblem } from '../common/input-problem';
import { compileAdvice, warningAdvice } from './compile-advice';
import {
  IMPORT_META,
  IMPORTED_FILE,
  inStrictMode,
  losesStrictMode,
  ownPlaces,
  STRICT_IMPORT_META,
  withOneMain,
  type OwnPlace,
} from './import-meta';
import { compileSources, sourcesWithMetadata } from './decorator-metadata';
import { asksForMain } from './main-guard';
import { importedModules, withDefaultExports, type ImportedModule } from './imported-modules';
import { inputFinder } from './input-of-source';
import { ownRequires, type OwnRequire } from './own-requires';
import type { ProgramFile } from '../program/program-files';
import { ownSources, sourcesAt, type PlaceInSource } from './source-map';
import { installCommand, nearest } from '../modules/manifest';
import { NOTICES_FILE, thirdPartyNotices } from '../modules/third-party-notices';
import { replacedBuild, type Built, type Replacement } from './replaced-build';
import { extendedTsconfigs, referencedTsconfig, tsconfigOf } from './tsconfig';
import type { BundledSource } from './unbundled-binaries';

/** The entry of every bundled program, relative to the root of the bundle. */
export const PROGRAM_ENTRY = 'index.js';

const PROGRAM_MAP = `${PROGRAM_ENTRY}.map`;

/** The oldest Node.js that bundled programs run on: the one of zip files. */
export const PROGRAM_NODE_VERSION = 22;

/** What esbuild leaves of a `require` or an `import` of no literal. */
const LOADED_BY_NAME = /(?<![\w$.])(?:require|import)\((?!["'`)])/g;

type Esbuild = typeof import('esbuild');

export interface EsbuildTask {
  readonly projectRoot: string;
  readonly entry: string;

  /** What is in `entry`, where it is no file: JavaScript that imports as a file in the root of the project does. */
  readonly source?: string;
  readonly external: string[];

  /** Undefined for those of esbuild. */
  readonly mainFields?: string[];

  /** What the user says to esbuild itself. */
  readonly settings?: BuildOptions;
}

export interface EsbuildResult {
  /** What decides the output; undefined where esbuild alone does not make it. */
  readonly options: BuildOptions | undefined;
  readonly files: readonly ProgramFile[];
  readonly warnings: readonly string[];

  readonly sources: readonly BundledSource[];

  /** The files and folders that decided about it besides the sources and what lies beside them. */
  readonly inputs: readonly string[];

  readonly modules: readonly ImportedModule[];

  /** Where sources use what they call themselves, by their absolute paths. */
  readonly places: readonly OwnPlace[];

  readonly requires: readonly OwnRequire[];

  /** The sources that load modules by names which they make up. */
  readonly loaders: readonly string[];
}

/**
 * Bundles a server for the Node.js of the runtime. Nothing in the output depends on where the project lies: esbuild
 * works in its root, and the paths in the source map are relative to it.
 */
export function runEsbuild(scope: Construct, task: EsbuildTask): EsbuildResult {
  const options = optionsOf(task);
  const { result, inputs, replaced } = build(scope, task, options);
  // The runtime is told to start this file and finds out at the first call: it has to be there, and to hold a program.
  if (programBytes(result) === 0) {
    throw constructError(
      scope,
      `\`entry\` ${shown(task.entry)} compiles to an empty program: give the file that starts the server`,
    );
  }
  const outputs = new Map(
    result.outputFiles.map(file => [
      path.relative(task.projectRoot, file.path).split(path.sep).join('/'),
      Buffer.from(file.contents),
    ]),
  );
  const program = outputs.get(PROGRAM_ENTRY)?.toString() ?? '';
  const map = outputs.get(PROGRAM_MAP)?.toString() ?? '';
  // The loaders `file` and `copy` have files of their own.
  const others = [...outputs].filter(([name]) => name !== PROGRAM_ENTRY && name !== PROGRAM_MAP);
  const strict = losesStrictMode(program);
  const sources = sourcesOf(result, task);
  const inputOf = inputFinder([task.entry, ...sources], task.projectRoot);
  const inputsAt = (indexes: readonly number[]): PlaceInSource[] =>
    sourcesAt(program, map, indexes).map(({ source }) => ({
      source: source === undefined ? undefined : inputOf(source),
    }));
  const places = ownPlaces(program, inputsAt);
  const modules = importedModules(result.metafile, PROGRAM_ENTRY, task.projectRoot);
  const told = withDefaultExports(
    withOneMain(
      program,
      places.filter(place => asksForMain(place, task.entry)),
      task.entry,
    ),
    modules,
  );
  const notices = thirdPartyNotices(sources);
  const effective = strict ? { ...options, ...STRICT_IMPORT_META } : options;
  return {
    options: told === program && !replaced ? effective : undefined,
    files: [
      { name: PROGRAM_ENTRY, contents: Buffer.from(strict ? inStrictMode(told) : told) },
      ...(map === '' ? [] : [{ name: PROGRAM_MAP, contents: Buffer.from(ownSources(map)) }]),
      ...others.map(([name, contents]) => ({ name, contents })),
      // Who asks for the real path of it finds one.
      ...(told.includes(IMPORTED_FILE)
        ? [{ name: IMPORTED_FILE, contents: Buffer.from('module.exports = {};\n') }]
        : []),
      ...(notices.text === undefined ? [] : [{ name: NOTICES_FILE, contents: Buffer.from(notices.text) }]),
    ],
    warnings: result.warnings.map(
      warning => render(warning, task.projectRoot) + warningAdvice(warning, task.projectRoot),
    ),
    sources: Object.entries(result.metafile.inputs).map(([file, { imports }]) => ({
      file: path.resolve(task.projectRoot, file),
      imports: imports
        .filter(({ external }) => external !== true)
        .map(imported => path.resolve(task.projectRoot, imported.path)),
    })),
    inputs: [...inputs, ...notices.inputs, ...configurationsOf(sources, task)],
    modules,
    places,
    requires: ownRequires(program, places, inputsAt),
    loaders: loadersIn(program, inputsAt).flatMap(({ source }) => source ?? []),
  };
}

function loadersIn(
  program: string,
  placesOf: (indexes: readonly number[]) => readonly PlaceInSource[],
): readonly PlaceInSource[] {
  const indexes = [...program.matchAll(LOADED_BY_NAME)].map(({ index }) => index);
  return indexes.length === 0 ? [] : placesOf(indexes);
}

interface Build {
  readonly result: Built;
  readonly inputs: readonly string[];

  /** Whether something else than esbuild compiled sources. */
  readonly replaced: boolean;
}

function build(scope: Construct, task: EsbuildTask, given: BuildOptions): Build {
  const options = { ...given, write: false, metafile: true, logLevel: 'silent' } as const;
  const esbuild = findEsbuild(scope, task.projectRoot);
  const replacements = new Map<string, Replacement>();
  const inputs: string[] = [];
  const metadata = { projectRoot: task.projectRoot, tsconfig: task.settings?.tsconfig };
  try {
    let result: Built = loadEsbuild(esbuild).buildSync(options);
    // What only the types of a source name is imported by what TypeScript makes of it, and may have decorators, too.
    for (;;) {
      const missed = sourcesWithMetadata(sourcesOf(result, task), metadata).filter(file => !replacements.has(file));
      if (missed.length === 0) {
        return { result, inputs, replaced: replacements.size > 0 };
      }
      const compiled = compileSources(missed, metadata);
      compiled.replacements.forEach((replacement, file) => replacements.set(file, replacement));
      inputs.push(...compiled.inputs);
      result = replacedBuild(esbuild, options, replacements);
    }
  } catch (error) {
    throw error instanceof InputProblem ? error : constructError(scope, explain(error, task, options.tsconfig));
  }
}

/** By their absolute paths; of what is no file, the path that it would have. */
function sourcesOf({ metafile }: Built, { projectRoot }: EsbuildTask): string[] {
  return Object.keys(metafile.inputs).map(file => path.resolve(projectRoot, file));
}

function configurationsOf(sources: readonly string[], { settings }: EsbuildTask): string[] {
  const own = sources.filter(file => !file.split(path.sep).includes('node_modules') && existsSync(file));
  const folders = new Map(own.map(file => [path.dirname(file), file]));
  const configurations = [settings?.tsconfig, ...[...folders.values()].map(tsconfigOf)];
  return [...new Set(configurations.flatMap(file => (file === undefined ? [] : extendedTsconfigs(file))))];
}

function optionsOf({ projectRoot, entry, source, external, mainFields, settings }: EsbuildTask): BuildOptions {
  return {
    absWorkingDir: projectRoot,
    ...(source === undefined
      ? { entryPoints: [entry] }
      : { stdin: { contents: source, resolveDir: projectRoot, sourcefile: path.basename(entry) } }),
    outfile: path.join(projectRoot, PROGRAM_ENTRY),
    // Nothing is written there; the path only has to be allowed to be the entry's own.
    allowOverwrite: true,
    bundle: true,
    platform: 'node',
    target: `node${PROGRAM_NODE_VERSION}`,
    mainFields,
    format: 'cjs',
    ...settings,
    minify: settings?.minify ?? true,
    // Clients read the names of errors, and frameworks those of classes.
    keepNames: true,
    tsconfig: settings?.tsconfig ?? (source === undefined ? referencedTsconfig(entry) : undefined),
    sourcemap: 'linked',
    sourcesContent: false,
    external,
    ...IMPORT_META,
    define: { ...settings?.define, ...IMPORT_META.define },
  };
}

/**
 * esbuild is the user's: a jsii module cannot depend on it, and in other languages than TypeScript ours is not
 * installed at all.
 */
export function loadEsbuild(file: string): Esbuild {
  return createRequire(__filename)(file) as Esbuild;
}

/** Which esbuild bundles a project. */
export function esbuildOf(scope: Construct, projectRoot: string): string {
  const file = findEsbuild(scope, projectRoot);
  const manifest = nearest('package.json', path.dirname(file));
  return `${file} ${manifest === undefined ? '' : readFileSync(manifest, 'utf8')}`;
}

function findEsbuild(scope: Construct, projectRoot: string): string {
  const found = installedEsbuild(projectRoot);
  if (found === undefined) {
    throw constructError(
      scope,
      'cannot find esbuild, which bundles `entry` ' +
        `(looked up from ${projectRoot} and ${process.cwd()}): run "${installCommand(projectRoot, 'esbuild', true)}" in ${projectRoot}`,
    );
  }
  return found;
}

/** Undefined where neither a project nor the app has it. */
export function installedEsbuild(projectRoot: string): string | undefined {
  try {
    return createRequire(__filename).resolve('esbuild', { paths: [projectRoot, process.cwd(), __dirname] });
  } catch {
    return undefined;
  }
}

function programBytes(result: Built): number {
  const program = result.metafile.outputs[PROGRAM_ENTRY];
  return Object.values(program?.inputs ?? {}).reduce((sum, input) => sum + input.bytesInOutput, 0);
}

function explain(error: unknown, { entry, projectRoot }: EsbuildTask, tsconfig: string | undefined): string {
  if (!isBuildFailure(error)) {
    const message = error instanceof Error ? error.message : String(error);
    return /Invalid loader value/.test(message)
      ? `\`loader\` has a loader that esbuild does not have (${message}); those of esbuild are allowed, such as "text": correct it`
      : `esbuild cannot run: ${message}`;
  }
  const lines = error.errors.map(message => `  ${render(message, projectRoot)}`);
  const advice = new Set(error.errors.map(message => compileAdvice(message, projectRoot, tsconfig)));
  return `\`entry\` ${shown(entry)} does not compile; esbuild says:\n${lines.join('\n')}\n${[...advice].join('; ')}`;
}

function isBuildFailure(error: unknown): error is BuildFailure {
  const { errors } = error as Partial<BuildFailure>;
  return Array.isArray(errors) && errors.length > 0;
}

function render({ location, text }: Message, projectRoot: string): string {
  if (location === null) {
    return text;
  }
  return `${shown(path.resolve(projectRoot, location.file))}:${location.line}:${location.column + 1}: ${text}`;
}

/** A path as people in the folder of the CDK app write it. */
function shown(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith('..') ? file : relative;
}
