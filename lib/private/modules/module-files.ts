import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runCommand } from '../common/command';
import { cachedFolder } from '../program/cache';
import { filesBelow, type ProgramFile } from '../program/program-files';
import { withoutWorkspace } from './fetched-packages';
import type { InstalledModule } from './installed-modules';

/** In the folder of a package that is being worked on: neither published nor looked into. */
const NOT_PUBLISHED = /(?:^|\/)(?:node_modules|cdk\.out|\.[^/]*)$/;

/**
 * The files of a package, by their paths in it: of one that was installed what is there, of one that was linked what
 * would be published.
 */
export function filesOfModule({ folder, linked }: InstalledModule): ProgramFile[] {
  return linked
    ? publishedFiles(folder).map(name => ({ name, source: path.join(folder, name) }))
    : filesBelow(folder, name => isLeftOut(folder, name));
}

/** Packages have places of their own, and what was compiled on this machine is for this machine. */
function isLeftOut(folder: string, name: string): boolean {
  return (
    name === 'node_modules' || (path.basename(name) === 'build' && existsSync(path.join(folder, name, 'config.gypi')))
  );
}

/** npm knows what `files` and .npmignore mean. */
function publishedFiles(folder: string): string[] {
  const listed = cachedFolder(['published', folder, statesBelow(folder, '')], target => {
    const said = runCommand('npm', ['pack', '--dry-run', '--json', '--ignore-scripts', '--loglevel=error'], {
      cwd: folder,
      env: withoutWorkspace(process.env),
      windowsScript: true,
    });
    const packed = JSON.parse(said) as Packed[] | Record<string, Packed>;
    const names = Object.values(packed).flatMap(({ files }) => files.map(file => file.path));
    writeFileSync(path.join(target, 'names.json'), JSON.stringify(names));
  });
  const names = JSON.parse(readFileSync(path.join(listed, 'names.json'), 'utf8')) as string[];
  return names.filter(name => !name.split('/').includes('node_modules')).sort();
}

interface Packed {
  readonly files: readonly { readonly path: string }[];
}

/** What decides about the list: names, and the contents of the files that speak of them. */
function statesBelow(folder: string, below: string): string[] {
  return readdirSync(path.join(folder, below), { withFileTypes: true }).flatMap(entry => {
    const name = below === '' ? entry.name : `${below}/${entry.name}`;
    if (/^(?:package\.json|\.npmignore|\.gitignore)$/.test(entry.name)) {
      return [`${name} ${readFileSync(path.join(folder, name), 'utf8')}`];
    }
    if (NOT_PUBLISHED.test(name)) {
      return [];
    }
    return statSync(path.join(folder, name), { throwIfNoEntry: false })?.isDirectory() === true
      ? statesBelow(folder, name)
      : [name];
  });
}
