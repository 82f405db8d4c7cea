import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { readManifest, type Manifest } from '../modules/manifest';
import { builtByScript, platformPackagesOf } from '../modules/node-packages';

/** A source of a bundle, and the sources that it imports, by their absolute paths. */
export interface BundledSource {
  readonly file: string;
  readonly imports: readonly string[];
}

/** A package in a bundle that looks for its binary beside itself, where there is none. */
export interface UnbundledBinary {
  /** What is wrong, and what to do about it. */
  readonly problem: string;

  /** Whoever imports it, or imports that, says that it can do without. */
  readonly optional: boolean;
}

export interface SourcePackage {
  readonly folder: string;
  readonly name: string;
  readonly manifest: Manifest;
}

/** The packages among the sources of a bundle that need a binary. esbuild bundles their JavaScript without a word. */
export function unbundledBinaries(sources: readonly BundledSource[], projectRoot: string): UnbundledBinary[] {
  const packageOf = packageFinder(projectRoot);
  const importers = new Map<SourcePackage, Set<SourcePackage | undefined>>();
  for (const { file, imports } of sources) {
    const importer = packageOf(path.dirname(file));
    for (const imported of imports.map(target => packageOf(path.dirname(target)))) {
      if (imported !== undefined && imported !== importer) {
        importers.set(imported, (importers.get(imported) ?? new Set()).add(importer));
      }
    }
  }
  // What only packages need that the server can do without, it can do without, too.
  const needed = new Set<SourcePackage | undefined>([undefined]);
  for (const importer of needed) {
    for (const [imported, by] of importers) {
      if (by.has(importer) && !isOptional(imported.name, importer)) {
        needed.add(imported);
      }
    }
  }
  return [...importers].flatMap(([imported, by]) => {
    const binary = binaryOf(imported);
    return binary === undefined
      ? []
      : [{ problem: problemOf(imported.name, binary, [...by]), optional: !needed.has(imported) }];
  });
}

function problemOf(name: string, binary: string, importers: readonly (SourcePackage | undefined)[]): string {
  const packages = importers.flatMap(importer => importer?.name ?? []).sort();
  const by = packages.length === 0 ? '' : ` (by ${packages.join(', ')})`;
  const named = packages.length === 0 ? name : `${name}, or what imports it,`;
  return (
    `\`entry\` imports ${name}${by}, which needs a binary: ${binary}; only JavaScript can be bundled: name ${named} in \`nodeModules\`, ` +
    'or in `externalModules` if the server can do without'
  );
}

/** Undefined when it needs none. */
function binaryOf({ folder, manifest }: SourcePackage): string | undefined {
  const [platformPackage] = platformPackagesOf(manifest);
  if (platformPackage !== undefined) {
    return `${platformPackage[0]}, one of its optional dependencies`;
  }
  const script = builtByScript(manifest, existsSync(path.join(folder, 'binding.gyp')));
  return script === undefined ? addonIn(folder, '') : `what its install script makes (${JSON.stringify(script)})`;
}

/**
 * Looks neither into packages of its own, nor into what tools leave in the folder of a package that is being worked on.
 */
function addonIn(folder: string, below: string): string | undefined {
  for (const entry of readdirSync(path.join(folder, below), { withFileTypes: true })) {
    const name = below === '' ? entry.name : `${below}/${entry.name}`;
    if (!entry.isDirectory()) {
      if (name.endsWith('.node')) {
        return name;
      }
    } else if (!/^(?:node_modules|cdk\.out|\..*)$/.test(entry.name)) {
      const found = addonIn(folder, name);
      if (found !== undefined) {
        return found;
      }
    }
  }
  return undefined;
}

function isOptional(name: string, importer: SourcePackage | undefined): boolean {
  return (
    importer?.manifest.optionalDependencies?.[name] !== undefined ||
    importer?.manifest.peerDependenciesMeta?.[name]?.optional === true
  );
}

/** Tells the package that a folder belongs to; undefined for the project itself, whose sources are no package. */
export function packageFinder(projectRoot: string): (folder: string) => SourcePackage | undefined {
  const known = new Map<string, SourcePackage | undefined>();
  const find = (folder: string): SourcePackage | undefined => {
    if (folder === projectRoot || folder === path.dirname(folder) || path.basename(folder) === 'node_modules') {
      return undefined;
    }
    return packageAt(folder) ?? packageOf(path.dirname(folder));
  };
  const packageOf = (folder: string): SourcePackage | undefined => {
    if (!known.has(folder)) {
      known.set(folder, find(folder));
    }
    return known.get(folder);
  };
  return packageOf;
}

/** How messages name a source: by its package, or where it is the project's own, by its path there. */
export function sourceName(packageOf: ReturnType<typeof packageFinder>, projectRoot: string, file: string): string {
  return packageOf(path.dirname(file))?.name ?? path.relative(projectRoot, file).split(path.sep).join('/');
}

/** Manifests without a name are no packages: they say which module system the files of a folder use. */
function packageAt(folder: string): SourcePackage | undefined {
  const file = path.join(folder, 'package.json');
  const manifest = existsSync(file) ? readManifest(file) : undefined;
  if (manifest?.name === undefined) {
    return undefined;
  }
  // What imports it knows it by the name of its folder, which is another one for an alias.
  const [, installedAs] = /[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)$/.exec(folder) ?? [];
  return { folder, name: installedAs?.replace('\\', '/') ?? manifest.name, manifest };
}
