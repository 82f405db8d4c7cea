import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Construct } from 'constructs';
import { constructError } from '../common/construct-error';
import { temporaryFolder } from '../common/temporary-folder';
import type { Pylock } from './pylock';
import { installPackages, platformOptions, withAdvice, type Explain, type PythonPackages } from './python-installation';
import { exportLock, nearestLock, resolveRequirements } from './python-lock';
import { isPackage, type PythonProject } from './python-projects';
import { requiresPythonProblems } from './requires-python';

const LOCK = 'uv.lock';
const REQUIREMENTS = 'requirements.txt';
const PROJECT = 'pyproject.toml';
/** Where the dependencies of a project are named when it has no lock. What names them exactly comes first. */
const SOURCES = [REQUIREMENTS, PROJECT];

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
  const own = SOURCES.filter(name => existsSync(path.join(directory, name)));
  const check = (...files: readonly string[]): void => {
    const problems = requiresPythonProblems(files, pythonVersion, PYTHON_VERSIONS);
    if (problems.length > 0) {
      throw constructError(scope, ...problems);
    }
  };
  check(path.join(directory, PROJECT));
  const explainFor =
    (source: string): Explain =>
    said =>
      explained(said, source, `${named} ${directory}`);
  const ofWorkspace = own.length === 0 || own.includes(PROJECT);
  const locked =
    lock !== undefined && ofWorkspace ? exportLock(scope, directory, temporaryFolder(), explainFor(LOCK)) : undefined;
  if (locked !== undefined) {
    check(lock ?? '');
  }
  const source = locked === undefined ? own[0] : LOCK;
  if (source === undefined) {
    throw constructError(
      scope,
      `${named} ${directory} has none of ${[LOCK, ...SOURCES].join(', ')}: add one that names the dependencies of the server; ` +
        'where there are none, an empty requirements.txt',
    );
  }
  const explain = explainFor(source);
  const file = path.join(directory, source);
  const resolved =
    locked ??
    (namesNothing(file)
      ? undefined
      : resolveRequirements(scope, { directory, file, platform: platformOptions(pythonVersion), explain }));
  const projects = projectsOf(directory, resolved, locked !== undefined);
  check(...projects.map(project => path.join(project.folder, PROJECT)));
  const hashedRequirements = isHashed(file) ? file : undefined;
  return installPackages(scope, { directory, pythonVersion, resolved, hashedRequirements, projects, explain });
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
    explain,
  });
  return installPackages(scope, {
    directory,
    pythonVersion,
    resolved,
    hashedRequirements: undefined,
    projects: resolved.projects,
    explain,
  });
}

function projectsOf(directory: string, resolved: Pylock | undefined, locked: boolean): readonly PythonProject[] {
  const named = resolved?.projects ?? [];
  const itself = !locked && isPackage(directory) && !named.some(({ folder }) => folder === directory);
  return itself ? [...named, { folder: directory, marker: '' }] : named;
}

/** Whoever has named hashes wants them compared, and has named exact versions. */
function isHashed(file: string): boolean {
  return path.basename(file) === REQUIREMENTS && /\s--hash[= ]/.test(readFileSync(file, 'utf8'));
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
