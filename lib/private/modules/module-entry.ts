import path from 'node:path';
import type { ProgramFile } from '../program/program-files';
import { isObject, type Manifest } from './manifest';

/** https://nodejs.org/api/packages.html#conditional-exports: those that Node.js has by itself. */
const CONDITIONS = ['node-addons', 'node', 'import', 'require', 'module-sync', 'default'];

/**
 * Why Node.js would not load a package by its name. A package that is published was tried by others; one of the same
 * repository may not be built, or be there for bundlers alone.
 */
export function entryProblem({ main, exports }: Manifest, files: readonly ProgramFile[]): string | undefined {
  const entries = exports === undefined ? (typeof main === 'string' ? [main] : []) : targetsOf(ownExport(exports));
  const names = new Set(files.map(({ name }) => name));
  const found = entries.flatMap(entry => filesOf(entry).find(file => names.has(file)) ?? []);
  if (entries.length > 0 && found.length === 0) {
    return `does not have ${entries[0] ?? ''}, which it says that it is loaded from: build it, with \`files\` that let it in`;
  }
  return found.length > 0 && found.every(file => /\.[cm]?tsx?$/.test(file))
    ? `is loaded from ${found[0] ?? ''}, which Node.js does not run below \`node_modules\`: build it, or leave it out, so that it is bundled`
    : undefined;
}

function ownExport(exports: unknown): unknown {
  const isOfPaths = isObject(exports) && Object.keys(exports).some(key => key.startsWith('.'));
  return isOfPaths ? exports['.'] : exports;
}

function targetsOf(target: unknown): string[] {
  if (typeof target === 'string') {
    return [target];
  }
  if (Array.isArray(target)) {
    return target.flatMap(targetsOf);
  }
  return isObject(target) ? CONDITIONS.flatMap(condition => targetsOf(target[condition])) : [];
}

/** What Node.js looks for where `main` says so. */
function filesOf(entry: string): string[] {
  const file = path.posix.normalize(entry).replace(/\/$/, '');
  return [file, `${file}.js`, `${file}.json`, `${file}.node`, path.posix.join(file, 'index.js')];
}
