import path from 'node:path';
import type { ImportedModule } from '../esbuild/imported-modules';
import { packageFinder } from '../esbuild/unbundled-binaries';

interface RequiringTask {
  readonly projectRoot: string;
  readonly nodeModules: readonly string[];
}

/** Why the program would not find what travels along, which it loads by `require` where sources say `import`. */
export function requireProblems(modules: readonly ImportedModule[], task: RequiringTask): string[] {
  return modules.flatMap(module => {
    const { name, notFor } = module;
    if (notFor === undefined || !travels(name, task)) {
      return [];
    }
    const who = importerOf(module, task);
    return notFor === 'either'
      ? [`${who} imports ${name}, which the \`exports\` of ${packageOf(name)} do not have: correct the import`]
      : [
          `${who} imports ${name}, which the \`exports\` of ${packageOf(name)} have for \`import\` alone, and the bundle is CommonJS, which loads it by \`require\`: ` +
            `leave ${packageOf(name)} out of \`nodeModules\`, so that it is bundled, or load it by \`await import(…)\``,
        ];
  });
}

/** Of what neither the bundle nor its modules have: sources of the project, which load it at the start. */
export function leftOutWarnings(modules: readonly ImportedModule[], task: RequiringTask): string[] {
  const ownerOf = packageFinder(task.projectRoot);
  return modules.flatMap(({ name, importers }) => {
    const own = importers.find(file => ownerOf(path.dirname(file)) === undefined);
    return own === undefined || travels(name, task)
      ? []
      : [
          `${shown(own, task)} imports ${name}, which \`externalModules\` leaves out, and the base image of Node.js does not have: ` +
            `take it out of \`externalModules\`, so that it is bundled, or name ${packageOf(name)} in \`nodeModules\``,
        ];
  });
}

function travels(name: string, { nodeModules }: RequiringTask): boolean {
  return nodeModules.includes(packageOf(name));
}

function importerOf({ importers: [importer = ''] }: ImportedModule, task: RequiringTask): string {
  return packageFinder(task.projectRoot)(path.dirname(importer))?.name ?? shown(importer, task);
}

function shown(file: string, { projectRoot }: RequiringTask): string {
  return path.relative(projectRoot, file).split(path.sep).join('/');
}

/** The package of what is imported: `@scope/name/file` is in `@scope/name`. */
function packageOf(name: string): string {
  return /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name;
}
