import path from 'node:path';
import { contentsOf, type ProgramFile } from '../program/program-files';

/** How packages declared that they are parts of one, before Python did it by the lack of this file (PEP 420). */
const DECLARED = /extend_path|declare_namespace/;

/**
 * Modules and packages that both a server and its dependencies have, by their paths: Python would find the one or the
 * other, and side by side they would be mixed. What is below a namespace package that both are parts of is each one's
 * own.
 *
 * @see https://packaging.python.org/en/latest/guides/packaging-namespace-packages/
 */
export function moduleCollisions(sources: readonly ProgramFile[], dependencies: readonly ProgramFile[]): string[] {
  const isModule = ({ name }: ProgramFile): boolean => !name.startsWith('bin/');
  return collisionsBelow('', sources.filter(isModule), dependencies.filter(isModule));
}

function collisionsBelow(
  folder: string,
  sources: readonly ProgramFile[],
  dependencies: readonly ProgramFile[],
): string[] {
  const [ours, theirs] = [byModule(folder, sources), byModule(folder, dependencies)];
  return [...ours].flatMap(([name, files]) => {
    const others = theirs.get(name);
    const below = `${folder}${name}/`;
    if (others === undefined || haveEqual(files, others)) {
      return [];
    }
    return isNamespace(below, files, others) ? collisionsBelow(below, files, others) : [`${folder}${name}`];
  });
}

/** What is imported by one name is a folder or a file. */
function byModule(folder: string, files: readonly ProgramFile[]): Map<string, ProgramFile[]> {
  const modules = new Map<string, ProgramFile[]>();
  for (const file of files) {
    const name = file.name.slice(folder.length).replace(/\/.*$/, '').replace(/\.py$/, '');
    modules.set(name, [...(modules.get(name) ?? []), file]);
  }
  return modules;
}

/** The same file on both sides, such as the declaration of a namespace. */
function haveEqual([ours, ...rest]: readonly ProgramFile[], [theirs, ...others]: readonly ProgramFile[]): boolean {
  return (
    ours !== undefined &&
    theirs?.name === ours.name &&
    rest.length + others.length === 0 &&
    path.posix.basename(ours.name) === '__init__.py' &&
    Buffer.compare(contentsOf(ours), contentsOf(theirs)) === 0
  );
}

/** Neither side is a module of its own: both are folders, without `__init__.py` or with one that says so. */
function isNamespace(below: string, ...sides: readonly (readonly ProgramFile[])[]): boolean {
  const inits = sides.map(files => files.find(({ name }) => name === `${below}__init__.py`));
  const declared = inits.filter(init => init !== undefined && DECLARED.test(Buffer.from(contentsOf(init)).toString()));
  return (
    sides.every(files => files.every(({ name }) => name.startsWith(below))) &&
    [0, inits.length].includes(declared.length) &&
    inits.filter(init => init !== undefined).length === declared.length
  );
}
