import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { asksForFile } from './own-files';
import type { EsbuildResult } from '../esbuild/esbuild';
import { packageFinder, sourceName, type SourcePackage } from '../esbuild/unbundled-binaries';
import { findInstalled, readManifest } from '../modules/manifest';
import { packageMatcher } from '../modules/package-name';
import { escaped } from '../modules/patched';

/** Of the project itself, as text: what it imports is bundled, of types nothing is left, and URLs are looked at elsewhere. */
const OWN_FILE =
  /(?<!\bfrom\s*|\bimport\s*\(?\s*|\brequire\(\s*|\bURL\(\s*)(['"`])(\.{1,2}\/[^'"`$\n]{1,200}\.[cm]?[jt]sx?)\1/g;

/**
 * The dependencies of a project that only a name leads to, which a package makes up when it runs: drivers of databases,
 * view engines, transports of loggers. Nothing says which it will be, so that both have to point to it. One that a
 * source names as text, or one that the package says that it can use.
 */
export function loadedByNameProblems(
  { sources, loaders, places }: Pick<EsbuildResult, 'sources' | 'loaders' | 'places'>,
  { projectRoot, external }: { readonly projectRoot: string; readonly external: readonly string[] },
): string[] {
  const packageOf = packageFinder(projectRoot);
  const shown = (file: string): string => sourceName(packageOf, projectRoot, file);
  const files = loaders
    .filter(file => packageOf(path.dirname(file)) === undefined && existsSync(file))
    .flatMap(file => ownFilesNamed(file, new Set(sources.map(source => source.file)), shown(file)));
  // What looks for files may start others of its own, which load more: loggers do so in workers.
  const beside = places.filter(asksForFile).flatMap(({ source }) => (source === undefined ? [] : [source]));
  const loading = new Set(
    [...loaders, ...beside.filter(file => packageOf(path.dirname(file)) !== undefined)].map(shown),
  );
  if (loading.size === 0) {
    return files;
  }
  const owners = new Map(sources.map(({ file }) => [file, packageOf(path.dirname(file))?.name]));
  const bundled = new Set(owners.values());
  const isExternal = packageMatcher(external);
  const own = [...owners].flatMap(([file, name]) => (name === undefined && existsSync(file) ? [file] : []));
  const packages = dependenciesOf(projectRoot)
    .filter(name => !bundled.has(name) && !isExternal(name) && findInstalled(name, projectRoot) !== undefined)
    .flatMap(name => {
      const user = loaders
        .map(file => packageOf(path.dirname(file)))
        .find(found => found !== undefined && canUse(found.manifest, name));
      const source = own.find(file => namesIt(readFileSync(file, 'utf8'), name));
      const why =
        user !== undefined
          ? `\`entry\` imports ${user.name}, which can use ${name}`
          : source !== undefined
            ? `${shown(source)} names ${JSON.stringify(name)}, and ${[...loading].sort().join(', ')} may load it`
            : undefined;
      return why === undefined
        ? []
        : [
            `${why} by a name that is made up when the server runs, and the bundle does not have it: name ${name} in \`nodeModules\`, unless the server does without it`,
          ];
    });
  return [...files, ...packages];
}

/** Sources of the project that one names as text, in a list of what it loads, and that no import leads to. */
function ownFilesNamed(file: string, bundled: ReadonlySet<string>, shown: string): string[] {
  const names = [...readFileSync(file, 'utf8').matchAll(OWN_FILE)].map(([, , name = '']) => name);
  return [...new Set(names)].flatMap(name => {
    const target = path.resolve(path.dirname(file), name);
    const candidates = [target, target.replace(/\.([cm]?)js$/, '.$1ts'), target.replace(/\.js$/, '.tsx')];
    const source = candidates.find(existsSync);
    return source === undefined || bundled.has(source)
      ? []
      : [
          `${shown} names ${JSON.stringify(name)}, and may load it by a name that is made up when the server runs, and the bundle does not have it: ` +
            `write \`import(${JSON.stringify(name)})\` in the place of the name`,
        ];
  });
}

function dependenciesOf(projectRoot: string): string[] {
  const file = path.join(projectRoot, 'package.json');
  const { dependencies, optionalDependencies } = existsSync(file) ? readManifest(file) : {};
  return Object.keys({ ...dependencies, ...optionalDependencies }).sort();
}

function canUse(
  { peerDependencies, peerDependenciesMeta, optionalDependencies }: SourcePackage['manifest'],
  name: string,
): boolean {
  return [peerDependencies, peerDependenciesMeta, optionalDependencies].some(group => group?.[name] !== undefined);
}

/** As text: what it imports is bundled, and of types nothing is left. */
function namesIt(source: string, name: string): boolean {
  return new RegExp(`(?<!\\bfrom\\s*|\\bimport\\s*\\(?\\s*|\\brequire\\(\\s*)(['"\`])${escaped(name)}\\1`).test(source);
}
