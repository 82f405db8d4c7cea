import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Construct } from 'constructs';
import { CommandError, runCommand } from './command';
import { constructError } from './construct-error';
import { filesBelow, type ProgramFile } from './program-files';
import { makeScriptsPortable } from './python-scripts';
import { temporaryFolder } from './temporary-folder';

const LOCK = 'uv.lock';
/** Where the dependencies of a project are named. What names them exactly comes first. */
const SOURCES = [LOCK, 'requirements.txt', 'pyproject.toml'];

/**
 * Wheels for the C library of Amazon Linux 2023 (2.34) and of Debian 12 (2.36) or for an older one.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-code-deploy-supported-runtimes.html
 */
const PLATFORM = 'aarch64-manylinux_2_28';

const EXPORT = ['export', '--frozen', '--no-dev', '--no-emit-project', '--no-header', '--no-annotate', '--quiet', '--output-file'];
// Copies, since files of the cache may be links, and scripts are changed afterwards.
const INSTALL = ['pip', 'install', '--python-platform', PLATFORM, '--only-binary', ':all:', '--no-compile-bytecode', '--link-mode', 'copy', '--no-progress'];

const installed = new Map<string, readonly ProgramFile[]>();

/** Installs what a Python project depends on, for the platform of AgentCore Runtime, by the uv of this machine. */
export function installPythonDependencies(scope: Construct, directory: string, pythonVersion: string): readonly ProgramFile[] {
  const sources = SOURCES.filter(name => existsSync(path.join(directory, name)));
  const [source] = sources;
  if (source === undefined) {
    throw constructError(scope, `\`directory\` ${directory} has none of ${SOURCES.join(', ')}: add one that names the dependencies of the server; `
      + 'where there are none, an empty requirements.txt');
  }
  const key = JSON.stringify([directory, pythonVersion, sources.map(name => readFileSync(path.join(directory, name), 'utf8'))]);
  const known = installed.get(key);
  if (known !== undefined) {
    return known;
  }
  const folder = temporaryFolder();
  try {
    const requirements = source === LOCK ? exported(directory, path.join(folder, 'requirements.txt')) : source;
    const target = path.join(folder, 'dependencies');
    runCommand('uv', [...INSTALL, '--python-version', pythonVersion, '--target', target, '--requirements', requirements], { cwd: directory });
    makeScriptsPortable(target);
    const files = existsSync(target) ? filesBelow(target, isLeftOut) : [];
    installed.set(key, files);
    return files;
  } catch (error) {
    throw error instanceof CommandError ? constructError(scope, explained(error, source, directory)) : error;
  }
}

function exported(directory: string, requirements: string): string {
  runCommand('uv', [...EXPORT, requirements], { cwd: directory });
  return requirements;
}

/** What uv keeps for itself, and what is compiled by the Python of this machine. */
function isLeftOut(name: string): boolean {
  return /^\.[^/]+$|(?:^|\/)__pycache__$|\.dist-info\/uv_[^/]+$/.test(name);
}

function explained({ message, missing }: CommandError, source: string, directory: string): string {
  if (missing) {
    return 'cannot find uv, which installs the dependencies of `directory` for linux/arm64: install it ("pip install uv", or see https://docs.astral.sh/uv/), '
      + 'and have it on the PATH';
  }
  const advice = /wheel|--only-binary|--no-build/i.test(message)
    ? 'what has no wheel for linux/arm64 would have to be built there: use another version or package, or `McpServerCode.fromDockerfile`'
    : `correct ${source}`;
  return `the dependencies of \`directory\` ${directory} cannot be installed from ${source}: ${message}\n${advice}`;
}
