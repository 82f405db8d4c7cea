import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { contentsOf, type ProgramFile } from '../program/program-files';

/**
 * Has the lists of installed packages, `RECORD`, say what is shipped: files that were changed by what is in them now,
 * and none that stay behind.
 *
 * @see https://packaging.python.org/en/latest/specifications/recording-installed-packages/
 * @param changed - what is in the changed files, by their paths in the folder
 */
export function correctRecords(
  folder: string,
  changed: ReadonlyMap<string, Buffer>,
  isLeftOut: (name: string) => boolean,
): void {
  for (const entry of readdirSync(folder).filter(name => name.endsWith('.dist-info'))) {
    const record = path.join(folder, entry, 'RECORD');
    if (existsSync(record)) {
      const lines = readFileSync(record, 'utf8')
        .split('\n')
        .filter(line => !isLeftOut(recordedFile(line)));
      writeFileSync(record, lines.map(line => recorded(line, changed)).join('\n'));
    }
  }
}

const RECORD = /^[^/]+\.dist-info\/RECORD$/;

/** The lists of what was installed among the files of a bundle. */
export function isRecord({ name }: ProgramFile): boolean {
  return RECORD.test(name);
}

/** The lines of such a list. */
export function linesOfRecord(record: ProgramFile): string[] {
  return Buffer.from(contentsOf(record)).toString().split('\n');
}

/** Installed packages without some of their files, which their lists do not name any more. */
export function withoutFiles(files: readonly ProgramFile[], leftOut: ReadonlySet<string>): ProgramFile[] {
  return files
    .filter(({ name }) => !leftOut.has(name))
    .map(file => (leftOut.size > 0 && isRecord(file) ? recordWithout(file, leftOut) : file));
}

function recordWithout(record: ProgramFile, leftOut: ReadonlySet<string>): ProgramFile {
  const lines = linesOfRecord(record);
  const kept = lines.filter(line => !leftOut.has(recordedFile(line)));
  return kept.length === lines.length ? record : { name: record.name, contents: Buffer.from(kept.join('\n')) };
}

/** The files that a list names. */
export function recordedFiles(record: string): string[] {
  return existsSync(record) ? readFileSync(record, 'utf8').split('\n').map(recordedFile) : [];
}

/** The file that a line of a list names; a name with a comma in it is in quotation marks. */
export function recordedFile(line: string): string {
  return firstField(line).replace(/^"(.*)"$/, '$1');
}

function recorded(line: string, changed: ReadonlyMap<string, Buffer>): string {
  const contents = changed.get(recordedFile(line).replace(/^(?:\.\.\/)+/, ''));
  return contents === undefined
    ? line
    : `${firstField(line)},sha256=${createHash('sha256').update(contents).digest('base64url')},${contents.length}`;
}

function firstField(line: string): string {
  return line.replace(/,[^,]*,[^,]*$/, '');
}
