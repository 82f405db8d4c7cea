import { cpSync, existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CommandError, runCommand } from '../common/command';
import { InputProblem } from '../common/input-problem';
import { temporaryFolder } from '../common/temporary-folder';
import { cachedFolder } from '../program/cache';
import { filesBelow, type ProgramFile } from '../program/program-files';
import { withoutWorkspace } from './fetched-packages';
import type { InstalledModule } from './installed-modules';
import { readManifest } from './manifest';

/** In the folder of a package that is being worked on: neither published nor looked into. */
const NOT_PUBLISHED = /(?:^|\/)(?:node_modules|cdk\.out|\.[^/]*)$/;

/** Large, and never published. */
const NEVER_PUBLISHED = /^(?:node_modules|cdk\.out|\.git)$/;

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
    const packed = JSON.parse(pack(folder)) as Packed[] | Record<string, Packed>;
    const names = Object.values(packed).flatMap(({ files }) => files.map(file => file.path));
    writeFileSync(path.join(target, 'names.json'), JSON.stringify(names));
  });
  const names = JSON.parse(readFileSync(path.join(listed, 'names.json'), 'utf8')) as string[];
  return names.filter(name => !name.split('/').includes('node_modules')).sort();
}

/** npm packs nothing without a name and a version, which a package that is never published need not have. */
function pack(folder: string): string {
  const { name, version } = readManifest(path.join(folder, 'package.json'));
  try {
    return runCommand('npm', ['pack', '--dry-run', '--json', '--ignore-scripts', '--loglevel=error'], {
      cwd: name && version ? folder : namedCopy(folder),
      env: withoutWorkspace(process.env),
      windowsScript: true,
    });
  } catch (error) {
    if (!(error instanceof CommandError)) {
      throw error;
    }
    throw new InputProblem(
      error.missing
        ? `cannot find npm, which knows what of ${folder} travels along: install Node.js with npm`
        : `npm cannot tell what of ${folder} would be published, which is what travels along: correct what it says: ${error.message}`,
    );
  }
}

function namedCopy(folder: string): string {
  const copy = temporaryFolder();
  cpSync(folder, copy, { recursive: true, filter: source => !NEVER_PUBLISHED.test(path.basename(source)) });
  const file = path.join(copy, 'package.json');
  writeFileSync(file, JSON.stringify({ ...readManifest(file), name: 'unnamed', version: '0.0.0' }));
  return copy;
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
