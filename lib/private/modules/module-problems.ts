import { foreignBinaries, withoutForeign } from '../program/native-binaries';
import type { ProgramFile } from '../program/program-files';
import type { InstalledModule } from './installed-modules';
import { entryProblem } from './module-entry';
import { builtByScript, isForPlatform, platformPackagesOf } from './node-packages';

export interface ModuleContents {
  readonly files: readonly ProgramFile[];
  readonly problems: readonly string[];
}

export interface CheckedModules {
  /** Why the modules would not work. */
  readonly problems: readonly string[];

  /** What stays behind, since what needs it can do without. */
  readonly warnings: readonly string[];

  readonly files: ReadonlyMap<InstalledModule, readonly ProgramFile[]>;
}

/**
 * Finds out which modules work on the platform of AgentCore Runtime. As npm does, takes those that are optional away
 * from what needs them when they do not.
 *
 * @param subject - what the user has named, in the plural
 */
export function moduleProblems(
  subject: string,
  roots: ReadonlyMap<string, InstalledModule>,
  contentsOf: (module: InstalledModule) => ModuleContents,
): CheckedModules {
  const files = new Map<InstalledModule, readonly ProgramFile[]>();
  const found = new Map<InstalledModule, readonly string[]>();
  const warnings = new Set<string>();
  const check = (module: InstalledModule): readonly string[] => {
    const known = found.get(module);
    if (known !== undefined) {
      return known;
    }
    // What needs each other in a circle waits for nobody.
    found.set(module, []);
    const problems: string[] = [];
    if (isForPlatform(module.manifest)) {
      const contents = contentsOf(module);
      const kept = withoutForeign(contents.files);
      files.set(module, kept);
      problems.push(...ownProblems(subject, module, kept), ...contents.problems);
    } else {
      problems.push(
        `${subject} need ${nameOf(module)}, which is for other platforms than Linux on arm64: use a package that is for it`,
      );
    }
    for (const [name, need] of module.needs) {
      const its = check(need.module);
      if (its.length === 0) {
        continue;
      }
      if (!need.optional) {
        problems.push(...its);
        continue;
      }
      module.needs.delete(name);
      // Binaries for other platforms are not missed.
      if (isForPlatform(need.module.manifest)) {
        warnings.add(`${name} stays behind, which ${nameOf(module)} can do without: ${its.join('; ')}`);
      }
    }
    found.set(module, problems);
    return problems;
  };
  const problems = [...new Set([...roots.values()].flatMap(module => check(module)))];
  return { problems, warnings: [...warnings], files };
}

function ownProblems(subject: string, module: InstalledModule, files: readonly ProgramFile[]): string[] {
  const { manifest, missing } = module;
  const name = nameOf(module);
  const script = builtByScript(
    manifest,
    files.some(file => file.name === 'binding.gyp'),
  );
  const foreign = foreignBinaries(files);
  // What is published was tried by others.
  const entry = module.linked ? entryProblem(manifest, files) : undefined;
  const problems = [
    ...missing.map(
      needed => `${subject} need ${name}, and ${needed}, which it needs, is not installed: install the project again`,
    ),
    ...(entry === undefined ? [] : [`${subject} need ${name}, which ${entry}`]),
  ];
  const builds = script !== undefined && platformPackagesOf(manifest).length === 0;
  if (builds && !files.some(file => isAddon(file) && foreignBinaries([file]).length === 0)) {
    return [
      ...problems,
      `${subject} need ${name}, whose binary is made by its install script (${JSON.stringify(script)}), for the machine ` +
        'that it runs on; only packages that bring a binary for Linux on arm64 are allowed: use another version or package, ' +
        '`externalModules` if the server can do without, or `McpServerCode.fromDockerfile`',
    ];
  }
  return [
    ...problems,
    ...foreign.map(
      binary =>
        `${subject} bring ${name}/${binary}; only binaries for Linux on arm64 are allowed: use a version that has them, or \`externalModules\` if the server can do without`,
    ),
  ];
}

function isAddon({ name }: ProgramFile): boolean {
  return name.endsWith('.node');
}

function nameOf({ manifest, folder }: InstalledModule): string {
  return manifest.name ?? folder;
}
