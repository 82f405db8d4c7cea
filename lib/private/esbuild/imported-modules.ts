import { existsSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Metafile } from 'esbuild';
import { CommandError, runCommand } from '../common/command';
import { nearest, readManifest } from '../modules/manifest';
import { escaped } from '../modules/patched';

/** A module that is not bundled, and that sources load by `import`. The bundle is CommonJS, and loads it by `require`. */
export interface ImportedModule {
  /** As sources name it: a package, or something in one. */
  readonly name: string;

  /** By their absolute paths. */
  readonly importers: readonly string[];

  /** Whether `import` finds an ES module, even where `require` finds another form of it. */
  readonly isModule: boolean;

  /** What the `exports` of its package do not have it for. */
  readonly notFor?: 'require' | 'either';
}

const NOT_EXPORTED = 'ERR_PACKAGE_PATH_NOT_EXPORTED';

/** Node.js itself knows best what it finds: by `require` and by `import`, from the folder that the program runs in. */
const PROGRAM = `
import { createRequire } from 'node:module';
const load = createRequire(import.meta.url);
const found = resolve => { try { return { place: resolve() }; } catch ({ code }) { return { code }; } };
process.stdout.write(JSON.stringify(process.argv.slice(1).map(name => ({ required: found(() => load.resolve(name)), imported: found(() => import.meta.resolve(name)) }))));
`;

interface Found {
  readonly place?: string;
  readonly code?: string;
}

/** @param entry - what esbuild calls the program that it has written */
export function importedModules(metafile: Metafile, entry: string, projectRoot: string): ImportedModule[] {
  const left = new Set((metafile.outputs[entry]?.imports ?? []).map(imported => imported.path));
  const importers = new Map<string, string[]>();
  for (const [file, { imports }] of Object.entries(metafile.inputs)) {
    for (const { external, kind, path: name } of imports) {
      if (external === true && kind === 'import-statement' && left.has(name) && isOfPackage(name)) {
        importers.set(name, [...(importers.get(name) ?? []), path.resolve(projectRoot, file)]);
      }
    }
  }
  const names = [...importers.keys()].sort();
  const found = names.length === 0 ? [] : resolved(names, projectRoot);
  return names.map((name, index) => {
    const { required, imported } = found[index] ?? {};
    const notFor = required?.code !== NOT_EXPORTED ? undefined : imported?.code === NOT_EXPORTED ? 'either' : 'require';
    return {
      name,
      importers: importers.get(name) ?? [],
      isModule: imported?.place?.startsWith('file:') === true && isModule(fileURLToPath(imported.place)),
      ...(notFor === undefined ? {} : { notFor }),
    };
  });
}

function isOfPackage(name: string): boolean {
  return !isBuiltin(name) && !/^[./#]|:/.test(name);
}

function resolved(
  names: readonly string[],
  projectRoot: string,
): { readonly required: Found; readonly imported: Found }[] {
  try {
    const said = runCommand(process.execPath, ['--input-type=module', '-e', PROGRAM, ...names], {
      cwd: projectRoot,
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    return JSON.parse(said) as { readonly required: Found; readonly imported: Found }[];
  } catch (error) {
    if (error instanceof CommandError) {
      return [];
    }
    throw error;
  }
}

/** https://nodejs.org/api/packages.html#determining-module-system, with the look at its syntax. */
function isModule(file: string): boolean {
  if (/\.[cm]js$/.test(file) || !file.endsWith('.js') || !existsSync(file)) {
    return file.endsWith('.mjs');
  }
  const manifest = nearest('package.json', path.dirname(file));
  const type = manifest === undefined ? undefined : readManifest(manifest).type;
  return type === undefined
    ? /^\s*(?:import|export)\b\s*[\w{*'"]/m.test(readFileSync(file, 'utf8'))
    : type === 'module';
}

/**
 * In sources of ES modules, esbuild takes what `require` gives for the default export, as Node.js does where `import`
 * finds CommonJS. Where it finds an ES module, the default export is the one that this has. What is written is as long
 * as what was there.
 */
export function withDefaultExports(program: string, modules: readonly ImportedModule[]): string {
  const names = modules.filter(module => module.isModule).map(({ name }) => escaped(name));
  return names.length === 0
    ? program
    : program.replaceAll(
        new RegExp(`(\\(require\\("(?:${names.join('|')})"\\), ?)1(?=\\))`, 'g'),
        (_text, call: string) => `${call}0`,
      );
}
