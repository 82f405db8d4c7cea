import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const COMMENT = /\/[/*][#@]\s*sourceMappingURL=([^\s*]+)/g;
const DATA_URL = /^data:[^,]*?(;base64)?,(.*)$/s;

/** `webpack://own/src/server.ts`, and no drive of Windows. */
const URL_LIKE = /^[a-z][\w+.-]+:/i;

interface InputMap {
  readonly sourceRoot?: string;
  readonly sources?: readonly (string | null)[];
  readonly sections?: readonly { readonly map?: InputMap }[];
}

/**
 * Finds the file that went into a bundle, by what the source map of the bundle calls it. A file that was compiled
 * before has a source map of its own, whose names esbuild writes instead: `src/server.ts` for `dist/server.js`. These
 * need not exist.
 *
 * @param inputs - the files that went into the bundle, by their absolute paths; of two with one source, the first counts
 */
export function inputFinder(inputs: readonly string[], projectRoot: string): (source: string) => string | undefined {
  const files = new Set(inputs);
  let compiled: ReadonlyMap<string, string> | undefined;
  return source => {
    const name = URL_LIKE.test(source) ? source : path.resolve(projectRoot, source);
    if (files.has(name)) {
      return name;
    }
    compiled ??= new Map(
      [...inputs].reverse().flatMap(input => namesIn(input).map(inputName => [inputName, input] as const)),
    );
    return compiled.get(name);
  };
}

function namesIn(input: string): string[] {
  const [, reference] = (existsSync(input) ? [...readFileSync(input, 'utf8').matchAll(COMMENT)].at(-1) : []) ?? [];
  if (reference === undefined) {
    return [];
  }
  try {
    const [, base64, data] = DATA_URL.exec(reference) ?? [];
    const file = data === undefined ? new URL(reference, pathToFileURL(input)) : pathToFileURL(input);
    const json =
      data === undefined
        ? readFileSync(file, 'utf8')
        : base64 === undefined
          ? decodeURIComponent(data)
          : Buffer.from(data, 'base64').toString();
    return sourceUrls(JSON.parse(json) as InputMap, file).map(url =>
      url.protocol === 'file:' ? fileURLToPath(url) : url.href,
    );
  } catch {
    // esbuild goes on without such a map, too.
    return [];
  }
}

/** https://tc39.es/ecma426/ */
function sourceUrls({ sources = [], sourceRoot = '', sections = [] }: InputMap, base: URL): URL[] {
  return [
    ...sources.flatMap(source => (source === null ? [] : [new URL(source, new URL(sourceRoot, base))])),
    ...sections.flatMap(({ map }) => (map === undefined ? [] : sourceUrls(map, base))),
  ];
}
