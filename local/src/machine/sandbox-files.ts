import { closeSync, existsSync, lstatSync, openSync, readlinkSync, readSync, realpathSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findProgram } from './search-path';

/** A server that is about to be started, as far as it says which files it needs. */
export interface StartedServer {
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Directories whose content a server in a sandbox does not see: the user's home, what other programs have in temporary
 * directories, and the sockets of services.
 */
export function hiddenDirectories(): string[] {
  return [...new Set([os.homedir(), os.tmpdir(), '/tmp', '/var/tmp', '/run'].map(real))].filter(
    directory => directory !== '/' && existsSync(directory),
  );
}

/** Files and directories that a server needs to run, wherever they are. */
export function neededFiles({ command: [program, ...args], cwd, environment }: StartedServer): string[] {
  const programs = programFiles(findProgram(program, environment.PATH, cwd), environment.PATH, cwd);
  const named = args
    .map(argument => path.resolve(cwd, argument))
    .filter(file => path.relative(cwd, file).startsWith('..') && existsSync(file));
  const directories = [cwd, ...named.map(file => (statSync(file).isDirectory() ? file : path.dirname(file)))];
  const all = [
    ...programs.map(installationOf),
    ...directories,
    ...directories.flatMap(modulesAbove),
    '/etc/resolv.conf',
  ];
  return [...new Set(all.flatMap(file => [file, real(file)]))].filter(file => existsSync(file));
}

/** A program with each link that leads to it, and the interpreter of a script. */
function programFiles(program: string | undefined, searchPath: string | undefined, cwd: string): string[] {
  if (program === undefined) {
    return [];
  }
  const files = [program];
  for (const file of files) {
    if (lstatSync(file).isSymbolicLink()) {
      files.push(path.resolve(path.dirname(file), readlinkSync(file)));
    }
  }
  const interpreter = interpreterOf(program, searchPath, cwd);
  return [...files, real(program), ...(interpreter === program ? [] : programFiles(interpreter, searchPath, cwd))];
}

/** The program that the first line of a script names. */
function interpreterOf(program: string, searchPath: string | undefined, cwd: string): string | undefined {
  const start = Buffer.alloc(256);
  const file = openSync(program, 'r');
  try {
    readSync(file, start);
  } finally {
    closeSync(file);
  }
  const [, interpreter, argument] = /^#!\s*(\S+)[ \t]*(\S+)?/.exec(start.toString('latin1')) ?? [];
  const named = interpreter !== undefined && path.basename(interpreter) === 'env' ? argument : interpreter;
  return named === undefined ? undefined : findProgram(named, searchPath, cwd);
}

/**
 * A program's installation root: the parent of its `bin`, unless that is the user's home.
 */
function installationOf(program: string): string {
  const directory = path.dirname(program);
  const above = path.dirname(directory);
  const isInstallation =
    ['bin', '.bin', 'sbin', 'shims'].includes(path.basename(directory)) &&
    ![os.homedir(), path.join(os.homedir(), '.local')].includes(above);
  return isInstallation ? above : directory;
}

/** Where Node.js looks for packages, and whether it takes a file for a module. */
function modulesAbove(directory: string): string[] {
  const above = path.dirname(directory);
  return above === directory
    ? []
    : [path.join(above, 'node_modules'), path.join(above, 'package.json'), ...modulesAbove(above)];
}

function real(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
