import { existsSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { PythonCodeOptions } from '../../code/python-code-options';
import { constructError, refuse } from '../common/construct-error';
import { statsOf } from '../common/file-path';
import { unresolvedProblems } from '../common/unresolved';
import { foreignBinaries } from '../program/native-binaries';
import type { ProgramBundle } from '../program/program-bundle';
import { NOTICES_FILE } from '../modules/third-party-notices';
import { contentsOf, type ProgramFile } from '../program/program-files';
import { bytecodeOf } from './bytecode';
import { servesByFastmcpKit } from './fastmcp-kit';
import { distributionOf } from './distributions';
import { withoutForeignFiles } from './foreign-files';
import { DEFAULT_INTERPRETER, interpreterProblems, pythonStart, versionOf } from './interpreter';
import { moduleCollisions } from './module-collisions';
import { pythonNotices } from './python-notices';
import { withoutStandardModules } from './standard-library';
import { installPythonDependencies } from '../python/python-dependencies';
import type { PythonPackages } from '../python/python-installation';
import { machineBoundScripts } from '../python/python-scripts';
import { exportOf, inlineDependencies, pythonSources } from '../python/python-sources';
import { requirementFiles } from '../python/requirement-files';
import { withoutUrlCredentials } from '../python/url-credentials';

/** Bundles a Python server with its dependencies, unless the CDK does not want this stack bundled. */
export function bundlePython(scope: Construct, directory: string, options: PythonCodeOptions): ProgramBundle {
  const { entry = 'main.py', interpreter = DEFAULT_INTERPRETER, exclude = [] } = options;
  const { bundlingRequired } = Stack.of(scope);
  refuse(scope, [
    ...unresolvedProblems({ entry, exclude }),
    ...(bundlingRequired ? directoryProblems(directory, entry) : unresolvedProblems({ directory })),
    ...interpreterProblems(interpreter),
  ]);
  const projectRoot = bundlingRequired ? realpathSync(directory) : path.resolve(directory);
  const version = versionOf(interpreter);
  const start = pythonStart(projectRoot, interpreter, entry);
  if (!bundlingRequired) {
    const there = statsOf(projectRoot)?.isDirectory() === true ? pythonSources(projectRoot, exclude) : [];
    return { ...start, files: [], usesServerKit: servesByFastmcpKit(there) };
  }
  const sources = withoutUrlCredentials(pythonSources(projectRoot, exclude), namedForInstallers(projectRoot));
  const installed = installPythonDependencies(scope, projectRoot, version);
  const dependencies = withoutForeignFiles(
    scope,
    withoutStandardModules(withoutOwnCopies(sources, installed), version),
  );
  const scripts = [...sources, ...dependencies.filter(({ name }) => name.startsWith('bin/'))];
  const found = [
    ...entryProblems(sources, entry),
    ...inlineProblems(sources, entry, dependencies),
    ...collisionProblems(sources, dependencies),
    ...foreignBinaries(sources).map(
      binary =>
        `\`directory\` brings ${binary}; only binaries for Linux on arm64 are allowed: leave it out by \`exclude\`, or get it for that platform`,
    ),
    ...foreignBinaries(dependencies).map(
      binary =>
        `a dependency of \`directory\` brings ${binary}; only binaries for Linux on arm64 are allowed: ` +
        'use a version or a package with a wheel for that platform, or `McpServerCode.fromDockerfile`',
    ),
    ...machineBoundScripts(scripts).map(
      script =>
        `\`directory\` brings ${script}, whose interpreter may be on this machine alone: begin it with "#!/usr/bin/env python3"`,
    ),
  ];
  if (found.length > 0) {
    throw constructError(scope, ...found);
  }
  const bytecode = [dependencies, sources].flatMap(files => bytecodeOf(scope, files, version));
  return {
    ...start,
    files: [...sources, ...dependencies, ...bytecode, ...pythonNotices(dependencies)],
    usesServerKit: servesByFastmcpKit(sources, dependencies),
  };
}

/** Files of requirements by whatever name. */
function namedForInstallers(projectRoot: string): string[] {
  return requirementFiles(path.join(projectRoot, 'requirements.txt')).map(({ file }) =>
    path.relative(projectRoot, file).replaceAll(path.sep, '/'),
  );
}

function directoryProblems(directory: string, entry: string): string[] {
  if (Token.isUnresolved(directory)) {
    return [
      '`directory` is an unresolved token; the server is bundled now, before the deployment: give a path on this machine',
    ];
  }
  const folder = path.resolve(directory);
  if (!existsSync(folder)) {
    return [
      `\`directory\` is ${JSON.stringify(directory)}, and there is no ${folder}: give the folder of the server, relative to the folder that the CDK app runs in`,
    ];
  }
  if (!statSync(folder).isDirectory()) {
    return [
      `\`directory\` is ${JSON.stringify(directory)}, which is a file: give its folder, and name the file by \`entry\``,
    ];
  }
  if (!/^[^/\\]+\.py$/.test(entry)) {
    return [
      `\`entry\` is ${JSON.stringify(entry)}; the name of a .py file directly in \`directory\` is allowed, since dependencies are installed beside it: ` +
        'give the folder of that file as `directory`, or where it is a module of a package, add a file beside the package that imports and starts it',
    ];
  }
  if (!existsSync(path.join(folder, entry))) {
    return [
      `\`entry\` is ${JSON.stringify(entry)}, and there is no ${path.join(folder, entry)}: give the name of the file that starts the server; where a package does, add one that imports and starts it`,
    ];
  }
  return [];
}

function entryProblems(sources: readonly ProgramFile[], entry: string): string[] {
  const has = (file: string): boolean => sources.some(({ name }) => name === file);
  return [
    ...(has(entry) ? [] : [`\`exclude\` leaves out ${entry}, which starts the server: let it in`]),
    ...(has(NOTICES_FILE)
      ? [
          `\`directory\` has ${NOTICES_FILE}, whose place is taken by the bundle: rename it, or leave it out by \`exclude\``,
        ]
      : []),
  ];
}

/** What `uv run` reads in the program, and takes in the place of what the project says. */
function inlineProblems(
  sources: readonly ProgramFile[],
  entry: string,
  dependencies: readonly ProgramFile[],
): string[] {
  const missing = sources
    .filter(({ name }) => name === entry)
    .flatMap(program => inlineDependencies(contentsOf(program)))
    .filter(name => distributionOf(dependencies, name) === undefined);
  return missing.length === 0
    ? []
    : [
        `${entry} names ${missing.join(', ')} in "# /// script", which is not read, and the dependencies of \`directory\` have none of that name: ` +
          `add them (${exportOf(entry)})`,
      ];
}

/**
 * A project that is a package, and whose modules are in its folder, has them twice. Those of the folder stay, from
 * which `exclude` leaves out files.
 */
function withoutOwnCopies(sources: readonly ProgramFile[], { files, own }: PythonPackages): ProgramFile[] {
  const modules = new Set(sources.map(moduleOf));
  return files.filter(file => !own.has(file.name) || !modules.has(moduleOf(file)));
}

function collisionProblems(sources: readonly ProgramFile[], dependencies: readonly ProgramFile[]): string[] {
  const installed = new Set(dependencies.map(({ name }) => name));
  const programs = sources.map(({ name }) => name).filter(name => name.startsWith('bin/') && installed.has(name));
  return [...moduleCollisions(sources, dependencies), ...programs].map(
    name =>
      `\`directory\` has ${name}, and so has one of its dependencies, which are installed beside it: rename yours, or leave it out by \`exclude\``,
  );
}

/** What is imported by one name is a folder or a file. */
function moduleOf({ name }: ProgramFile): string {
  return name.replace(/\/.*$/, '').replace(/\.py$/, '');
}
