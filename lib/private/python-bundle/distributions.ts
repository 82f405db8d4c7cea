import path from 'node:path';
import { contentsOf, type ProgramFile } from '../program/program-files';
import { recordedFile } from '../python/python-records';

/** An installed package. */
export interface Distribution {
  readonly name: string;
  readonly version: string;

  /** The names of its programs, which lie in `bin`. */
  readonly scripts: readonly string[];
}

/** The installed package of a name, in whatever spelling. */
export function distributionOf(files: readonly ProgramFile[], name: string): Distribution | undefined {
  for (const file of files) {
    const [, folder, version] = /^(([^/]+)\.dist-info)\/METADATA$/.exec(file.name) ?? [];
    const metadata = folder === undefined ? '' : textOf(file);
    const [, found = ''] = /^Name:\s*(.+?)\s*$/m.exec(metadata) ?? [];
    if (folder !== undefined && version !== undefined && normalized(found) === normalized(name)) {
      const [, exact = ''] = /^Version:\s*(.+?)\s*$/m.exec(metadata) ?? [];
      return { name: found, version: exact, scripts: scriptsOf(files, folder) };
    }
  }
  return undefined;
}

/** https://packaging.python.org/en/latest/specifications/name-normalization/ */
export function normalized(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
}

const VERSION =
  /^v?(?:(?<epoch>\d+)!)?(?<release>\d+(?:\.\d+)*)(?:[-_.]?(?<stage>a|b|c|rc|alpha|beta|pre|preview)[-_.]?(?<pre>\d*))?(?<after>-\d+|[-_.]?(?:post|rev|r)[-_.]?\d*)?(?<dev>[-_.]?dev[-_.]?\d*)?(?:\+(?<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/i;

/**
 * Whether a version is the one that was asked for, in whatever spelling: `2025.04.25`, `1.0` for `1.0.0`, `1.0-rc1`.
 *
 * @see https://packaging.python.org/en/latest/specifications/version-specifiers/#version-matching
 */
export function isVersion(version: string, asked: string): boolean {
  const [it, wanted] = [version, asked].map(text => VERSION.exec(text)?.groups);
  if (it === undefined || wanted === undefined) {
    return version === asked;
  }
  const local = (groups: Version): string => (groups.local ?? '').toLowerCase().replaceAll(/[-_]/g, '.');
  return publicVersion(it) === publicVersion(wanted) && (wanted.local === undefined || local(it) === local(wanted));
}

type Version = Record<string, string | undefined>;

const STAGES: Readonly<Record<string, string>> = { alpha: 'a', beta: 'b', c: 'rc', pre: 'rc', preview: 'rc' };

function publicVersion({ epoch, release = '', stage, pre, after, dev }: Version): string {
  const numbers = release
    .split('.')
    .map(Number)
    .join('.')
    .replace(/(?:\.0)+$/, '');
  const kind = stage?.toLowerCase() ?? '';
  const numberIn = (part: string | undefined): string =>
    part === undefined ? '' : `${Number(part.replace(/\D/g, ''))}`;
  return [Number(epoch ?? 0), numbers, STAGES[kind] ?? kind, numberIn(pre), numberIn(after), numberIn(dev)].join(' ');
}

function scriptsOf(files: readonly ProgramFile[], folder: string): string[] {
  const record = files.find(({ name }) => name === `${folder}/RECORD`);
  const recorded = record === undefined ? [] : textOf(record).split('\n').map(recordedFile);
  // Packages are installed into a folder whose `bin` the list names by a way up, or not.
  const names = recorded.flatMap(line => /^(?:\.\.\/)*bin\/([^/]+)$/.exec(line)?.[1] ?? []);
  const there = new Set(files.map(({ name }) => name));
  return [...new Set(names)].filter(name => there.has(path.posix.join('bin', name))).sort();
}

function textOf(file: ProgramFile): string {
  return Buffer.from(contentsOf(file)).toString();
}
