import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beginningOf, type ProgramFile } from './program-files';

const PORTABLE = '#!/usr/bin/env python3\n';

/** What installers write in front of a script: the interpreter, or where its path is long or has spaces, a shell that starts it. */
const INTERPRETER = /^#!(?:\/bin\/sh\n'''exec' [^\n]+\n' '''|[^\n]*python[^\n]*)\n/;

/**
 * Has the scripts of installed packages look for their interpreter. Installers write the path of the one on this machine into them, which
 * is not there on another, and their digests into a list, `RECORD`.
 *
 * @see https://packaging.python.org/en/latest/specifications/recording-installed-packages/
 */
export function makeScriptsPortable(folder: string): void {
  const scripts = path.join(folder, 'bin');
  if (!existsSync(scripts)) {
    return;
  }
  const changed = new Map<string, Buffer>();
  for (const name of readdirSync(scripts)) {
    const file = path.join(scripts, name);
    const text = readFileSync(file, 'latin1');
    if (INTERPRETER.test(text)) {
      const portable = Buffer.from(text.replace(INTERPRETER, PORTABLE), 'latin1');
      writeFileSync(file, portable);
      changed.set(`bin/${name}`, portable);
    }
  }
  for (const entry of readdirSync(folder).filter(name => name.endsWith('.dist-info'))) {
    const record = path.join(folder, entry, 'RECORD');
    if (existsSync(record)) {
      writeFileSync(record, readFileSync(record, 'utf8').split('\n').map(line => recorded(line, changed)).join('\n'));
    }
  }
}

function recorded(line: string, changed: ReadonlyMap<string, Buffer>): string {
  const [file = ''] = line.split(',');
  const contents = changed.get(file.replace(/^(?:\.\.\/)+/, ''));
  return contents === undefined ? line : `${file},sha256=${createHash('sha256').update(contents).digest('base64url')},${contents.length}`;
}

/** Scripts whose interpreter is a program of this machine, each with its path. Those of the system are elsewhere, too. */
export function machineBoundScripts(files: readonly ProgramFile[]): string[] {
  return files.flatMap((file) => {
    const [, interpreter] = /^#! ?(\/[^\s]+)/.exec(beginningOf(file, 256).toString('latin1')) ?? [];
    return interpreter === undefined || /^\/(?:usr\/(?:local\/)?)?bin\//.test(interpreter) ? [] : [`${file.name} (${interpreter})`];
  });
}
