import { existsSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import type { OwnPlace } from '../esbuild/import-meta';
import { escaped } from '../modules/patched';
import { packageFinder } from '../esbuild/unbundled-binaries';

/** Ways of a source to name a file beside itself, with the path in quotes. */
const NAMED = [
  /new\s+URL\(\s*['"`]([^'"`$:]+)['"`]\s*,\s*import\.meta\.url/g,
  /(?:join|resolve)\(\s*(?:__dirname|import\.meta\.dirname|(?:path\.)?dirname\(\s*fileURLToPath\(\s*import\.meta\.url\s*\)\s*\))\s*,\s*((?:['"`][^'"`$]+['"`]\s*,?\s*)+)\)/g,
  /(?:__dirname|import\.meta\.dirname)\s*\+\s*['"`]\/([^'"`$]+)/g,
  /`\$\{(?:__dirname|import\.meta\.dirname)\}\/([^'"`$]+)`/g,
  /require\.resolve\(\s*['"`](\.[^'"`$]+)/g,
];
const REQUIRED =
  /\brequire\w*\(\s*['"`]([^'"`$]+)['"`]|createRequire\(\s*import\.meta\.url\s*\)\(\s*['"`]([^'"`$]+)['"`]/g;

/** Whether a use of what a module calls itself asks for a file: a comparison with the program that was started does not. */
function asksForFile({ field, before, after }: OwnPlace): boolean {
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
  places: readonly OwnPlace[],
  task: { readonly projectRoot: string; readonly entry: string; readonly assets: readonly string[] },
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
  return [
    ...[...packages]
      .sort()
      .map(
        name =>
          `\`entry\` imports ${name}, which looks for files by its own place, and finds the bundle there: name it, or what imports it, in \`nodeModules\`, unless the server does without them`,
      ),
    ...problems,
  ];
}

/** `createRequire(import.meta.url)`: by itself it gives ES modules what CommonJS has. */
function isCreateRequire({ field, before }: OwnPlace): boolean {
  return field !== 'dirname' && /createRequire\)?\($/.test(before);
}

function requiresFiles(text: string): boolean {
  return [...text.matchAll(REQUIRED)].some(([, first, second]) => !isBuiltin(first ?? second ?? ''));
}

/** Calls of what `createRequire` has made, by the names that a source gives it. */
function ownRequires(text: string): RegExp[] {
  return [...text.matchAll(/(?<![\w$.])([\w$]+)(?:\s*:\s*[\w.]+)?\s*=\s*(?:[\w$]+\.)?createRequire\(/g)].map(
    ([, name = '']) => new RegExp(`(?<![\\w$.])${escaped(name)}\\(\\s*['"\`]([^'"\`$]+)['"\`]`, 'g'),
  );
}

function ownSourceProblems(
  source: string,
  text: string,
  {
    projectRoot,
    entry,
    assets,
  }: { readonly projectRoot: string; readonly entry: string; readonly assets: readonly string[] },
): string[] {
  const required = /createRequire\(/.test(text)
    ? [REQUIRED, ...ownRequires(text)]
        .flatMap(expression => [...text.matchAll(expression)])
        .map(([, first, second]) => first ?? second ?? '')
        .filter(name => name.startsWith('.'))
    : [];
  const named = NAMED.flatMap(expression => [...text.matchAll(expression)]).map(
    ([, name = '']) => [...name.matchAll(/['"`]([^'"`]+)['"`]/g)].map(([, part = '']) => part).join('/') || name,
  );
  const root = path.dirname(entry);
  return [...new Set([...named, ...required])].flatMap(name => {
    const target = path.resolve(path.dirname(source), name);
    const file = existsSync(target) ? target : target.replace(/\.([cm]?)js$/, '.$1ts');
    const there = path.posix.normalize(name.replaceAll('\\', '/'));
    if (!existsSync(file) || file === source) {
      return [];
    }
    const place = path.relative(root, target).split(path.sep).join('/');
    const travels = assets
      .map(asset => path.posix.normalize(asset))
      .some(asset => place === asset || place.startsWith(`${asset}/`));
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
      `${shown} looks for ${JSON.stringify(name)} by its own place, and the bundle does not have it there: ${remedy}`,
    ];
  });
}
