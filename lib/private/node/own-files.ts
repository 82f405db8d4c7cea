import { existsSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import type { EsbuildResult } from '../esbuild/esbuild';
import type { OwnPlace } from '../esbuild/import-meta';
import { findInstalled } from '../modules/manifest';
import { packageMatcher, packageOfImport } from '../modules/package-name';
import { packageFinder } from '../esbuild/unbundled-binaries';
import { modulesIn, namedFiles } from './named-files';

const REQUIRED =
  /\brequire\w*\(\s*['"`]([^'"`$]+)['"`]|createRequire\(\s*import\.meta\.url\s*\)\(\s*['"`]([^'"`$]+)['"`]/g;

/** Whether a use of what a module calls itself asks for a file: a comparison with the program that was started does not. */
export function asksForFile({ field, before, after }: OwnPlace): boolean {
  if (field === '') {
    return after.startsWith('.resolve(');
  }
  // By itself it names itself, in stack traces for example.
  if (
    field === 'filename' &&
    /typeof __\w+\.filename *(?:[!=]==?|<) *"\w+" *\? *$/.test(before) &&
    /^ *: *void 0/.test(after)
  ) {
    return false;
  }
  return (
    ['url', 'dirname', 'filename'].includes(field) &&
    !/typeof $/.test(before) &&
    !/process\.argv[^;]*$/.test(before) &&
    !/^[^;]*process\.argv/.test(after.slice(0, 60)) &&
    !/(?:[!=]==? *|required\??\.filename[^;]*)$/.test(before) &&
    !/^ *[!=]==?/.test(after)
  );
}

/** What is to be said about the sources of a bundle that load files by their own place, where those are not. */
export function ownFileProblems(
  { places, requires }: Pick<EsbuildResult, 'places' | 'requires'>,
  task: OwnFilesTask,
): string[] {
  const packageOf = packageFinder(task.projectRoot);
  const sources = new Map<string, OwnPlace[]>();
  for (const place of places.filter(asksForFile)) {
    if (place.source !== undefined && existsSync(place.source)) {
      sources.set(place.source, [...(sources.get(place.source) ?? []), place]);
    }
  }
  const packages = new Set<string>();
  const problems: string[] = [];
  for (const [source, uses] of sources) {
    const name = packageOf(path.dirname(source))?.name;
    const text = readFileSync(source, 'utf8');
    if (name === undefined) {
      problems.push(...ownSourceProblems(source, text, task));
    } else if (uses.some(use => !isCreateRequire(use)) || requiresFiles(text)) {
      packages.add(name);
    }
  }
  const isExternal = packageMatcher(task.external);
  // What tools make of a package has its `require` in a file of its own.
  for (const { name, source } of requires) {
    if (source === undefined || isExternal(packageOfImport(name)) || !isThere(name, path.dirname(source))) {
      continue;
    }
    const owner = packageOf(path.dirname(source))?.name;
    if (owner !== undefined) {
      packages.add(owner);
    } else if (isPackage(name)) {
      problems.push(moduleProblem(source, name, task));
    }
  }
  return [
    ...[...packages]
      .sort()
      .map(
        name =>
          `\`entry\` imports ${name}, which looks for files by its own place, and finds the bundle there: name it, or what imports it, in \`nodeModules\`, unless the server does without them`,
      ),
    ...new Set(problems),
  ];
}

/** `createRequire(import.meta.url)`: by itself it gives ES modules what CommonJS has. */
function isCreateRequire({ field, before }: OwnPlace): boolean {
  return field !== 'dirname' && /createRequire\)?\($/.test(before);
}

function requiresFiles(text: string): boolean {
  return [...text.matchAll(REQUIRED)].some(([, first, second]) => !isBuiltin(first ?? second ?? ''));
}

interface OwnFilesTask {
  readonly projectRoot: string;
  readonly entry: string;
  readonly assets: readonly string[];

  /** Patterns of what is not bundled. */
  readonly external: readonly string[];
}

function ownSourceProblems(source: string, text: string, task: OwnFilesTask): string[] {
  return [...fileProblems(source, text, task), ...moduleProblems(source, text, task)];
}

/** A package that no bundler sees, since the source loads it by a `require` of its own. */
function moduleProblems(source: string, text: string, task: OwnFilesTask): string[] {
  const isExternal = packageMatcher(task.external);
  return modulesIn(text)
    .filter(name => isPackage(name) && !isExternal(packageOfImport(name)))
    .map(name => moduleProblem(source, name, task));
}

/** In a program that was minified, the name of a `require` may be that of something else elsewhere. */
function isThere(name: string, folder: string): boolean {
  return isPackage(name)
    ? findInstalled(packageOfImport(name), folder) !== undefined
    : name.startsWith('.') && existsSync(path.join(folder, name));
}

function isPackage(name: string): boolean {
  return !/^[./]|:/.test(name) && !isBuiltin(name);
}

function moduleProblem(source: string, name: string, { projectRoot }: OwnFilesTask): string {
  return `${path.relative(projectRoot, source)} looks for ${JSON.stringify(name)} by a \`require\` of its own, or by \`import.meta.resolve\`, and the bundle does not have it: import it by \`import\`, or name ${packageOfImport(name)} in \`nodeModules\``;
}

function fileProblems(source: string, text: string, { projectRoot, entry, assets }: OwnFilesTask): string[] {
  const root = path.dirname(entry);
  const own = path.dirname(source);
  const targets = namedFiles(text).flatMap(named => {
    const name = path.posix.normalize(named.name.replaceAll('\\', '/')).replace(/(?<=.)\/$/, '');
    const found = foldersFrom(own, named.above ? projectRoot : own).find(folder => fileAt(path.join(folder, name)));
    const target = path.join(found ?? own, name);
    const file = fileAt(target);
    return file === undefined || file === source
      ? []
      : [{ name: path.relative(own, target).split(path.sep).join('/'), target, file }];
  });
  // Of its own folders, it looks for something in them.
  const files = targets.filter(({ name }) => !/^(?:\.\.\/?)*$/.test(name));
  const wanted = files.length > 0 ? files : targets.filter(({ name }) => name !== '');
  return [...new Map(wanted.map(file => [file.name, file])).values()].flatMap(({ name: there, target, file }) => {
    const place = path.relative(root, target).split(path.sep).join('/');
    const travels = assets
      .map(asset => path.posix.normalize(asset))
      .some(asset => place === asset || place.startsWith(`${asset}/`) || asset.startsWith(`${place}/`));
    if (travels && place === there) {
      return [];
    }
    const shown = path.relative(projectRoot, source);
    const remedy =
      place.startsWith('..') || there.startsWith('..')
        ? `import it by \`import\`, or have it below the folder of \`entry\` and name it in \`assets\``
        : travels
          ? `the bundle lies where \`entry\` does: look for ${JSON.stringify(place)} from there`
          : `name ${JSON.stringify(place)} in \`assets\`${file === target ? '' : ', compiled'}`;
    return [
      `${shown} looks for ${JSON.stringify(there)} by its own place, and the bundle does not have it there: ${remedy}`,
    ];
  });
}

/** A folder and those above it, up to another one. */
function foldersFrom(folder: string, last: string): string[] {
  return folder === last || folder === path.dirname(folder)
    ? [folder]
    : [folder, ...foldersFrom(path.dirname(folder), last)];
}

/** What is there, or what it is compiled from. */
function fileAt(target: string): string | undefined {
  return [target, target.replace(/\.([cm]?)js$/, '.$1ts')].find(existsSync);
}
