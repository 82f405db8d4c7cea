import path from 'node:path';
import type { Message } from 'esbuild';
import { findInstalled, installCommand } from '../modules/manifest';
import { hasPath, tsconfigOf } from './tsconfig';
import { packageFinder } from './unbundled-binaries';

/**
 * What to do about an error of esbuild: it may lie in a package, which nobody corrects.
 *
 * @param tsconfig - the one for all sources; undefined where each has the nearest one
 */
export function compileAdvice({ text, location }: Message, projectRoot: string, tsconfig?: string): string {
  const option = optionAdvice(text, location) ?? pathsAdvice(text, location, { projectRoot, tsconfig });
  if (option !== undefined) {
    return option;
  }
  const folder = location === null ? undefined : path.dirname(path.resolve(projectRoot, location.file));
  const name = folder === undefined ? undefined : packageFinder(projectRoot)(folder)?.name;
  return missingLoader(text, name) ?? (name === undefined ? ownAdvice(text, projectRoot) : packageAdvice(text, name));
}

/** What to do about a warning of esbuild, in the place of a bare text. */
export function warningAdvice({ text, location }: Message, projectRoot: string): string {
  // Sources in TypeScript import each other by the names that they have when they are compiled.
  if (/^The glob pattern .* did not match any files/.test(text)) {
    return ': nothing of it is in the bundle; end the pattern as the sources do (".ts"), or import each of them by its name';
  }
  const folder = location === null ? undefined : path.dirname(path.resolve(projectRoot, location.file));
  const name = folder === undefined ? undefined : packageFinder(projectRoot)(folder)?.name;
  return name !== undefined && /should be marked as external for use with "require\.resolve"/.test(text)
    ? `: the bundle does not have it; name ${name}, or what imports it, in \`nodeModules\``
    : '';
}

/** What esbuild does not take of what the user says to it. */
const OPTIONS: readonly (readonly [RegExp, string])[] = [
  [/^Invalid define value|^The define key/, 'define'],
  [/^Invalid alias/, 'alias'],
  [/^Invalid file extension|^Invalid loader/, 'loader'],
  [/^Invalid condition/, 'conditions'],
  [/^Invalid main field/, 'mainFields'],
];

function optionAdvice(text: string, location: Message['location']): string | undefined {
  const [, option] = OPTIONS.find(([pattern]) => pattern.test(text)) ?? [];
  const named = location?.file === '(define name)' ? 'define' : option;
  return named === undefined ? undefined : `correct \`${named}\``;
}

/** esbuild takes one configuration for all sources, or the nearest of each. */
function pathsAdvice(
  text: string,
  location: Message['location'],
  { projectRoot, tsconfig }: { readonly projectRoot: string; readonly tsconfig: string | undefined },
): string | undefined {
  const [, name] = /^Could not resolve "([^./][^"]*)"/.exec(text) ?? [];
  if (name === undefined || location === null || tsconfig === undefined) {
    return undefined;
  }
  const own = tsconfigOf(path.resolve(projectRoot, location.file));
  return own === undefined || own === tsconfig || !hasPath(own, name)
    ? undefined
    : `${own} has ${name} in its \`paths\`, and all sources are compiled by ${tsconfig} here, the one of \`entry\`: ` +
        'name it in `paths` of that one, too, or of a base that both extend, or import it by the name of its package';
}

/** @param importer - the package that imports what there is no loader for */
function missingLoader(text: string, importer: string | undefined): string | undefined {
  const [, addon] = /^No loader is configured for "\.node" files: (.*)/.exec(text) ?? [];
  if (addon !== undefined) {
    if (importer !== undefined) {
      // The addon may be one of this machine, in a package of its own.
      return `name ${importer}, or what imports it, in \`nodeModules\`, as only JavaScript can be bundled, or in \`externalModules\` if the server can do without`;
    }
    const [, packageName] = /^.*(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(addon) ?? [];
    return packageName === undefined
      ? `name ${addon} in \`assets\`, and load it by \`require(path.join(__dirname, ...))\`, as only JavaScript can be bundled`
      : `name ${packageName} in \`nodeModules\`, as only JavaScript can be bundled, or in \`externalModules\` if the server can do without`;
  }
  const [, extension, file = ''] = /^No loader is configured for "([^"]+)" files: (.*)/.exec(text) ?? [];
  if (extension === undefined) {
    return undefined;
  }
  const [, packageName] = /^.*(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file) ?? [];
  return packageName === undefined
    ? `have it loaded by \`loader\`, as in \`{ ${JSON.stringify(extension)}: 'text' }\`, or name the file in \`assets\`, and read it from there`
    : `name ${packageName} in \`nodeModules\`, since only JavaScript, JSON and text can be bundled`;
}

function packageAdvice(text: string, name: string): string {
  const named = `name ${name}, or what imports it, in \`nodeModules\``;
  if (text.startsWith('Top-level await')) {
    return `${named}, and load it by \`await import(…)\`, since the bundle is CommonJS, which has no top-level \`await\``;
  }
  return /^Could not resolve/.test(text)
    ? `${named}, since it looks for a file that is made when it is installed, or for a package that is not installed; or in \`externalModules\` if the server can do without`
    : `${named}, since it cannot be bundled as it is, or in \`externalModules\` if the server can do without`;
}

function ownAdvice(text: string, projectRoot: string): string {
  const [, name = '', packageName = ''] = /^Could not resolve "(((?:@[^/"]+\/)?[^/"]+)[^"]*)"/.exec(text) ?? [];
  if (/^\w+:/.test(name)) {
    return `use what Node.js has instead of ${name}, or name it in \`externalModules\` if the server can do without`;
  }
  if (packageName !== '' && findInstalled(packageName, projectRoot) !== undefined) {
    return (
      `${packageName} is installed, and does not have what is imported: build it if it is a package of this repository, ` +
      'name the condition that its `exports` have it under in `conditions`, or correct the import'
    );
  }
  if (/^Could not resolve "[^./]/.test(text)) {
    return (
      `install what is missing ("${installCommand(projectRoot)}" in ${projectRoot}), or name it in \`externalModules\` if the server can do without; ` +
      'what is no package must be in `paths` of the nearest tsconfig.json'
    );
  }
  if (text.startsWith('Top-level await')) {
    return 'move `await` into an async function, as the bundle is CommonJS';
  }
  return /^This require call is not allowed because/.test(text)
    ? 'load it by `await import(…)`, since the bundle is CommonJS, and name it in `nodeModules` if it is a package'
    : 'correct the source and synthesize again';
}
