import { isBuiltin } from 'node:module';
import type { OwnPlace } from './import-meta';
import type { PlaceInSource } from './source-map';

/** What a source loads by a `require` that it, or a source that it imports, has made: no bundler follows that. */
export interface OwnRequire extends PlaceInSource {
  readonly name: string;
}

const CREATED = /(?<![\w$.])([\w$]+) *= *(?:\(0, *[\w$]+\.createRequire\)|[\w$.]*createRequire)\($/;

/** All of them, wherever the `require` was made: with modules in one program, it is one name everywhere. */
export function ownRequires(
  program: string,
  places: readonly OwnPlace[],
  placesOf: (indexes: readonly number[]) => readonly PlaceInSource[],
): OwnRequire[] {
  const names = new Set(places.flatMap(({ before }) => CREATED.exec(before)?.[1] ?? []));
  if (names.size === 0) {
    return [];
  }
  const call = /(?<![\w$.])([\w$]+)(?:\.resolve)?\( *(["'`])([^"'`$\\]+)\2 *\)/g;
  const found = [...program.matchAll(call)].filter(
    ([, callee = '', , name = '']) => names.has(callee) && !isBuiltin(name),
  );
  const sources = placesOf(found.map(({ index }) => index));
  return found.map(([, , , name = ''], index) => ({ name, source: sources[index]?.source }));
}
