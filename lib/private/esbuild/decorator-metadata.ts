import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CommandError, runCommand } from '../common/command';
import { InputProblem } from '../common/input-problem';
import { temporaryFolder } from '../common/temporary-folder';
import { findInstalled, installAdvice, readManifest } from '../modules/manifest';
import type { Replacement } from './replaced-build';
import { emitsDecoratorMetadata, tsconfigOf } from './tsconfig';

/** A decorator: of a class, a member or a parameter. What is none costs nothing but time. */
const DECORATOR = /(?:^|[\s(,{;])@[A-Za-z_$]/m;
const COMMENT = /\/\*[\s\S]*?\*\/|\/\/.*/g;

export interface DecoratorTask {
  readonly projectRoot: string;
  readonly tsconfig?: string;
}

export interface CompiledSources {
  readonly replacements: ReadonlyMap<string, Replacement>;

  /** The files that decided about it. */
  readonly inputs: readonly string[];
}

/**
 * The sources whose decorators have metadata, the types that TypeScript writes down for them: esbuild reads each file
 * by itself, and knows of no types.
 *
 * @see https://www.typescriptlang.org/tsconfig/#emitDecoratorMetadata
 */
export function sourcesWithMetadata(sources: readonly string[], { tsconfig }: DecoratorTask): string[] {
  return sources.filter(
    file =>
      /\.[cm]?tsx?$/.test(file) &&
      !file.includes(`${path.sep}node_modules${path.sep}`) &&
      DECORATOR.test(readFileSync(file, 'utf8').replaceAll(COMMENT, ' ')) &&
      emitsDecoratorMetadata(tsconfig ?? tsconfigOf(file)),
  );
}

/**
 * What the TypeScript of the project makes of sources, by its command, which all versions have. As with esbuild, errors
 * in types are no reason to make nothing.
 */
export function compileSources(sources: readonly string[], task: DecoratorTask): CompiledSources {
  const byTsconfig = new Map<string, string[]>();
  for (const source of sources) {
    const tsconfig = task.tsconfig ?? tsconfigOf(source) ?? '';
    byTsconfig.set(tsconfig, [...(byTsconfig.get(tsconfig) ?? []), source]);
  }
  const compiled = [...byTsconfig].map(([tsconfig, files]) => compile(tsconfig, files, task));
  return {
    replacements: new Map(compiled.flatMap(({ replacements }) => [...replacements])),
    inputs: compiled.flatMap(({ inputs }) => inputs),
  };
}

function compile(tsconfig: string, sources: readonly string[], { projectRoot }: DecoratorTask): CompiledSources {
  const manifest = findInstalled('typescript', projectRoot) ?? findInstalled('typescript', process.cwd());
  const [first = ''] = sources.map(file => path.relative(projectRoot, file));
  if (manifest === undefined) {
    throw new InputProblem(
      `\`emitDecoratorMetadata\` of ${tsconfig} is true, and ${first} has decorators, whose metadata only TypeScript can write; ` +
        `it is not installed (looked up from ${projectRoot}): ${installAdvice('typescript', projectRoot, true)}, ` +
        'or remove `emitDecoratorMetadata` if nothing reads it',
    );
  }
  const folder = temporaryFolder();
  const config = path.join(folder, 'tsconfig.json');
  const { version = '' } = readManifest(manifest);
  writeFileSync(config, JSON.stringify(configuration(tsconfig, { sources, projectRoot, version })));
  const { listed, problem } = runTypeScript(path.dirname(manifest), config, projectRoot);
  const read = listed
    .split(/\r?\n/)
    .map(line => path.normalize(line.trim()))
    .filter(line => path.isAbsolute(line) && !line.includes(`${path.sep}node_modules${path.sep}`) && existsSync(line));
  const replacements = new Map(
    sources.map(source => {
      const replacement = compiledSource(path.join(folder, 'compiled'), source);
      if (replacement === undefined) {
        throw new InputProblem(
          `${path.relative(projectRoot, source)} has decorators, and TypeScript ${version} does not compile it by ${tsconfig}: correct what it says: ${problem}`,
        );
      }
      return [source, replacement] as const;
    }),
  );
  return { replacements, inputs: [...read, manifest] };
}

/** The project's own configuration, but that it makes JavaScript, and where. */
function configuration(
  tsconfig: string,
  { sources, projectRoot, version }: DecoratorTask & { readonly sources: readonly string[]; readonly version: string },
): object {
  return {
    extends: tsconfig,
    compilerOptions: {
      outDir: 'compiled',
      rootDir: path.parse(projectRoot).root,
      typeRoots: typeRoots(path.dirname(tsconfig)),
      noEmit: false,
      noEmitOnError: false,
      emitDeclarationOnly: false,
      declaration: false,
      declarationMap: false,
      composite: false,
      incremental: false,
      sourceMap: true,
      inlineSourceMap: false,
      inlineSources: false,
      skipLibCheck: true,
      listFiles: true,
      ...(knowsNoCheck(version) ? { noCheck: true } : {}),
    },
    files: sources,
    include: [],
    references: [],
  };
}

/** Where TypeScript looks by itself, from the folder of a configuration. */
function typeRoots(folder: string): string[] {
  const above = path.dirname(folder);
  return [path.join(folder, 'node_modules', '@types'), ...(above === folder ? [] : typeRoots(above))].filter(
    existsSync,
  );
}

/** https://www.typescriptlang.org/tsconfig/#noCheck: since 5.6. */
function knowsNoCheck(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 5 || (major === 5 && minor >= 6);
}

/** The files that it has read, and why it did not end well. */
function runTypeScript(folder: string, config: string, projectRoot: string): { listed: string; problem: string } {
  try {
    const tsc = path.join(folder, 'bin', 'tsc');
    return { listed: runCommand(process.execPath, [tsc, '-p', config], { cwd: projectRoot }), problem: 'nothing' };
  } catch (error) {
    if (error instanceof CommandError) {
      return { listed: error.output, problem: error.message };
    }
    throw error;
  }
}

/**
 * With the source map in it, by which esbuild leads back to the source. It counts as TypeScript, of which esbuild leaves
 * out imports that only types have used.
 */
function compiledSource(folder: string, source: string): Replacement | undefined {
  const { root, dir, name, ext } = path.parse(source);
  const target = path.join(folder, path.relative(root, dir), name);
  for (const [extension, loader] of [
    [ext.replace(/tsx?$/, 'js'), 'ts'],
    ['.jsx', 'tsx'],
  ] as const) {
    if (existsSync(target + extension)) {
      const map = JSON.parse(readFileSync(`${target}${extension}.map`, 'utf8')) as object;
      const located = JSON.stringify({ ...map, sources: [path.basename(source)], sourceRoot: '' });
      const contents = readFileSync(target + extension, 'utf8').replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n');
      const inline = `//# sourceMappingURL=data:application/json;base64,${Buffer.from(located).toString('base64')}\n`;
      return { contents: contents + inline, loader };
    }
  }
  return undefined;
}
