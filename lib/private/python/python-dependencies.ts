import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { constructError } from '../common/construct-error';
import { temporaryFolder } from '../common/temporary-folder';
import type { Pylock } from './pylock';
import { installPackages, platformOptions, type Explain, type PythonPackages } from './python-installation';
import { exportLock, nearestLock, resolveRequirements } from './python-lock';
import {
  indexesOfOtherTools,
  isBuiltBySetuptools,
  isDescribed,
  isForPixiToo,
  isForPoetryAlone,
  isPackage,
  namesIndexes,
  type PythonProject,
} from './python-projects';
import { exportOf, inlineDependencies } from './python-sources';
import { requirementFiles } from './requirement-files';
import { requiresPythonProblems, type RequiresPython } from './requires-python';
import { withAdvice } from './uv-advice';

const LOCK = 'uv.lock';
const REQUIREMENTS = 'requirements.txt';
const PROJECT = 'pyproject.toml';
/** Where the dependencies of a project are named when it has no lock. What names them exactly comes first. */
const SOURCES = [REQUIREMENTS, PROJECT];

/** Locks of other tools, and how to have what they say. */
const OTHER_LOCKS = [
  { file: 'poetry.lock', remedy: '"poetry export --output requirements.txt"' },
  { file: 'pdm.lock', remedy: '"pdm export --output requirements.txt"' },
  { file: 'Pipfile.lock', remedy: '"pipenv requirements > requirements.txt"' },
  { file: 'pylock.toml', remedy: 'lock the project by "uv lock", or export it to a requirements.txt' },
];

/** What names dependencies for other tools, without a lock. */
const OTHER_SOURCES = [
  { file: 'Pipfile', remedy: '"pipenv requirements > requirements.txt"' },
  ...['environment.yml', 'environment.yaml', 'pixi.toml'].map(file => ({
    file,
    remedy: 'name the packages of PyPI in a requirements.txt',
  })),
  ...['setup.py', 'setup.cfg'].map(file => ({
    file,
    remedy: 'add a pyproject.toml with `requires = ["setuptools"]` under [build-system]',
  })),
];

/** https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-code-deploy-supported-runtimes.html */
export const PYTHON_VERSIONS = ['3.10', '3.11', '3.12', '3.13', '3.14'];

/**
 * Installs a Python project, where it is a package, and what it depends on, for the platform of AgentCore Runtime, by
 * the uv of this machine.
 *
 * @param named - how the directory is called in errors
 */
export function installPythonDependencies(
  scope: Construct,
  directory: string,
  pythonVersion: string,
  named = '`directory`',
): PythonPackages {
  const lock = nearestLock(directory);
  const own = SOURCES.filter(name => namesDependencies(directory, name));
  const check = (...sources: readonly RequiresPython[]): void => {
    const problems = requiresPythonProblems(sources, pythonVersion, PYTHON_VERSIONS);
    if (problems.length > 0) {
      throw constructError(scope, ...problems);
    }
  };
  check({ file: path.join(directory, PROJECT) });
  const explainFor =
    (source: string): Explain =>
    said =>
      explained(said, source, `${named} ${directory}`);
  const ofWorkspace = own.length === 0 || own.includes(PROJECT);
  const locked =
    lock !== undefined && ofWorkspace ? exportLock(scope, directory, temporaryFolder(), explainFor(LOCK)) : undefined;
  if (locked !== undefined) {
    check({ file: lock ?? '' });
  }
  const source = locked === undefined ? own[0] : LOCK;
  const others = OTHER_LOCKS.filter(({ file }) => existsSync(path.join(directory, file)));
  const otherSources = OTHER_SOURCES.filter(({ file }) => existsSync(path.join(directory, file)));
  if (source === undefined) {
    throw constructError(
      scope,
      `${named} ${directory} has none of ${[LOCK, ...SOURCES].join(', ')}: add one that names the dependencies of the server; ` +
        'where there are none, an empty requirements.txt' +
        [...others, ...(others.length === 0 ? otherSources : []), ...scriptsWithDependencies(directory)]
          .map(({ file, remedy }) => `; ${file} is not read: ${remedy}`)
          .join(''),
    );
  }
  if (source === PROJECT) {
    if (isForPoetryAlone(directory)) {
      throw constructError(
        scope,
        `${path.join(directory, PROJECT)} names dependencies in [tool.poetry.dependencies], which only Poetry reads there, and all of them would stay behind: ` +
          'name them by `dependencies` under [project], or in a requirements.txt ("poetry export --output requirements.txt")',
      );
    }
    if (isForPixiToo(directory)) {
      throw constructError(
        scope,
        `${path.join(directory, PROJECT)} names dependencies under [tool.pixi], which only Pixi reads, and they would stay behind: ` +
          'name those of PyPI by `dependencies` under [project], or in a requirements.txt',
      );
    }
    const indexes = namesIndexes(directory) ? [] : indexesOfOtherTools(directory);
    if (indexes.length > 0) {
      Annotations.of(scope).addWarningV2(
        'cdk-stateful-mcp:indexNotRead',
        `${path.join(directory, PROJECT)} names indexes that only Poetry or PDM asks (${indexes.join(', ')}); their packages are taken from the indexes of uv, such as PyPI, where others may own the names: ` +
          'name the indexes by [[tool.uv.index]], and what is from them under [tool.uv.sources], or export a requirements.txt',
      );
    }
    for (const { file, remedy } of others) {
      Annotations.of(scope).addWarningV2(
        'cdk-stateful-mcp:lockNotRead',
        `${path.join(directory, file)} is not read, and the newest versions that pyproject.toml admits are bundled instead of its own: ${remedy}`,
      );
    }
  }
  const explain = explainFor(source);
  const file = path.join(directory, source);
  const resolved =
    locked ??
    (namesNothing(file)
      ? undefined
      : resolveRequirements(scope, {
          directory,
          file,
          platform: platformOptions(pythonVersion),
          isOfUser: true,
          explain,
        }));
  const projects = projectsOf(directory, resolved, source);
  check(...projects.map(project => ({ file: path.join(project.folder, PROJECT) })));
  const requirements = source === REQUIREMENTS ? requirementFiles(file) : [];
  const packages = installPackages(scope, { directory, pythonVersion, resolved, requirements, projects, explain });
  check(...packages.requiresPython);
  return packages;
}

