import { existsSync } from 'node:fs';
import path from 'node:path';
import { IgnoreStrategy } from 'aws-cdk-lib';
import { filesBelow, type ProgramFile } from '../program/program-files';

const LEFT_OUT = /^\.|^__pycache__$|\.py[co]$|^node_modules$|^cdk\.out$/;

/** The files of a Python project, without what only this machine needs. */
export function pythonSources(directory: string, exclude: readonly string[]): ProgramFile[] {
  const excluded = IgnoreStrategy.git(directory, [...exclude]);
  return filesBelow(directory, name => {
    const file = path.join(directory, name);
    return LEFT_OUT.test(path.basename(name)) || isVirtualEnvironment(file) || excluded.ignores(file);
  });
}

/** https://docs.python.org/3/library/venv.html */
export function isVirtualEnvironment(file: string): boolean {
  return existsSync(path.join(file, 'pyvenv.cfg'));
}
