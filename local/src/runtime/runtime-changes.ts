import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { RuntimeDefinition } from '../model/runtime-definition';
import type { ServedRuntime } from './served-runtime';

/** What has to be done so that what is served is what is defined. */
export interface RuntimeChanges {
  readonly added: readonly RuntimeDefinition[];
  readonly updated: readonly { readonly served: ServedRuntime; readonly definition: RuntimeDefinition }[];
  readonly unchanged: readonly ServedRuntime[];
  readonly deleted: readonly ServedRuntime[];
}

/** Compares what is served with what is defined now, by name. */
export function changesOf(
  serving: readonly ServedRuntime[],
  definitions: readonly RuntimeDefinition[],
): RuntimeChanges {
  const known = definitions.flatMap(definition => {
    const served = serving.find(candidate => candidate.definition.name === definition.name);
    return served ? [{ served, definition }] : [];
  });
  const isSame = ({ served, definition }: (typeof known)[number]): boolean =>
    isDeepStrictEqual(comparable(served.definition), comparable(definition));
  return {
    added: definitions.filter(({ name }) => !serving.some(served => served.definition.name === name)),
    updated: known.filter(pair => !isSame(pair)),
    unchanged: known.filter(isSame).map(({ served }) => served),
    deleted: serving.filter(served => !known.some(pair => pair.served === served)),
  };
}

/** Each synthesis writes a directory of its own, in which the name of an asset says what is in it. */
function comparable(definition: RuntimeDefinition): object {
  const directory = path.basename(definition.cwd);
  return { ...definition, source: undefined, cwd: directory.startsWith('asset.') ? directory : definition.cwd };
}
