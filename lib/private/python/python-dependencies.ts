import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Construct } from 'constructs';
import { constructError } from '../common/construct-error';
import { temporaryFolder } from '../common/temporary-folder';
import { digestOf, filesBelow, type ProgramFile } from '../program/program-files';
import { packagesOfThisMachine } from './built-packages';
import type { Pylock } from './pylock';
import { exportLock, nearestLock, resolveRequirements } from './python-lock';
import { buildProject, isPackage, projectFiles, type PythonProject } from './python-projects';
import { correctRecords, recordedFiles } from './python-records';
import { makeScriptsPortable } from './python-scripts';
import { requiresPythonProblems } from './requires-python';
import { runUv } from './uv';

const LOCK = 'uv.lock';
const REQUIREMENTS = 'requirements.txt';
const PROJECT = 'pyproject.toml';
/** Where the dependencies of a project are named when it has no lock. What names them exactly comes first. */
const SOURCES = [REQUIREMENTS, PROJECT];

/** https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-code-deploy-supported-runtimes.html */
export const PYTHON_VERSIONS = ['3.10', '3.11', '3.12', '3.13', '3.14'];

/**
 * Wheels for the C library of Amazon Linux 2023 (2.34) and of Debian 12 (2.36) or for an older one.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-code-deploy-supported-runtimes.html
 */
const PLATFORM = 'aarch64-manylinux_2_28';

/** Copies, since files of the cache may be links, and scripts are changed afterwards. */
const INSTALL = ['pip', 'install', '--no-compile-bytecode', '--link-mode', 'copy', '--no-progress'];

const WHEELS_ONLY = ['--only-binary', ':all:'];
const WITHOUT_WHEEL = /wheel|no-build|only-binary|no binary|Building source distributions is disabled/i;

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
 *
 */
export function installPythonDependencies(scope: Construct, directory: string, pythonVersion: string): PythonPackages {
  const lock = nearestLock(directory);
  const own = SOURCES.filter(name => existsSync(path.join(directory, name)));
  const folder = temporaryFolder();
  const platform = ['--python-platform', PLATFORM, '--python-version', pythonVersion];
  const check = (...files: readonly string[]): void => {
    const problems = requiresPythonProblems(files, pythonVersion, PYTHON_VERSIONS);
    if (problems.length > 0) {
      throw constructError(scope, ...problems);
    }
  };
  check(path.join(directory, PROJECT));
  const ofWorkspace = own.length === 0 || own.includes(PROJECT);
  const locked =
    lock !== undefined && ofWorkspace
      ? exportLock(scope, directory, folder, said => explained(said, LOCK, directory))
      : undefined;
  if (locked !== undefined) {
    check(lock ?? '');
  }
  const source = locked === undefined ? own[0] : LOCK;
  if (source === undefined) {
    throw constructError(
      scope,
      `\`directory\` ${directory} has none of ${[LOCK, ...SOURCES].join(', ')}: add one that names the dependencies of the server; ` +
        'where there are none, an empty requirements.txt',
    );
  }
  const explain = (said: string): string => explained(said, source, directory);
  const resolved =
    locked ??
    (namesNothing(directory, source)
      ? undefined
      : resolveRequirements(scope, directory, source, folder, platform, explain));
  const projects = projectsOf(directory, resolved, locked !== undefined);
  check(...projects.map(project => path.join(project.folder, PROJECT)));
  const key = JSON.stringify([
    directory,
    pythonVersion,
    resolved?.text ?? textOf(directory, source),
    projects.map(project => [project, digestOf(projectFiles(project))]),
  ]);
  const known = installed.get(key);
  if (known !== undefined) {
    return known;
  }
  const target = path.join(folder, 'dependencies');
  const install: Install = (what, explanation = explain, timeoutMs) =>
    runUv(scope, [...INSTALL, ...platform, '--target', target, ...what], directory, explanation, timeoutMs);
  if (resolved !== undefined && resolved.packages.length > 0) {
    const file = path.join(folder, 'pylock.toml');
    writeFileSync(file, resolved.text);
    const what = isHashed(directory, source) ? [source] : [file, '--no-deps'];
    installResolved(scope, target, resolved, ['--requirements', ...what], install, explain);
  }
  const built = projects.map((project, index) => buildProject(scope, project, path.join(folder, `project-${index}`)));
  if (built.length > 0) {
    install([...WHEELS_ONLY, '--no-deps', ...built.map(({ requirement }) => requirement)]);
  }
  const ownFiles = built
    .filter((_, index) => projects[index]?.folder === directory)
    .flatMap(({ record }) => recordedFiles(path.join(target, record)));
  const packages = { files: existsSync(target) ? portable(target) : [], own: new Set(ownFiles) };
  installed.set(key, packages);
  return packages;
}

