import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Construct } from 'constructs';
import type { PythonProject } from './python-projects';
import { runUv } from './uv';

const EXPORT = ['export', '--locked', '--no-dev', '--no-editable', '--no-header', '--no-annotate', '--quiet'];

/** What `uv.lock` names for a project. */
export interface LockedDependencies {
  /** What is downloaded, as in a `requirements.txt`. */
  readonly requirements: string;

  /** What is on this machine, and has to be built; the project itself among it, where it is a package. */
  readonly projects: readonly PythonProject[];
}

export function lockedDependencies(
  scope: Construct,
  directory: string,
  explain: (said: string) => string,
): LockedDependencies {
  const requirements: string[] = [];
  const projects: PythonProject[] = [];
  for (const line of runUv(scope, EXPORT, directory, explain).split('\n')) {
    const project = projectIn(line, directory);
    if (project === undefined) {
      requirements.push(line);
    } else {
      projects.push(project);
    }
  }
  return { requirements: requirements.join('\n'), projects };
}

/** A line that names a folder: `./packages/helper ; sys_platform == 'linux'`. */
function projectIn(line: string, directory: string): PythonProject | undefined {
  const [, location = '', marker = ''] = /^(\.[^;]*?|file:[^;]*?)(?: ; (.*))?$/.exec(line) ?? [];
  const folder = location.startsWith('file:') ? fileURLToPath(location) : path.resolve(directory, location);
  return location !== '' && existsSync(folder) && statSync(folder).isDirectory() ? { folder, marker } : undefined;
}
