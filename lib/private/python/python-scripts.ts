import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beginningOf, type ProgramFile } from '../program/program-files';

const PORTABLE = '#!/usr/bin/env python3\n';

/**
 * What installers write in front of a script: the interpreter, or where its path is long or has spaces, a shell that
 * starts it.
 */
const INTERPRETER = /^#!(?:\/bin\/sh\n'''exec' [^\n]+\n' '''|[^\n]*python[^\n]*)\n/;

/**
 * Has the scripts of installed packages look for their interpreter. Installers write the path of the one on this
 * machine into them, which is not there on another. Gives what is in the changed scripts, by their paths in the folder.
 */
export function makeScriptsPortable(folder: string): ReadonlyMap<string, Buffer> {
  const changed = new Map<string, Buffer>();
  const scripts = path.join(folder, 'bin');
  for (const name of existsSync(scripts) ? readdirSync(scripts) : []) {
    const file = path.join(scripts, name);
    const text = readFileSync(file, 'latin1');
    if (INTERPRETER.test(text)) {
      const portable = Buffer.from(text.replace(INTERPRETER, PORTABLE), 'latin1');
      writeFileSync(file, portable);
      changed.set(`bin/${name}`, portable);
    }
  }
  return changed;
}

/**
 * Scripts whose interpreter is a program of this machine, each with its path. Those of the system are elsewhere, too.
 */
export function machineBoundScripts(files: readonly ProgramFile[]): string[] {
  return files.flatMap(file => {
    const [, interpreter] = /^#! ?(\/[^\s]+)/.exec(beginningOf(file, 256).toString('latin1')) ?? [];
    return interpreter === undefined || /^\/(?:usr\/(?:local\/)?)?bin\//.test(interpreter)
      ? []
      : [`${file.name} (${interpreter})`];
  });
}
