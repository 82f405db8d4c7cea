import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Construct } from 'constructs';
import { constructError } from '../common/construct-error';
import { digestOf, filesBelow, type ProgramFile } from '../program/program-files';
import { editablePackages } from './python-editable';
import { lockedDependencies } from './python-lock';
import { buildProject, isPackage, projectFiles } from './python-projects';
import { correctRecords, recordedFiles } from './python-records';
import { makeScriptsPortable } from './python-scripts';
import { temporaryFolder } from '../common/temporary-folder';
import { runUv } from './uv';

const LOCK = 'uv.lock';
/** Where the dependencies of a project are named. What names them exactly comes first. */
const SOURCES = [LOCK, 'requirements.txt', 'pyproject.toml'];

/**
 * Wheels for the C library of Amazon Linux 2023 (2.34) and of Debian 12 (2.36) or for an older one.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-code-deploy-supported-runtimes.html
 */
const PLATFORM = 'aarch64-manylinux_2_28';

/** Copies, since files of the cache may be links, and scripts are changed afterwards. */
const INSTALL = [
  'pip',
  'install',
  '--python-platform',
  PLATFORM,
  '--only-binary',
  ':all:',
  '--no-compile-bytecode',
  '--link-mode',
  'copy',
  '--no-progress',
];

const BUILT =
  'name the project in pyproject.toml and run "uv lock", since projects that uv.lock names are built and travel along, or depend on a wheel of it';

/** What is installed for a project. */
export interface PythonPackages {
  readonly files: readonly ProgramFile[];

  /** The names of those that the project has brought itself, where it is a package. */
  readonly own: ReadonlySet<string>;
}

const installed = new Map<string, PythonPackages>();

/**
 * Installs a Python project, where it is a package, and what it depends on, for the platform of AgentCore Runtime, by
 * the uv of this machine.
 */
export function installPythonDependencies(scope: Construct, directory: string, pythonVersion: string): PythonPackages {
  const sources = SOURCES.filter(name => existsSync(path.join(directory, name)));
  const [source] = sources;
  if (source === undefined) {
    throw constructError(
      scope,
      `\`directory\` ${directory} has none of ${SOURCES.join(', ')}: add one that names the dependencies of the server; ` +
        'where there are none, an empty requirements.txt',
    );
  }
  const explain = (said: string) => explained(said, source, directory);
  const locked = source === LOCK ? lockedDependencies(scope, directory, explain) : undefined;
  const projects = locked?.projects ?? (isPackage(directory) ? [{ folder: directory, marker: '' }] : []);
  const texts = sources.map(name => readFileSync(path.join(directory, name), 'utf8'));
  const key = JSON.stringify([
    directory,
    pythonVersion,
    texts,
    projects.map(project => [project, digestOf(projectFiles(project))]),
  ]);
  const known = installed.get(key);
  if (known !== undefined) {
    return known;
  }
  const folder = temporaryFolder();
  const target = path.join(folder, 'dependencies');
  const install = (...what: readonly string[]) =>
    runUv(scope, [...INSTALL, '--python-version', pythonVersion, '--target', target, ...what], directory, explain);
  if (locked === undefined && !namesNothing(directory, source)) {
    install('--requirements', source);
  }
  if (locked !== undefined) {
    const exported = path.join(folder, 'requirements.txt');
    writeFileSync(exported, locked.requirements);
    install('--no-deps', '--requirements', exported);
  }
  const built = projects.map((project, index) => buildProject(scope, project, path.join(folder, `project-${index}`)));
  if (built.length > 0) {
    install('--no-deps', ...built.map(({ requirement }) => requirement));
  }
  const editable = existsSync(target) ? editablePackages(target) : [];
  if (editable.length > 0) {
    throw constructError(
      scope,
      ...editable.map(
        found =>
          `${source} in \`directory\` ${directory} installs ${found} editable, which leads to sources of this machine alone: ${BUILT}`,
      ),
    );
  }
  const own = built
    .filter((_, index) => projects[index]?.folder === directory)
    .flatMap(({ record }) => recordedFiles(path.join(target, record)));
  const packages = { files: existsSync(target) ? portable(target) : [], own: new Set(own) };
  installed.set(key, packages);
  return packages;
}

/** Then uv is not needed, which not every machine has. */
function namesNothing(directory: string, source: string): boolean {
  return (
    source === 'requirements.txt' &&
    readFileSync(path.join(directory, source), 'utf8')
      .split('\n')
      .every(line => /^\s*(?:#|$)/.test(line))
  );
}

/** The files of installed packages, without what is of this machine. */
function portable(target: string): ProgramFile[] {
  correctRecords(target, makeScriptsPortable(target), isLeftOut);
  return filesBelow(target, isLeftOut);
}

/**
 * What uv keeps for itself, what names a folder of this machine (`direct_url.json`), and what is compiled by its
 * Python.
 */
function isLeftOut(name: string): boolean {
  return /^\.[^/]+$|(?:^|\/)__pycache__(?:$|\/)|\.dist-info\/(?:uv_[^/]+|direct_url\.json)$/.test(name);
}

function explained(said: string, source: string, directory: string): string {
  if (/lockfile .*needs to be updated/.test(said)) {
    return `\`directory\` ${directory} has a uv.lock that does not say what its pyproject.toml asks for: run "uv lock" there`;
  }
  return `the dependencies of \`directory\` ${directory} cannot be installed from ${source}: ${said}\n${adviceOn(said, source)}`;
}

function adviceOn(said: string, source: string): string {
  if (source !== LOCK && /Building source distributions is disabled/.test(said)) {
    return `where that is a project on this machine, ${BUILT}`;
  }
  return /wheel|--only-binary|--no-build|Building source distributions is disabled/i.test(said)
    ? 'what has no wheel for linux/arm64 would have to be built there: use another version or package, or `McpServerCode.fromDockerfile`'
    : `correct ${source}`;
}