/**
 * Installs packages by requirements alone, with the settings of uv that the CDK app has.
 *
 * @param explain - says how that went wrong
 */
export function installPythonRequirements(
  scope: Construct,
  requirements: readonly string[],
  pythonVersion: string,
  explain: Explain,
): PythonPackages {
  const directory = process.cwd();
  const file = path.join(temporaryFolder(), REQUIREMENTS);
  writeFileSync(file, `${requirements.join('\n')}\n`);
  const resolved = resolveRequirements(scope, {
    directory,
    file,
    platform: platformOptions(pythonVersion),
    isOfUser: false,
    explain,
  });
  return installPackages(scope, {
    directory,
    pythonVersion,
    resolved,
    requirements: [],
    projects: resolved.projects,
    explain,
  });
}

function projectsOf(directory: string, resolved: Pylock | undefined, source: string): readonly PythonProject[] {
  const named = resolved?.projects ?? [];
  const packaged = isPackage(directory) || (source === PROJECT && isBuiltBySetuptools(directory));
  const itself = source !== LOCK && packaged && !named.some(({ folder }) => folder === directory);
  return itself ? [...named, { folder: directory, marker: '' }] : named;
}

/** A file of settings for tools names no dependencies, unless a build backend knows them. */
function namesDependencies(directory: string, name: string): boolean {
  const file = path.join(directory, name);
  return existsSync(file) && (name !== PROJECT || isDescribed(directory) || isBuiltBySetuptools(directory));
}

/** Programs that name their dependencies themselves. */
function scriptsWithDependencies(directory: string): { file: string; remedy: string }[] {
  return readdirSync(directory)
    .filter(file => file.endsWith('.py') && inlineDependencies(readFileSync(path.join(directory, file))).length > 0)
    .map(file => ({ file: `"# /// script" of ${file}`, remedy: exportOf(file) }));
}

/** Then uv is not needed, which not every machine has. */
function namesNothing(file: string): boolean {
  return (
    path.basename(file) === REQUIREMENTS &&
    readFileSync(file, 'utf8')
      .split('\n')
      .every(line => /^\s*(?:#|$)/.test(line))
  );
}

function explained(said: string, source: string, directory: string): string {
  if (/lockfile .*needs to be updated/.test(said)) {
    return `${directory} has a uv.lock that does not say what its pyproject.toml asks for: run "uv lock" there`;
  }
  return `the dependencies of ${directory} cannot be installed from ${source}: ${withAdvice(said, `correct ${source}`)}`;
}
