import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Construct } from 'constructs';
import { constructError } from '../common/construct-error';
import { withoutByteOrderMark } from '../program/json-files';
import { filesBelow, writeFiles, type ProgramFile } from '../program/program-files';
import { isVirtualEnvironment } from './python-sources';
import { runUv } from './uv';

/** A Python project on this machine that travels along, such as a member of a workspace. */
export interface PythonProject {
  readonly folder: string;

  /** Where it is needed, as requirements say it: `sys_platform == 'linux'`. Empty for everywhere. */
  readonly marker: string;
}

export interface BuiltProject {
  /** What installs it. */
  readonly requirement: string;

  /** The list of its files, once it is installed. */
  readonly record: string;
}

/**
 * Whether a project is itself a package, by the rules of uv:
 * https://docs.astral.sh/uv/concepts/projects/config/#project-packaging
 */
export function isPackage(folder: string): boolean {
  const tableOf = tablesOf(folder);
  const [, said] = /^package[ \t]*=[ \t]*(true|false)\b/m.exec(tableOf('tool.uv')) ?? [];
  return said === undefined ? tableOf('build-system') !== '' : said === 'true';
}

/** Whether a project names dependencies, or how it is built, which knows them. */
export function isDescribed(folder: string): boolean {
  const tableOf = tablesOf(folder);
  return ['project', 'build-system', 'tool.poetry', POETRY_DEPENDENCIES].some(name => tableOf(name) !== '');
}

/** Whether a project names dependencies in a place that only Poetry reads: no build backend tells them to others. */
export function isForPoetryAlone(folder: string): boolean {
  const tableOf = tablesOf(folder);
  const project = tableOf('project');
  const namesAny = namesPackages(tableOf(POETRY_DEPENDENCIES));
  const isDynamic = /^dynamic[ \t]*=[ \t]*\[[^\]]*["']dependencies["']/m.test(project);
  const isBuilt = tableOf('build-system').includes('poetry') && (project === '' || isDynamic);
  return namesAny && !/^dependencies[ \t]*=/m.test(project) && !isBuilt;
}

/** Whether a project names dependencies that only Pixi reads, of Conda or of PyPI. */
export function isForPixiToo(folder: string): boolean {
  return tablesIn(folder).some(
    table => /^\[tool\.pixi\.(?:[\w.-]+\.)?(?:pypi-)?dependencies\]/.test(table) && namesPackages(table),
  );
}

/** A table of dependencies that names more than the version of Python. */
function namesPackages(table: string): boolean {
  return [...table.matchAll(/^["']?([\w.-]+)["']?[ \t]*=/gm)].some(([, name]) => name !== 'python');
}

/** The names of indexes, other than that of PyPI, that Poetry or PDM asks for packages. */
export function indexesOfOtherTools(folder: string): string[] {
  return tablesIn(folder)
    .filter(table => /^\[\[tool\.(?:poetry|pdm)\.source\]\]/.test(table))
    .flatMap(table => {
      const [url, name = 'one without a name'] = ['url', 'name'].map(
        key => new RegExp(`^${key}[ \\t]*=[ \\t]*["']([^"']+)["']`, 'm').exec(table)?.[1],
      );
      return url === undefined || /^https:\/\/pypi\.org\//.test(url) ? [] : [name];
    });
}

/** Whether a project says to uv where packages are from. */
export function namesIndexes(folder: string): boolean {
  return tablesIn(folder).some(table => table.startsWith('[[tool.uv.index]]'));
}

const POETRY_DEPENDENCIES = 'tool.poetry.dependencies';

const HEAD = /^(?=[ \t]*\[{1,2}[\w."'-]+\]{1,2}[ \t\r]*(?:#[^\n]*)?$)/m;

/** The tables of a `pyproject.toml` by their names, each with its head; empty for one that it has not. */
function tablesOf(folder: string): (name: string) => string {
  const tables = tablesIn(folder);
  return name => tables.find(table => table.startsWith(`[${name}]`)) ?? '';
}

function tablesIn(folder: string): string[] {
  const file = path.join(folder, 'pyproject.toml');
  const tables = existsSync(file) ? withoutByteOrderMark(readFileSync(file, 'utf8')).split(HEAD) : [];
  return tables.map(table => table.trimStart());
}

/**
 * The groups of dependencies that come with a project, but for that of its developers:
 * https://docs.astral.sh/uv/concepts/projects/dependencies/#default-groups
 */
export function defaultGroups(folder: string): string[] {
  const tableOf = tablesOf(folder);
  const [, said = '', listed = ''] = /^default-groups[ \t]*=[ \t]*("all"|\[([^\]]*)\])/m.exec(tableOf('tool.uv')) ?? [];
  const names =
    said === '"all"'
      ? tableOf('dependency-groups').matchAll(/^([\w.-]+)[ \t]*=/gm)
      : listed.matchAll(/["']([^"']+)["']/g);
  return [...names].flatMap(([, name = '']) => (name === 'dev' ? [] : name));
}

/** Whether it is a package for setuptools as tools before pyproject.toml made them. */
export function isBuiltBySetuptools(folder: string): boolean {
  return tablesOf(folder)('project') === '' && existsSync(path.join(folder, 'setup.py'));
}

/**
 * What stays out of a build: what it needs not, and what an earlier one has left, which setuptools would take into the
 * wheel again.
 */
const LEFT_OUT = /^\.(?!gitignore$)|^__pycache__$|\.py[co]$|\.egg-info$|^node_modules$|^cdk\.out$/;
const EARLIER_BUILD = 'build/lib';

/** The files of a project that a build of it may read. */
export function projectFiles({ folder }: PythonProject): ProgramFile[] {
  return filesBelow(
    folder,
    name =>
      LEFT_OUT.test(path.posix.basename(name)) ||
      name === EARLIER_BUILD ||
      isVirtualEnvironment(path.join(folder, name)),
  );
}

/**
 * Builds a project as a wheel, in a copy, since some build backends write into the sources.
 *
 * @param into - a folder of its own, which need not exist
 */
export function buildProject(scope: Construct, project: PythonProject, into: string): BuiltProject {
  const { folder, marker } = project;
  const copy = path.join(into, 'source');
  const wheels = path.join(into, 'wheel');
  mkdirSync(copy, { recursive: true });
  writeFiles(copy, projectFiles(project));
  runUv(
    scope,
    ['build', '--wheel', '--out-dir', wheels, copy],
    folder,
    said =>
      `the Python project ${folder} cannot be built as a wheel: ${said}\n` +
      'correct it, so that "uv build --wheel" works in a copy of it without .git; one that is no package has `package = false` under [tool.uv] in its pyproject.toml',
  );
  const wheel = readdirSync(wheels).find(name => name.endsWith('.whl')) ?? '';
  if (!wheel.endsWith('-none-any.whl')) {
    throw constructError(
      scope,
      `the Python project ${folder} is built as ${wheel}, which is for this machine; only pure Python is allowed, whose wheel ends with -none-any.whl: ` +
        'build a wheel of it for linux/arm64 and depend on that, or use `McpServerCode.fromDockerfile`',
    );
  }
  const [name, version] = wheel.split('-');
  const url = pathToFileURL(path.join(wheels, wheel)).href;
  return {
    requirement: `${name} @ ${url}${marker === '' ? '' : ` ; ${marker}`}`,
    record: `${name}-${version}.dist-info/RECORD`,
  };
}
