import { createRequire } from 'node:module';
import path from 'node:path';
import type { Construct } from 'constructs';
import type { BuildFailure, BuildOptions, Message, OutputFile } from 'esbuild';
import { constructError } from '../common/construct-error';
import { IMPORT_META, inStrictMode, losesStrictMode, STRICT_IMPORT_META } from './import-meta';
import type { ProgramFile } from '../program/program-files';
import { ownSources } from './source-map';
import type { BundledSource } from './unbundled-binaries';

/** The entry of every bundled program, relative to the root of the bundle. */
export const PROGRAM_ENTRY = 'index.js';

/** The oldest Node.js that bundled programs run on: the one of zip files. */
export const PROGRAM_NODE_VERSION = 22;

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
  readonly settings?: Pick<BuildOptions, 'minify' | 'loader' | 'define' | 'alias' | 'conditions' | 'tsconfig'>;
}

export interface EsbuildResult {
  /** What decides the output. */
  readonly options: BuildOptions;
  readonly files: readonly ProgramFile[];
  readonly warnings: readonly string[];

  readonly sources: readonly BundledSource[];
}

type Build = ReturnType<typeof build>;

/**
 * Bundles a server for the Node.js of the runtime. Nothing in the output depends on where the project lies: esbuild
 * works in its root, and the paths in the source map are relative to it.
 */
export function runEsbuild(scope: Construct, task: EsbuildTask): EsbuildResult {
  const esbuild = loadEsbuild(scope, task.projectRoot);
  const options = optionsOf(task);
  let result: Build;
  try {
    result = build(esbuild, options);
  } catch (error) {
    throw constructError(scope, explain(error, task));
  }
  // The runtime is told to start this file and finds out at the first call: it has to be there, and to hold a program.
  if (programBytes(result) === 0) {
    throw constructError(
      scope,
      `\`entry\` ${shown(task.entry)} compiles to an empty program: give the file that starts the server`,
    );
  }
  const strict = result.outputFiles.some(file => !isMap(file) && losesStrictMode(file.text));
  return {
    options: strict ? { ...options, ...STRICT_IMPORT_META } : options,
    files: result.outputFiles.map(file => ({ name: path.basename(file.path), contents: contentsOf(file, strict) })),
    warnings: result.warnings.map(warning => render(warning, task.projectRoot)),
    sources: Object.entries(result.metafile.inputs).map(([file, { imports }]) => ({
      file: path.resolve(task.projectRoot, file),
      imports: imports
        .filter(({ external }) => external !== true)
        .map(imported => path.resolve(task.projectRoot, imported.path)),
    })),
  };
}

function isMap(file: OutputFile): boolean {
  return file.path.endsWith('.map');
}

function contentsOf(file: OutputFile, strict: boolean): Uint8Array {
  if (isMap(file)) {
    return Buffer.from(ownSources(file.text));
  }
  return strict ? Buffer.from(inStrictMode(file.text)) : file.contents;
}

function build(esbuild: Esbuild, options: BuildOptions) {
  return esbuild.buildSync({ ...options, write: false, metafile: true, logLevel: 'silent' });
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
    keepNames: true,
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
function loadEsbuild(scope: Construct, projectRoot: string): Esbuild {
  const load = createRequire(__filename);
  const paths = [projectRoot, process.cwd(), __dirname];
  let found: string;
  try {
    found = load.resolve('esbuild', { paths });
  } catch {
    throw constructError(
      scope,
      `cannot find esbuild, which bundles \`entry\` (looked up from ${paths.slice(0, 2).join(' and ')}): ` +
        `run "npm install --save-dev esbuild" in ${projectRoot}`,
    );
  }
  return load(found) as Esbuild;
}

function programBytes(result: Build): number {
  const program = result.metafile.outputs[PROGRAM_ENTRY];
  return Object.values(program?.inputs ?? {}).reduce((sum, input) => sum + input.bytesInOutput, 0);
}

function explain(error: unknown, { entry, projectRoot }: EsbuildTask): string {
  if (!isBuildFailure(error)) {
    return `esbuild cannot run: ${error instanceof Error ? error.message : String(error)}`;
  }
  const lines = error.errors.map(message => `  ${render(message, projectRoot)}`);
  const advice = new Set(error.errors.map(message => adviceFor(message.text, projectRoot)));
  return `\`entry\` ${shown(entry)} does not compile; esbuild says:\n${lines.join('\n')}\n${[...advice].join('; ')}`;
}

function adviceFor(text: string, projectRoot: string): string {
  const [, addon] = /^No loader is configured for "\.node" files: (.*)/.exec(text) ?? [];
  if (addon !== undefined) {
    const [, packageName] = /^.*(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(addon) ?? [];
    return packageName === undefined
      ? `name ${addon} in \`assets\`, and load it by \`require(path.join(__dirname, ...))\`, as only JavaScript can be bundled`
      : `name ${packageName} in \`nodeModules\`, as only JavaScript can be bundled, or in \`externalModules\` if the server can do without`;
  }
  if (/^Could not resolve "[^./]/.test(text)) {
    return `install what is missing ("npm install" in ${projectRoot}), or name it in \`externalModules\` if the server can do without`;
  }
  if (text.startsWith('Top-level await')) {
    return 'move `await` into an async function, as the bundle is CommonJS';
  }
  return 'correct the source and synthesize again';
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
