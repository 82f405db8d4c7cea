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
  readonly compilerOptions?: { readonly emitDecoratorMetadata?: boolean };
}

/**
 * The tsconfig.json that a source is compiled by, where the nearest one has no files of its own and refers to others.
 * Undefined for the nearest, which esbuild takes by itself.
 *
 * @see https://www.typescriptlang.org/docs/handbook/project-references.html
 */
export function referencedTsconfig(source: string): string | undefined {
  const file = nearest('tsconfig.json', path.dirname(source));
  if (file === undefined) {
    return undefined;
  }
  const { files, include, references = [] } = readJsonWithComments(file) as Tsconfig;
  if (references.length === 0 || files?.length !== 0 || (include?.length ?? 0) > 0) {
    return undefined;
  }
  const referenced = references
    .map(reference => path.resolve(path.dirname(file), reference.path ?? ''))
    .map(found => (existsSync(found) && statSync(found).isDirectory() ? path.join(found, 'tsconfig.json') : found))
    .filter(found => existsSync(found));
  return referenced.find(found => includes(found, source));
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
