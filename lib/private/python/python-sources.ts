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

/** https://packaging.python.org/en/latest/specifications/inline-script-metadata/ */
const SCRIPT = /^# \/\/\/ script[ \t]*\r?\n((?:#(?: [^\n]*)?\r?\n)+?)# \/\/\/[ \t]*\r?$/m;

/** What a program in Python says itself that it depends on, on whatever platform: the names of packages. */
export function inlineDependencies(source: Uint8Array): string[] {
  const [, block = ''] = SCRIPT.exec(Buffer.from(source).toString()) ?? [];
  const toml = block.replaceAll(/^# ?/gm, '');
  const [, listed = ''] = /^dependencies[ \t]*=[ \t]*\[((?:[^\]"']|"[^"\n]*"|'[^'\n]*')*)\]/m.exec(toml) ?? [];
  const requirements = [...listed.replaceAll(/^[ \t]*#.*$/gm, '').matchAll(/"([^"\n]*)"|'([^'\n]*)'/g)];
  return requirements
    .map(([, double = '', single = '']) => double || single)
    .filter(requirement => !requirement.includes(';'))
    .flatMap(requirement => /^\s*([a-z0-9][a-z0-9._-]*)/i.exec(requirement)?.[1] ?? []);
}

/** How to have what a program names where it is read. */
export function exportOf(program: string): string {
  return `"uv export --script ${program} --output-file requirements.txt"`;
}
