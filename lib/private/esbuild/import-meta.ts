import type { PlaceInSource } from './source-map';

/**
 * No names that a server has itself: where it had, its own values would be taken. `__dirname` and `__filename` are such
 * names in ES modules. The second is as long as the first, so that a source map fits both.
 */
const NAME = '__bundleImportMeta';
const IMPORTED_NAME = '__bundledAsImport_';

/** What the `import.meta` of imported modules names, where it matters that it is not the program that was started. */
export const IMPORTED_FILE = 'index.imported.js';

const TO_URL = 'require("node:url").pathToFileURL';

/** As `import.meta.resolve`, which finds what travels along in `node_modules`. */
const RESOLVE = `resolve(n){const f=require.resolve(n);return require("node:path").isAbsolute(f)?${TO_URL}(f).href:f}`;
const BANNER = `const ${NAME}={url:${TO_URL}(__filename).href,dirname:__dirname,filename:__filename,main:require.main===module,required:require.main,${RESOLVE}};`;
const IMPORTED_BANNER =
  `const ${IMPORTED_NAME}={url:${TO_URL}(require("node:path").join(__dirname,"${IMPORTED_FILE}")).href,dirname:__dirname,` +
  `filename:require("node:path").join(__dirname,"${IMPORTED_FILE}"),main:false,required:void 0,${RESOLVE}};`;
const STRICT = '"use strict";';

/** What esbuild writes in the place of what a module calls itself. */
const DEFINE: Readonly<Record<string, string>> = {
  'import.meta': NAME,
  'import.meta.url': `${NAME}.url`,
  'import.meta.dirname': `${NAME}.dirname`,
  'import.meta.filename': `${NAME}.filename`,
  'import.meta.main': `${NAME}.main`,
  __dirname: `${NAME}.dirname`,
  __filename: `${NAME}.filename`,
  'require.main': `${NAME}.required`,
  'process.mainModule': `${NAME}.required`,
};

/**
 * What gives modules their `import.meta` in a CommonJS bundle, as options of esbuild: that of the bundle itself.
 *
 * esbuild leaves it empty, in packages without a warning, and `fileURLToPath(import.meta.url)` then fails when the
 * server starts.
 */
export const IMPORT_META = { define: DEFINE, banner: { js: BANNER } };

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

/** A use of what a module calls itself. */
export interface OwnPlace extends PlaceInSource {
  /** `url`, `dirname`, `filename`, `main`, `required`; empty for `import.meta` as a whole. */
  readonly field: string;
  readonly index: number;

  /** What stands around it in the program. */
  readonly before: string;
  readonly after: string;
}

/** All uses, with the sources that they come from. */
export function ownPlaces(
  program: string,
  placesOf: (indexes: readonly number[]) => readonly PlaceInSource[],
): OwnPlace[] {
  const uses = [...program.matchAll(/__bundleImportMeta(?:\.(url|dirname|filename|main|required)\b)?(?!=\{)/g)].filter(
    ({ index }) => index > program.indexOf(BANNER) + BANNER.length,
  );
  const places = uses.length === 0 ? [] : placesOf(uses.map(({ index }) => index));
  return uses.map(({ 0: text, 1: field = '', index }, number) => ({
    source: places[number]?.source,
    field,
    index,
    before: program.slice(Math.max(0, index - 120), index),
    after: program.slice(index + text.length, index + text.length + 120),
  }));
}

/**
 * Tells modules apart: of the sources that ask whether they are the program that was started, it is the entry alone.
 * All that is written is as long as what was there.
 */
export function withOneMain(program: string, places: readonly OwnPlace[], entry: string | undefined): string {
  let result = program;
  for (const { source, field, index, before, after } of places) {
    const imported = source !== entry;
    if (field === 'required') {
      // `require.main === module`: esbuild has given most CommonJS modules a `module` of their own.
      const compared = /^ *[!=]==? *([\w$]+)/.exec(after)?.[1] ?? /([\w$]+) *[!=]==? *$/.exec(before)?.[1];
      if (compared === undefined || /^(?:undefined|null|void|0)$/.test(compared)) {
        continue;
      }
      const length = `${NAME}.required`.length;
      const value = imported ? `${IMPORTED_NAME}.required` : compared;
      result = replaced(result, index, value.length > length ? `${NAME}.required` : value.padEnd(length));
    } else if (imported) {
      result = replaced(result, index, IMPORTED_NAME);
    }
  }
  return result.includes(`${IMPORTED_NAME}`) ? result.replace(BANNER, () => BANNER + IMPORTED_BANNER) : result;
}

function replaced(text: string, index: number, value: string): string {
  return text.slice(0, index) + value + text.slice(index + value.length);
}
