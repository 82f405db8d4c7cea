import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Construct } from 'constructs';
import { constructError } from '../common/construct-error';
import { temporaryFolder } from '../common/temporary-folder';
import { cachedFolder } from '../program/cache';
import { digestOf, filesBelow, type ProgramFile } from '../program/program-files';
import type { Pylock } from './pylock';
import { buildProject, projectFiles, type PythonProject } from './python-projects';
import { correctRecords, recordedFiles } from './python-records';
import { makeScriptsPortable } from './python-scripts';
import { hasHashes, indexVariables, type RequirementFile } from './requirement-files';
import type { RequiresPython } from './requires-python';
import { hideUrlCredentials } from './url-credentials';
import { runUv } from './uv';
import { lacksWheel, NO_WHEEL } from './uv-advice';
import { tellProgress } from '../common/progress';

/**
 * The C library of Amazon Linux 2023, which that of Debian is newer than. Wheels for it are installed where packages
 * have none for an older one, which more base images have.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-code-deploy-supported-runtimes.html
 */
const PLATFORM = 'aarch64-manylinux_2_34';
const OLDER_PLATFORM = 'aarch64-manylinux_2_28';

/** Copies, since files of the cache may be links, and scripts are changed afterwards. */
const INSTALL = ['pip', 'install', '--no-compile-bytecode', '--link-mode', 'copy', '--no-progress'];

const WHEELS_ONLY = ['--only-binary', ':all:'];

/** Pure Python is built within seconds; what takes longer is being compiled. */
const BUILD_TIME_LIMIT_MS = 60_000;

/** Tags of wheels that are for one machine: what is published for many Linux systems is `manylinux` or `musllinux`. */
const ONE_MACHINE = /-(?:linux_|macosx_|win)/;

/** Changes when what is made of equal inputs does. */
const FORM = 3;

/** Where packages are kept in their folder of the cache, and which of them are of which project. */
const PACKAGES = 'packages';
const RECORDS = 'records.json';

/** What is installed for a project. */
export interface PythonPackages {
  readonly files: readonly ProgramFile[];

  /** The names of those that the project has brought itself, where it is a package. */
  readonly own: ReadonlySet<string>;

  /** What the projects that were built say about the version of Python. */
  readonly requiresPython: readonly RequiresPython[];
}

/** Says how a command went wrong, for the author of the app. */
export type Explain = (said: string) => string;

export interface PythonInstallation {
  /** Where uv finds its settings, such as indexes. */
  readonly directory: string;
  readonly pythonVersion: string;
  readonly resolved: Pylock | undefined;

  /** The files of requirements that were resolved, the first of which includes the others. */
  readonly requirements: readonly RequirementFile[];
  readonly projects: readonly PythonProject[];
  readonly explain: Explain;
}

/** Options of uv for the platform of AgentCore Runtime. */
export function platformOptions(pythonVersion: string, platform = PLATFORM): string[] {
  return ['--python-platform', platform, '--python-version', pythonVersion];
}

/** Installs what was resolved, unless a synthesis before has. Equal inputs are installed once. */
export function installPackages(scope: Construct, installation: PythonInstallation): PythonPackages {
  const { directory, pythonVersion, resolved, requirements, projects } = installation;
  const inputs = [
    'python packages',
    FORM,
    PLATFORM,
    pythonVersion,
    resolved?.text,
    requirements.some(hasHashes) && requirements.map(({ text }) => text),
    projects.map(project => [project.marker, digestOf(projectFiles(project))]),
  ];
  const folder = cachedFolder(inputs, into => install(scope, installation, into));
  const target = path.join(folder, PACKAGES);
  const records = JSON.parse(readFileSync(path.join(folder, RECORDS), 'utf8')) as readonly string[];
  const ownFiles = records
    .filter((_, index) => projects[index]?.folder === directory)
    .flatMap(record => recordedFiles(path.join(target, record)));
  const requiresPython = projects.map(({ folder: project }, index) => ({
    file: path.join(target, path.dirname(records[index] ?? ''), 'METADATA'),
    project,
  }));
  return { files: existsSync(target) ? filesBelow(target, isLeftOut) : [], own: new Set(ownFiles), requiresPython };
}

