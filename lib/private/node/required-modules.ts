import path from 'node:path';
import type { ImportedModule } from '../esbuild/imported-modules';
import { packageFinder, sourceName } from '../esbuild/unbundled-binaries';
import { packageOfImport } from '../modules/package-name';

interface RequiringTask {
  readonly projectRoot: string;
  readonly nodeModules: readonly string[];
}

/** Why the program would not find what travels along, which it loads by `require` where sources say `import`. */
export function requireProblems(
  modules: readonly ImportedModule[],
  { projectRoot, nodeModules }: RequiringTask,
): string[] {
  const packageOf = packageFinder(projectRoot);
  return modules.flatMap(({ name, notFor, importers: [importer = ''] }) => {
    const owner = packageOfImport(name);
    if (notFor === undefined || !nodeModules.includes(owner)) {
      return [];
    }
    const importing = `${sourceName(packageOf, projectRoot, importer)} imports ${name}, which the \`exports\` of ${owner}`;
    return notFor === 'either'
      ? [`${importing} do not have: correct the import`]
      : [
          `${importing} have for \`import\` alone, and the bundle is CommonJS, which loads it by \`require\`: ` +
            `leave ${owner} out of \`nodeModules\`, so that it is bundled, or load it by \`await import(…)\``,
        ];
  });
}

/** Of what neither the bundle nor its modules have: sources of the project, which load it at the start. */
export function leftOutWarnings(
  modules: readonly ImportedModule[],
  { projectRoot, nodeModules }: RequiringTask,
): string[] {
  const packageOf = packageFinder(projectRoot);
  return modules.flatMap(({ name, importers }) => {
    const owner = packageOfImport(name);
    const own = importers.find(file => packageOf(path.dirname(file)) === undefined);
    return own === undefined || nodeModules.includes(owner)
      ? []
      : [
          `${sourceName(packageOf, projectRoot, own)} imports ${name}, which \`externalModules\` leaves out, and the base image of Node.js does not have: ` +
            `take it out of \`externalModules\`, so that it is bundled, or name ${owner} in \`nodeModules\``,
        ];
  });
}