function projectsOf(directory: string, resolved: Pylock | undefined, locked: boolean): readonly PythonProject[] {
  const named = resolved?.projects ?? [];
  const itself = !locked && isPackage(directory) && !named.some(({ folder }) => folder === directory);
  return itself ? [...named, { folder: directory, marker: '' }] : named;
}

type Install = (what: readonly string[], explain?: (said: string) => string, timeoutMs?: number) => string;

/** Pure Python is built within seconds; what takes longer is being compiled. */
const BUILD_TIME_LIMIT_MS = 60_000;

/** Something has no wheel for the platform. */
class WithoutWheel extends Error {}

/**
 * Installs wheels, and where some packages are published as sources alone, builds those, which have to be pure Python.
 * Of a package that is published as wheels, for other platforms, it is known that it is not.
 */
function installResolved(
  scope: Construct,
  target: string,
  { packages }: Pylock,
  what: readonly string[],
  install: Install,
  explain: (said: string) => string,
): void {
  try {
    install([...WHEELS_ONLY, ...what], said => {
      if (WITHOUT_WHEEL.test(said)) {
        throw new WithoutWheel();
      }
      return explain(said);
    });
    return;
  } catch (error) {
    if (!(error instanceof WithoutWheel)) {
      throw error;
    }
  }
  rmSync(target, { recursive: true, force: true });
  const published = packages.filter(({ hasWheels }) => hasWheels).flatMap(({ name }) => ['--only-binary', name]);
  const sourcesAlone = packages.flatMap(({ name, hasWheels }) => (hasWheels ? [] : name)).join(', ') || 'none';
  install(
    [...published, ...what],
    said => `${explain(said).replace(/\n[^\n]*$/, '')}\npublished as sources alone: ${sourcesAlone}; ${NO_WHEEL}`,
    BUILD_TIME_LIMIT_MS,
  );
  const foreign = packagesOfThisMachine(target);
  if (foreign.length > 0) {
    throw constructError(
      scope,
      `a dependency has no wheel for linux/arm64, and what is built of its sources is for this machine: ${foreign.join(', ')}; ${NO_WHEEL}`,
    );
  }
}

const NO_WHEEL =
  'what has no wheel for linux/arm64 would have to be built there: use another version or package, or `McpServerCode.fromDockerfile`';

function textOf(directory: string, source: string): string {
  return readFileSync(path.join(directory, source), 'utf8');
}

/** Whoever has named hashes wants them compared, and has named exact versions. */
function isHashed(directory: string, source: string): boolean {
  return source === REQUIREMENTS && /\s--hash[= ]/.test(textOf(directory, source));
}

/** Then uv is not needed, which not every machine has. */
function namesNothing(directory: string, source: string): boolean {
  return (
    source === REQUIREMENTS &&
    textOf(directory, source)
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
  const advice = WITHOUT_WHEEL.test(said) ? NO_WHEEL : `correct ${source}`;
  return `the dependencies of \`directory\` ${directory} cannot be installed from ${source}: ${said}\n${advice}`;
}
