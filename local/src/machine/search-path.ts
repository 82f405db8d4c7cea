import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';

/** The file of a program, as a shell would find it; undefined when there is none that may be run. */
export function findProgram(
  program: string,
  searchPath = process.env.PATH ?? '',
  cwd = process.cwd(),
): string | undefined {
  const candidates = program.includes('/')
    ? [program]
    : searchPath.split(path.delimiter).map(directory => path.join(directory, program));
  return candidates.map(candidate => path.resolve(cwd, candidate)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
