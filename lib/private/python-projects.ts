import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Construct } from 'constructs';
import { constructError } from './construct-error';
import { filesBelow, writeFiles, type ProgramFile } from './program-files';
import { isVirtualEnvironment } from './python-sources';
import { runUv } from './uv';

/** A Python project on this machine that travels along, such as a member of a workspace. */
export interface PythonProject {
  readonly folder: string;

  /** Where it is needed, as requirements say it: `sys_platform == 'linux'`. Empty for everywhere. */
  readonly marker: string;
}

/** What stays out of a build: what it needs not, and what an earlier one has left, which setuptools would take into the wheel again. */
const LEFT_OUT = /^\.(?!gitignore$)|^__pycache__$|\.py[co]$|\.egg-info$|^node_modules$|^cdk\.out$/;
const EARLIER_BUILD = 'build/lib';

/** The files of a project that a build of it may read. */
export function projectFiles({ folder }: PythonProject): ProgramFile[] {
  return filesBelow(folder, name => LEFT_OUT.test(path.posix.basename(name)) || name === EARLIER_BUILD || isVirtualEnvironment(path.join(folder, name)));
}

/**
 * Builds a project as a wheel, in a copy, since some build backends write into the sources. Gives the requirement that installs it.
 *
 * @param into a folder of its own, which need not exist
 */
export function buildProject(scope: Construct, project: PythonProject, into: string): string {
  const { folder, marker } = project;
  const copy = path.join(into, 'source');
  const wheels = path.join(into, 'wheel');
  mkdirSync(copy, { recursive: true });
  writeFiles(copy, projectFiles(project));
  runUv(scope, ['build', '--wheel', '--out-dir', wheels, copy], folder, said => `the Python project ${folder} cannot be built as a wheel: ${said}\n`
    + 'correct it, so that "uv build --wheel" works in a copy of it without .git');
  const wheel = readdirSync(wheels).find(name => name.endsWith('.whl')) ?? '';
  if (!wheel.endsWith('-none-any.whl')) {
    throw constructError(scope, `the Python project ${folder} is built as ${wheel}, which is for this machine; only pure Python is allowed, whose wheel ends with -none-any.whl: `
      + 'build a wheel of it for linux/arm64 and depend on that, or use `McpServerCode.fromDockerfile`');
  }
  const [name] = wheel.split('-');
  return `${name} @ ${pathToFileURL(path.join(wheels, wheel)).href}${marker === '' ? '' : ` ; ${marker}`}`;
}