function install(scope: Construct, installation: PythonInstallation, into: string): void {
  const { directory, pythonVersion, resolved, requirements, projects, explain } = installation;
  const folder = temporaryFolder();
  const target = path.join(into, PACKAGES);
  const env = { ...process.env, ...indexVariables(requirements) };
  const run: Install = (what, { platform, timeoutMs, explanation = explain } = {}) =>
    runUv(
      scope,
      [...INSTALL, ...platformOptions(pythonVersion, platform), '--target', target, ...what],
      directory,
      explanation,
      { env, timeoutMs },
    );
  if (resolved !== undefined && resolved.packages.length > 0) {
    tellProgress(scope, `Python packages for linux/arm64: ${resolved.packages.length} are installed`);
    const file = path.join(folder, 'pylock.toml');
    writeFileSync(file, resolved.text);
    const what = hashedRequirements(requirements) ?? [file, '--no-deps'];
    installResolved(scope, target, resolved, ['--requirements', ...what], run, explain);
  }
  const built = projects.map((project, index) => buildProject(scope, project, path.join(folder, `project-${index}`)));
  if (built.length > 0) {
    run([...WHEELS_ONLY, '--no-deps', ...built.map(({ requirement }) => requirement)]);
  }
  if (existsSync(target)) {
    correctRecords(target, new Map([...makeScriptsPortable(target), ...hideUrlCredentials(target)]), isLeftOut);
  }
  writeFileSync(path.join(into, RECORDS), JSON.stringify(built.map(({ record }) => record)));
}

/** Hashes take the place of those of the lock. Those of constraints are compared where they are named here, too. */
function hashedRequirements(requirements: readonly RequirementFile[]): string[] | undefined {
  const [main] = requirements;
  const constraints = requirements.filter(({ isConstraint }) => isConstraint).filter(hasHashes);
  return main !== undefined && requirements.some(hasHashes)
    ? [main.file, ...constraints.flatMap(({ file }) => ['--constraints', file])]
    : undefined;
}

interface InstallOptions {
  readonly platform?: string;
  readonly explanation?: Explain;
  readonly timeoutMs?: number;
}

type Install = (what: readonly string[], options?: InstallOptions) => string;

/** Something has no wheel for the platform. */
class WithoutWheel extends Error {}

function withoutWheelOr(explain: Explain): Explain {
  return said => {
    if (lacksWheel(said)) {
      throw new WithoutWheel();
    }
    return explain(said);
  };
}

/**
 * Installs wheels, and where some packages are published as sources alone, builds those, which have to be pure Python.
 * Of a package that is published as wheels, for other platforms, it is known that it is not.
 */
function installResolved(
  scope: Construct,
  target: string,
  { packages }: Pylock,
  what: readonly string[],
  run: Install,
  explain: Explain,
): void {
  for (const platform of [OLDER_PLATFORM, PLATFORM]) {
    try {
      run([...WHEELS_ONLY, ...what], { platform, explanation: withoutWheelOr(explain) });
      return;
    } catch (error) {
      if (!(error instanceof WithoutWheel)) {
        throw error;
      }
      rmSync(target, { recursive: true, force: true });
    }
  }
  const published = packages.filter(({ hasWheels }) => hasWheels).flatMap(({ name }) => ['--only-binary', name]);
  const withoutWheel = packages.flatMap(({ name, hasWheels }) => (hasWheels ? [] : name)).join(', ') || 'none';
  run([...published, ...what], {
    explanation: said =>
      `${explain(said).replace(/\n[^\n]*$/, '')}\nwithout a wheel that fits: ${withoutWheel}; ${NO_WHEEL}`,
    timeoutMs: BUILD_TIME_LIMIT_MS,
  });
  const foreign = packagesOfThisMachine(target);
  if (foreign.length > 0) {
    throw constructError(
      scope,
      `a dependency has no wheel for linux/arm64 and this version of Python, and what is built of its sources is for this machine: ${foreign.join(', ')}; ${NO_WHEEL}`,
    );
  }
}

/**
 * Installed packages that were built from sources for this machine, each with its wheel's tag: what is not pure Python
 * does not run elsewhere.
 *
 * @see https://packaging.python.org/en/latest/specifications/binary-distribution-format/
 */
function packagesOfThisMachine(folder: string): string[] {
  return readdirSync(folder)
    .filter(entry => entry.endsWith('.dist-info') && existsSync(path.join(folder, entry, 'WHEEL')))
    .flatMap(entry => {
      const [, tag = ''] = /^Tag: (.+?)\r?$/m.exec(readFileSync(path.join(folder, entry, 'WHEEL'), 'utf8')) ?? [];
      // uv notes what it has built.
      const built = ONE_MACHINE.test(tag) || existsSync(path.join(folder, entry, 'uv_build.json'));
      return built && !tag.endsWith('-none-any')
        ? [`${entry.replace(/\.dist-info$/, '').replace('-', ' ')} (${tag})`]
        : [];
    });
}

/**
 * What uv keeps for itself, what names a folder of this machine (`direct_url.json`), and what is compiled by its
 * Python.
 */
function isLeftOut(name: string): boolean {
  return /^\.[^/]+$|(?:^|\/)__pycache__(?:$|\/)|\.dist-info\/(?:uv_[^/]+|direct_url\.json)$/.test(name);
}
