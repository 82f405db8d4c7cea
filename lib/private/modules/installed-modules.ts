import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { findInstalled, readManifest, type Manifest } from './manifest';
import { generatedFor, neededBy, platformPackagesOf } from './node-packages';

/** A package as a project has it, and what it needs as Node.js would find it: whatever installed it has decided so. */
export interface InstalledModule {
  /** Its folder, behind all links. */
  readonly folder: string;
  readonly manifest: Manifest;

  /** It belongs to the same repository, and was linked: its folder has more than would be published. */
  readonly linked: boolean;

  /** By the names that it imports them by. */
  readonly needs: Map<string, Need>;

  /** What it needs and cannot do without, and is not there. */
  readonly missing: string[];

  /** Packages with its binary for Linux on arm64 that are not there, and their versions. */
  readonly platformPackages: [name: string, version: string][];
}

export interface Need {
  readonly module: InstalledModule;
  readonly optional: boolean;
}

/** Follows what packages need through the folders of a project, as Node.js does. */
export class InstalledModules {
  private readonly known = new Map<string, InstalledModule>();

  /**
   * @param isLeftOut - tells by its name that a package stays behind, whoever needs it
   * @param chosen - what the project itself depends on
   */
  public constructor(
    private readonly isLeftOut: (name: string) => boolean,
    private readonly chosen: ReadonlySet<string>,
  ) {}

  public get all(): readonly InstalledModule[] {
    return [...this.known.values()];
  }

  /** Undefined when it is not installed. */
  public find(name: string, folder: string): InstalledModule | undefined {
    const manifest = findInstalled(name, folder);
    // Where it links packages, Yarn has a manifest alone of those that are for other platforms.
    return manifest === undefined || readManifest(manifest).mocked === true
      ? undefined
      : this.at(realpathSync(path.dirname(manifest)));
  }

  /**
   * A package in a folder of its own.
   *
   * @param above - the folder of the package that needs it, whose packages it finds, too
   */
  public at(folder: string, above: string = folder): InstalledModule {
    const known = this.known.get(folder);
    if (known !== undefined) {
      return known;
    }
    const manifest = readManifest(path.join(folder, 'package.json'));
    const module: InstalledModule = {
      folder,
      manifest,
      linked: !folder.split(path.sep).includes('node_modules') && above === folder,
      needs: new Map(),
      missing: [],
      platformPackages: [],
    };
    this.known.set(folder, module);
    const platformPackages = new Map(platformPackagesOf(manifest));
    const generated = generatedFor(manifest).filter(name => findInstalled(name, above) !== undefined);
    const needed = [...neededBy(manifest, this.chosen), ...generated.map(name => [name, false] as const)];
    for (const [name, optional] of needed.sort(([left], [right]) => (left < right ? -1 : 1))) {
      if (this.isLeftOut(name)) {
        continue;
      }
      const found = this.find(name, above);
      const version = platformPackages.get(name);
      if (found !== undefined) {
        module.needs.set(name, { module: found, optional });
      } else if (version !== undefined) {
        module.platformPackages.push([name, version]);
      } else if (!optional && manifest.peerDependencies?.[name] === undefined) {
        module.missing.push(name);
      }
    }
    return module;
  }
}

export function hasBindingGyp({ folder }: InstalledModule): boolean {
  return existsSync(path.join(folder, 'binding.gyp'));
}
