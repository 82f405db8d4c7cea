import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { readJson } from '../program/json-files';

/** Where a package comes from, as far as a lock file says so. */
export interface LockedPackage {
  readonly resolved?: string;
  readonly integrity?: string;
}

/** What package managers have written down about the packages of a project. */
export interface Lock {
  readonly file: string;

  find(name: string, version: string): LockedPackage | undefined;

  /** The versions that it has of a package. */
  versions(name: string): string[];
}

const LOCKS: Readonly<Record<string, (file: string) => Lock>> = {
  'package-lock.json': npmLock,
  'npm-shrinkwrap.json': npmLock,
  'pnpm-lock.yaml': pnpmLock,
  'yarn.lock': yarnLock,
  'bun.lock': bunLock,
};

/** The lock file of a project: in its folder, or in the nearest one above that has one. */
export function lockOf(projectRoot: string): Lock | undefined {
  for (let current = projectRoot; ; current = path.dirname(current)) {
    for (const [name, read] of Object.entries(LOCKS)) {
      const file = path.join(current, name);
      if (statSync(file, { throwIfNoEntry: false })?.isFile() === true) {
        return read(file);
      }
    }
    if (current === path.dirname(current)) {
      return undefined;
    }
  }
}

interface NpmEntry extends LockedPackage {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: unknown;
}

/** https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json: before version 3, `dependencies` is a tree. */
export function npmLock(file: string): Lock {
  const { packages, dependencies } = (readJson(file) ?? {}) as {
    packages?: Record<string, NpmEntry> | null;
    dependencies?: Record<string, NpmEntry> | null;
  };
  const entries: Located[] =
    packages === undefined || packages === null
      ? treeEntries(dependencies ?? {})
      : Object.entries(packages).map(([place, entry]) => ({
          ...originOf(entry),
          name: entry.name ?? place.replace(/^.*node_modules\//, ''),
          version: entry.version ?? '',
        }));
  return lock(file, entries);
}

function treeEntries(dependencies: Readonly<Record<string, NpmEntry>>): Located[] {
  return Object.entries(dependencies).flatMap(([name, entry]) => [
    { ...originOf(entry), name, version: entry.version ?? '' },
    ...treeEntries((entry.dependencies ?? {}) as Record<string, NpmEntry>),
  ]);
}

function originOf({ resolved, integrity }: LockedPackage): LockedPackage {
  return { ...(typeof resolved === 'string' ? { resolved } : {}), ...(integrity === undefined ? {} : { integrity }) };
}

/** `'@scope/name@1.2.3':` or, before version 9, `/@scope/name@1.2.3:`, then a line with `resolution: {integrity: …}`. */
function pnpmLock(file: string): Lock {
  const entry =
    /^ {2}['"]?\/?((?:@[^/@\s]+\/)?[^/@\s'"]+)[@/]([^\s'"():]+)(?:\([^\n]*\))?['"]?:\n {4}resolution: \{([^}\n]*)\}/gm;
  return lock(
    file,
    [...textOf(file).matchAll(entry)].map(([, name = '', version = '', resolution = '']) => ({
      name,
      version,
      ...optional('integrity', /integrity: ([^,\s]+)/.exec(resolution)?.[1]),
      ...optional('resolved', /tarball: ([^,\s]+)/.exec(resolution)?.[1]),
    })),
  );
}

/** An entry of the first Yarn has an integrity; one of later Yarns has the digest of something else. */
function yarnLock(file: string): Lock {
  const entries = textOf(file).split(/\n(?=\S)/);
  return lock(
    file,
    entries.flatMap(text => {
      const name = /^['"]?((?:@[^/@\s]+\/)?[^/@\s'"]+)@/.exec(text)?.[1];
      const version = /^ {2}version:? "?([^"\s]+)/m.exec(text)?.[1];
      const resolution = /^ {2}resolution: "?((?:@[^/@\s]+\/)?[^/@\s"]+)@([a-z+]+):/m.exec(text);
      if (name === undefined || version === undefined || (resolution !== null && resolution[2] !== 'npm')) {
        return [];
      }
      return [
        {
          // Of an alias, the resolution has the name.
          name: resolution?.[1] ?? name,
          version,
          ...optional('resolved', /^ {2}resolved "([^"#]+)/m.exec(text)?.[1]),
          ...optional('integrity', /^ {2}integrity (\S+)/m.exec(text)?.[1]),
        },
      ];
    }),
  );
}

/** `"name": ["name@1.2.3", "registry", {…}, "sha512-…"]`, one a line. */
function bunLock(file: string): Lock {
  const entry = /^ {4}"[^"]+": \["((?:@[^/@"]+\/)?[^/@"]+)@([^"]+)", "([^"]*)".*?(?:"(sha\d+-[^"]+)")?\],?$/gm;
  return lock(
    file,
    [...textOf(file).matchAll(entry)].map(([, name = '', version = '', resolved = '', integrity]) => ({
      name,
      version,
      ...optional('resolved', resolved === '' ? undefined : resolved),
      ...optional('integrity', integrity),
    })),
  );
}

type Located = LockedPackage & { readonly name: string; readonly version: string };

function lock(file: string, entries: readonly Located[]): Lock {
  const found = new Map<string, LockedPackage>();
  const versions = new Map<string, string[]>();
  for (const { name, version, ...origin } of entries) {
    const key = `${name}@${version}`;
    if (!found.has(key)) {
      found.set(key, origin);
      versions.set(name, [...(versions.get(name) ?? []), version]);
    }
  }
  return {
    file,
    find: (name, version) => found.get(`${name}@${version}`),
    versions: name => versions.get(name) ?? [],
  };
}

function optional(key: 'resolved' | 'integrity', value: string | undefined): LockedPackage {
  return value === undefined ? {} : { [key]: value };
}

function textOf(file: string): string {
  return readFileSync(file, 'utf8').replaceAll('\r\n', '\n');
}
