import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Construct } from 'constructs';
import { constructError } from './construct-error';
import { filesBelow, type ProgramFile } from './program-files';
import { correctRecords } from './python-records';
import { makeScriptsPortable } from './python-scripts';
import { temporaryFolder } from './temporary-folder';
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
  const explain = (said: string) => explained(said, source, directory);
  const folder = temporaryFolder();
  const target = path.join(folder, 'dependencies');
  let requirements = source;
  if (source === LOCK) {
    requirements = path.join(folder, 'requirements.txt');
    runUv(scope, [...EXPORT, requirements], directory, explain);
  }
  runUv(scope, [...INSTALL, '--python-version', pythonVersion, '--target', target, '--requirements', requirements], directory, explain);
  const files = existsSync(target) ? portable(target) : [];
  installed.set(key, files);
  return files;
}

/** The files of installed packages, without what is of this machine. */
function portable(target: string): ProgramFile[] {
  correctRecords(target, makeScriptsPortable(target), isLeftOut);
  return filesBelow(target, isLeftOut);
}

/** What uv keeps for itself, what names a folder of this machine (`direct_url.json`), and what is compiled by its Python. */
function isLeftOut(name: string): boolean {
  return /^\.[^/]+$|(?:^|\/)__pycache__(?:$|\/)|\.dist-info\/(?:uv_[^/]+|direct_url\.json)$/.test(name);
}

function explained(said: string, source: string, directory: string): string {
  const advice = /wheel|--only-binary|--no-build/i.test(said)
    ? 'what has no wheel for linux/arm64 would have to be built there: use another version or package, or `McpServerCode.fromDockerfile`'
    : `correct ${source}`;
  return `the dependencies of \`directory\` ${directory} cannot be installed from ${source}: ${said}\n${advice}`;
}
