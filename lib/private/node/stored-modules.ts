import { existsSync, lstatSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { InstalledModules } from '../modules/installed-modules';
import { filesOfModule } from '../modules/module-files';
import { filesOfPlaces, layOut } from '../modules/module-layout';
import { filesBelow, type ProgramFile } from '../program/program-files';
import { starterOf } from '../program/program-starters';

/** Where pnpm, Yarn, npm and Bun keep what `node_modules` has links to. */
const STORE = /(?:^|\/)node_modules\/\.(?:pnpm|store|bun)$/;
const IN_STORE = /[\\/]node_modules[\\/]\.(?:pnpm|store|bun)[\\/]/;
const LINKED_PROGRAM = /(?:^|\/)node_modules\/\.bin\/[^/]+$/;
const PACKAGE = /^(.*\/)?node_modules\/((?:@[^/]+\/)?[^/@.][^/]*)$/;

/**
 * The files below a folder, links followed. A package that is a link into a store finds what it needs beside where that
 * leads to, and not beside the link. So all that it needs is laid out anew, as `pnpm deploy` has it.
 */
export function filesWithModules(folder: string, leaveOut: (name: string) => boolean): ProgramFile[] {
  const linked = new Map<string, Map<string, string>>();
  const files = filesBelow(folder, name => {
    if (leaveOut(name) || STORE.test(name)) {
      return true;
    }
    const [, above = '', packageName] = PACKAGE.exec(name) ?? [];
    const target = packageName === undefined ? undefined : storedFolder(path.join(folder, name));
    if (packageName === undefined || target === undefined) {
      return false;
    }
    linked.set(above, (linked.get(above) ?? new Map<string, string>()).set(packageName, target));
    return true;
  });
  const laidOut = [...linked].flatMap(([above, folders]) => {
    const installed = new InstalledModules(() => false, new Set([...folders.values()].flatMap(namesBeside)));
    const roots = new Map([...folders].map(([name, target]) => [name, installed.at(target)] as const));
    return filesOfPlaces(layOut(roots), filesOfModule).map(file => ({ ...file, name: `${above}${file.name}` }));
  });
  const found = new Map([...files, ...laidOut.filter(({ name }) => !leaveOut(name))].map(file => [file.name, file]));
  return [...found.values()].map(file => withoutLink(file, found));
}

/** A copy of a program in `node_modules/.bin` would look for its files beside that place. */
function withoutLink(file: ProgramFile, files: ReadonlyMap<string, ProgramFile>): ProgramFile {
  if (!LINKED_PROGRAM.test(file.name) || !('source' in file) || !lstatSync(file.source).isSymbolicLink()) {
    return file;
  }
  const program = files.get(path.posix.join(path.posix.dirname(file.name), readlinkSync(file.source)));
  return program === undefined ? file : starterOf(file.name, program);
}

function storedFolder(link: string): string | undefined {
  if (!lstatSync(link).isSymbolicLink() || !existsSync(path.join(link, 'package.json'))) {
    return undefined;
  }
  const target = realpathSync(link);
  return IN_STORE.test(target) ? target : undefined;
}

/** All that was put beside a package: of peers that are optional, it has those. */
function namesBeside(folder: string): string[] {
  const store = folder.slice(0, folder.lastIndexOf(`${path.sep}node_modules${path.sep}`) + '/node_modules'.length);
  return readdirSync(store).flatMap(name =>
    name.startsWith('@') ? readdirSync(path.join(store, name)).map(own => `${name}/${own}`) : [name],
  );
}
