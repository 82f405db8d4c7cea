import path from 'node:path';
import { contentsOf, type ProgramFile } from '../program/program-files';

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

function scriptsOf(files: readonly ProgramFile[], folder: string): string[] {
  const record = files.find(({ name }) => name === `${folder}/RECORD`);
  const recorded =
    record === undefined
      ? []
      : textOf(record)
          .split('\n')
          .map(line => line.replace(/,.*$/, ''));
  // Packages are installed into a folder whose `bin` the list names by a way up, or not.
  const names = recorded.flatMap(line => /^(?:\.\.\/)*bin\/([^/]+)$/.exec(line)?.[1] ?? []);
  const there = new Set(files.map(({ name }) => name));
  return [...new Set(names)].filter(name => there.has(path.posix.join('bin', name))).sort();
}

function textOf(file: ProgramFile): string {
  return Buffer.from(contentsOf(file)).toString();
}
