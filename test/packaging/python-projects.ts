import { execFileSync } from 'node:child_process';
import { McpServerCode, type PythonCodeOptions } from '../../lib';
import { filesBelow } from '../../lib/private/program/program-files';
import { project, synthesized, type Synthesized } from '../lib/fixtures/projects';

// What the tests of Python bundle, and how they look at it.

export function bundled(directory: string, options?: PythonCodeOptions): Synthesized {
  return synthesized(McpServerCode.fromPython(directory, options));
}

export function namesIn(folder: string): string[] {
  return filesBelow(folder).map(({ name }) => name);
}

const HATCH = '[build-system]\nrequires = ["hatchling==1.27.0"]\nbuild-backend = "hatchling.build"\n';

/** A workspace whose server depends on a member. */
export const WORKSPACE = {
  'main.py': 'import helper\n',
  'pyproject.toml':
    '[project]\nname = "greeter"\nversion = "1.0.0"\nrequires-python = ">=3.11"\ndependencies = ["helper"]\n\n' +
    '[tool.uv.sources]\nhelper = { workspace = true }\n\n[tool.uv.workspace]\nmembers = ["packages/*"]\n',
  'packages/helper/pyproject.toml': `[project]\nname = "helper"\nversion = "1.0.0"\nrequires-python = ">=3.11"\n\n${HATCH}`,
  'packages/helper/src/helper/__init__.py': 'NAME = "helper"\n',
};

/** A project with a lock. */
export function locked(files: Record<string, string>, below?: string): string {
  const folder = project(files, below);
  execFileSync('uv', ['lock', '--quiet'], { cwd: folder });
  return folder;
}

/** What Python writes in the folder of the bundle, where nothing of this machine's packages is found. */
export function python(folder: string, program: string): string {
  return execFileSync('python3', ['-S', '-B', '-c', program], { cwd: folder, encoding: 'utf8' }).trim();
}

export const PACKAGE = {
  'main.py': 'import app\n',
  'pyproject.toml': `[project]\nname = "app"\nversion = "1.0.0"\nrequires-python = ">=3.11"\ndependencies = ["h11==0.16.0"]\n\n${HATCH}`,
};

export const SRC_LAYOUT = { ...PACKAGE, 'src/app/__init__.py': 'import h11\n' };

export function expectApp({ folder }: Synthesized): void {
  expect(python(folder, 'import app, importlib.metadata; print(app.__file__, importlib.metadata.version("app"))')).toBe(
    `${folder}/app/__init__.py 1.0.0`,
  );
}
