import path from 'node:path';
import { fetchPackages, type PublishedPackage } from './fetched-packages';
import { hasBindingGyp, type InstalledModule, type InstalledModules } from './installed-modules';
import { lockOf, npmLock, type Lock, type LockedPackage } from './lock-files';
import { nearest } from './manifest';
import { runsWhenInstalled } from './node-packages';
import { patchFinder } from './patched';

/** A version, as against a range of them. */
const EXACT = /^\d+\.\d+\.\d+(?:[-+][\w.+-]+)?$/;

/**
 * The packages of a project that are fetched as they were published, by the origin that the project has for them. A
 * name alone fetches nothing: who owns it in a registry need not be who owns it in the project.
 */
export class PublishedModules {
  private readonly lock: Lock | undefined;
  /** What npm has written down about what is installed, where the project has no lock file. */
  private readonly installedLock: Lock | undefined;
  private readonly isPatched: (name: string) => boolean;
  private readonly fetched = new Map<InstalledModule, InstalledModule>();
  private readonly problems = new Map<InstalledModule, string[]>();
  private readonly done = new Set<InstalledModule>();

  /** @param subject - what the user has named, in the plural */
  public constructor(
    private readonly subject: string,
    private readonly projectRoot: string,
    private readonly installed: InstalledModules,
    private readonly report: (line: string) => void,
  ) {
    this.lock = lockOf(projectRoot);
    const hidden = nearest(path.join('node_modules', '.package-lock.json'), projectRoot);
    this.installedLock = hidden === undefined ? undefined : npmLock(hidden);
    this.isPatched = patchFinder(projectRoot);
  }

  /** A package as it was published, or as the project has it. */
  public of(module: InstalledModule): InstalledModule {
    return this.fetched.get(module) ?? module;
  }

  public problemsOf(module: InstalledModule): readonly string[] {
    return this.problems.get(module) ?? [];
  }

  /** What is fetched may itself need what is not there. */
  public fetch(): void {
    for (;;) {
      const modules = this.installed.all.filter(module => !this.done.has(module));
      if (modules.length === 0) {
        return;
      }
      const wanted = modules.flatMap(module => this.wantedBy(module));
      const folders = fetchPackages(
        this.projectRoot,
        wanted.map(({ published }) => published),
        this.report,
      );
      wanted.forEach(({ take }, index) => {
        take(folders[index] ?? '');
      });
    }
  }

  private wantedBy(module: InstalledModule): Wanted[] {
    this.done.add(module);
    const origin = this.ownOrigin(module);
    const itself: Wanted[] =
      origin === undefined
        ? []
        : [{ published: origin, take: folder => this.fetched.set(module, { ...module, folder, linked: false }) }];
    const binaries = module.platformPackages.flatMap(([name, range]) => {
      const published = this.platformOrigin(module, name, range);
      if (typeof published === 'string') {
        this.problems.set(module, [...this.problemsOf(module), published]);
        return [];
      }
      return [
        {
          published,
          take: (folder: string) => {
            const binary = this.installed.at(folder, module.folder);
            module.needs.set(name, { module: binary, optional: false });
          },
        },
      ];
    });
    return [...itself, ...binaries];
  }

  /** Undefined for a package that is taken as it lies there. */
  private ownOrigin(module: InstalledModule): PublishedPackage | undefined {
    const { manifest, linked } = module;
    const { name = '', version = '' } = manifest;
    if (linked || !runsWhenInstalled(manifest, hasBindingGyp(module)) || this.isPatched(name)) {
      return undefined;
    }
    const locked = this.lock?.find(name, version) ?? this.installedLock?.find(name, version);
    return locked?.integrity !== undefined && isRegistry(locked) ? { name, version, ...locked } : undefined;
  }

  /** Or why it cannot be fetched. */
  private platformOrigin(module: InstalledModule, asked: string, range: string): PublishedPackage | string {
    const [, alias, aliased] = /^npm:((?:@[^/]+\/)?[^@]+)@(.+)$/.exec(range) ?? [];
    const name = alias ?? asked;
    const exact = (aliased ?? range).replace(/^=?v?/, '');
    const needs = `${this.subject} need ${module.manifest.name ?? module.folder}, whose binary for Linux on arm64, ${name}@${exact}, is not installed here`;
    if (this.lock !== undefined) {
      const [only, ...others] = this.lock.versions(name);
      const version = EXACT.test(exact) || others.length > 0 || only === undefined ? exact : only;
      const locked = this.lock.find(name, version);
      if (locked !== undefined && isRegistry(locked)) {
        return { name, version, ...locked };
      }
      return locked === undefined
        ? `${needs}, and ${this.lock.file} does not have it: remove \`node_modules\` and that file, and install again`
        : `${needs}, and ${this.lock.file} has it from ${locked.resolved ?? 'no registry'}; a registry is allowed: install it from there`;
    }
    const { name: by = '', version: byVersion = '' } = module.manifest;
    const locked = this.installedLock?.find(by, byVersion);
    if (!EXACT.test(exact) || locked?.resolved === undefined || !isRegistry(locked)) {
      return `${needs}, and no lock file says where it comes from: have the package manager of the project write one (with npm: "npm install --package-lock-only")`;
    }
    return { name, version: exact };
  }
}

interface Wanted {
  readonly published: PublishedPackage;
  readonly take: (folder: string) => void;
}

/** From a Git repository, a folder or a file, something else than from a registry may have the same name. */
function isRegistry({ resolved }: LockedPackage): boolean {
  return resolved === undefined || /^https?:/.test(resolved);
}
