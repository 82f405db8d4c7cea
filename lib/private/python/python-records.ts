import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

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
