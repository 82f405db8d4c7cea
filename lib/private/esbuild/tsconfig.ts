import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { nearest } from '../modules/manifest';
import { readJsonWithComments } from '../program/json-files';

interface Tsconfig {
  readonly extends?: string | readonly string[];
  readonly files?: readonly string[];
  readonly include?: readonly string[];
  readonly references?: readonly { readonly path?: string }[];
  readonly compilerOptions?: {
    readonly emitDecoratorMetadata?: boolean;
    readonly paths?: Readonly<Record<string, unknown>> | null;
  };
}

/**
 * The tsconfig.json that a source is compiled by, where it is not the nearest one, but one that this refers to.
 * Undefined for the nearest, which esbuild takes by itself.
 *
 * @see https://www.typescriptlang.org/docs/handbook/project-references.html
 */
export function referencedTsconfig(source: string): string | undefined {
  const file = nearest('tsconfig.json', path.dirname(source));
  if (file === undefined) {
    return undefined;
  }
  return includes(file, source) ? undefined : referencedBy(file, source, new Set([file]));
}

function referencedBy(tsconfig: string, source: string, seen: Set<string>): string | undefined {
  const { references } = readJsonWithComments(tsconfig) as Tsconfig;
  for (const reference of references ?? []) {
    const named = path.resolve(path.dirname(tsconfig), reference.path ?? '');
    const found = existsSync(named) && statSync(named).isDirectory() ? path.join(named, 'tsconfig.json') : named;
    if (!existsSync(found) || seen.has(found)) {
      continue;
    }
    seen.add(found);
    const wanted = includes(found, source) ? found : referencedBy(found, source, seen);
    if (wanted !== undefined) {
      return wanted;
    }
  }
  return undefined;
}

/** The tsconfig.json of a source: the nearest, or the one that it refers to. */
export function tsconfigOf(source: string): string | undefined {
  return referencedTsconfig(source) ?? nearest('tsconfig.json', path.dirname(source));
}

/** Whether sources of TypeScript are compiled with metadata for their decorators. */
export function emitsDecoratorMetadata(tsconfig: string | undefined): boolean {
  return tsconfig !== undefined && (inherited(tsconfig, new Set()) ?? false);
}

/** The configurations that one is made of, itself and those that it extends. */
export function extendedTsconfigs(tsconfig: string): string[] {
  const seen = new Set<string>();
  const visit = (file: string): void => {
    if (!seen.has(file) && existsSync(file)) {
      seen.add(file);
      const { extends: bases = [] } = readJsonWithComments(file) as Tsconfig;
      [bases].flat().forEach(base => visit(baseFile(base, file)));
    }
  };
  visit(tsconfig);
  return [...seen];
}

/** Whether a configuration says where a name leads, by its own `paths` or by those that it extends. */
export function hasPath(tsconfig: string, name: string): boolean {
  const paths = extendedTsconfigs(tsconfig)
    .map(file => (readJsonWithComments(file) as Tsconfig).compilerOptions?.paths)
    .find(found => found !== undefined && found !== null);
  return Object.keys(paths ?? {}).some(pattern => {
    const [before = '', after] = pattern.split('*');
    return after === undefined ? pattern === name : name.startsWith(before) && name.endsWith(after);
  });
}

function inherited(file: string, seen: Set<string>): boolean | undefined {
  if (seen.has(file) || !existsSync(file)) {
    return undefined;
  }
  seen.add(file);
  const { extends: bases = [], compilerOptions } = readJsonWithComments(file) as Tsconfig;
  const own = compilerOptions?.emitDecoratorMetadata;
  return (
    own ??
    [bases]
      .flat()
      .reverse()
      .map(base => inherited(baseFile(base, file), seen))
      .find(value => value !== undefined)
  );
}

function baseFile(base: string, file: string): string {
  if (/^\.{0,2}\//.test(base)) {
    const found = path.resolve(path.dirname(file), base);
    return existsSync(found) && statSync(found).isFile() ? found : `${found}.json`;
  }
  const load = createRequire(file);
  for (const name of [base, `${base}.json`, `${base}/tsconfig.json`]) {
    try {
      return load.resolve(name);
    } catch {
      // esbuild says so, if it is in none of the forms.
    }
  }
  return '';
}

/** https://www.typescriptlang.org/tsconfig/#include: what is not a pattern is a folder, or a file. */
function includes(tsconfig: string, source: string): boolean {
  const { files, include = files === undefined ? ['**'] : [] } = readJsonWithComments(tsconfig) as Tsconfig;
  const folder = path.dirname(tsconfig);
  return [...(files ?? []), ...include].some(pattern => {
    const expression = path
      .resolve(folder, pattern)
      .split(path.sep)
      .join('/')
      .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll(/\*\*\/|\*\*|\*|\?/g, part => (part === '?' ? '[^/]' : part === '*' ? '[^/]*' : '(?:.*/)?'))
      .replace(/\(\?:\.\*\/\)\?$/, '.*');
    return new RegExp(`^${expression}(?:/.*)?$`).test(source.split(path.sep).join('/'));
  });
}
