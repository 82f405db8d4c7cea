/**
 * No name that a server has itself: where it had, its own value would be taken. `__dirname` and `__filename` are such
 * names in ES modules.
 */
const NAME = '__bundleImportMeta';

const BANNER = `const ${NAME}={url:require("node:url").pathToFileURL(__filename).href,dirname:__dirname,filename:__filename};`;
const STRICT = '"use strict";';

/**
 * What gives ES modules their `import.meta` in a CommonJS bundle, as options of esbuild: that of the bundle itself.
 *
 * esbuild leaves it empty, in packages without a warning, and `fileURLToPath(import.meta.url)` then fails when the
 * server starts.
 */
export const IMPORT_META = {
  define: Object.fromEntries(['url', 'dirname', 'filename'].map(field => [`import.meta.${field}`, `${NAME}.${field}`])),
  banner: { js: BANNER },
};

/** The same, for a program that is in strict mode. */
export const STRICT_IMPORT_META = { ...IMPORT_META, banner: { js: STRICT + BANNER } };

/** Whether a program was in strict mode if the banner did not stand before its directive. */
export function losesStrictMode(program: string): boolean {
  return program.includes(`${BANNER}\n${STRICT}`);
}

/** What esbuild would make of a program with the other banner. */
export function inStrictMode(program: string): string {
  return program.replace(BANNER, () => STRICT + BANNER);
}
