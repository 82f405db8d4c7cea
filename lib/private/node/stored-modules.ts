import { existsSync, lstatSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { InstalledModules, type InstalledModule } from '../modules/installed-modules';
import { filesOfModule } from '../modules/module-files';
import { filesOfPlaces, layOut } from '../modules/module-layout';
import { filesBelow, type ProgramFile } from '../program/program-files';
import { starterOf } from '../program/program-starters';

/** Where pnpm, Yarn, npm and Bun keep what `node_modules` has links to. */
const STORE = /(?:^|\/)node_modules\/\.(?:pnpm|store|bun)$/;
const LINKED_PROGRAM = /(?:^|\/)node_modules\/\.bin\/[^/]+$/;
const PACKAGE = /^(.*\/)?node_modules\/((?:@[^/]+\/)?[^/@.][^/]*)$/;

/**
 * The files below a folder, links followed. A package that is a link, into a store or to another package of the
 * repository, finds what it needs from where that leads to, and not beside the link. So all that it needs is laid out
 * anew, as `pnpm deploy` has it.
 */
export function filesWithModules(folder: string, leaveOut: (name: string) => boolean): ProgramFile[] {
  const linked = new Map<string, Map<string, string>>();
  const files = filesBelow(folder, name => {
    if (leaveOut(name) || STORE.test(name)) {
      return true;
    }
    const [, above = '', packageName] = PACKAGE.exec(name) ?? [];
    const target = packageName === undefined ? undefined : linkedPackage(path.join(folder, name));
    if (packageName === undefined || target === undefined) {
      return false;
    }
    linked.set(above, (linked.get(above) ?? new Map<string, string>()).set(packageName, target));
    return true;
  });
  const laidOut = [...linked].flatMap(([above, folders]) => {
    const installed = new InstalledModules(() => false, new Set([...folders.values()].flatMap(namesBeside)));
    const roots = new Map([...folders].map(([name, target]) => [name, installed.at(target)] as const));
    const beside = modulesBeside(path.join(folder, above, 'node_modules'), installed, roots);
    const places = layOut(new Map([...roots, ...beside])).filter(
      ({ place, module }) => beside.get(place.slice('node_modules/'.length)) !== module,
    );
    return filesOfPlaces(places, module => filesOfModule({ ...module, linked: false })).map(file => ({
      ...file,
      name: `${above}${file.name}`,
    }));
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

function linkedPackage(link: string): string | undefined {
  return lstatSync(link).isSymbolicLink() && existsSync(path.join(link, 'package.json'))
    ? realpathSync(link)
    : undefined;
}

/** All that was put beside a package in a store: of peers that are optional, it has those. */
function namesBeside(folder: string): string[] {
  const [, store] = /^(.*[\\/]node_modules)[\\/](?:@[^\\/]+[\\/])?[^\\/]+$/.exec(folder) ?? [];
  return store === undefined ? [] : namesIn(store);
}

/** The packages that are no links: they keep their places, with what they need where it is. */
function modulesBeside(
  modules: string,
  installed: InstalledModules,
  linked: ReadonlyMap<string, InstalledModule>,
): ReadonlyMap<string, InstalledModule> {
  const names = namesIn(modules).filter(
    name => !linked.has(name) && existsSync(path.join(modules, name, 'package.json')),
  );
  const found = names.map(name => [name, installed.at(realpathSync(path.join(modules, name)))] as const);
  found.forEach(([, module]) => {
    module.needs.clear();
  });
  return new Map(found);
}

function namesIn(modules: string): string[] {
  return readdirSync(modules).flatMap(name =>
    name.startsWith('@') ? readdirSync(path.join(modules, name)).map(own => `${name}/${own}`) : [name],
  );
}
