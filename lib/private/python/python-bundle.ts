import { existsSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { Stack, Token } from 'aws-cdk-lib';
import { AgentCoreRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';
import type { Construct } from 'constructs';
import type { PythonCodeOptions } from '../../code/python-code-options';
import { constructError, refuse } from '../common/construct-error';
import { unresolvedProblems } from '../common/unresolved';
import { foreignBinaries } from '../program/native-binaries';
import type { ProgramBundle } from '../program/program-bundle';
import type { ProgramFile } from '../program/program-files';
import { moduleCollisions } from './module-collisions';
import { installPythonDependencies, type PythonPackages } from './python-dependencies';
import { machineBoundScripts } from './python-scripts';
import { pythonSources } from './python-sources';

/** @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-code-deploy-supported-runtimes.html */
const RUNTIMES = ['PYTHON_3_10', 'PYTHON_3_11', 'PYTHON_3_12', 'PYTHON_3_13', 'PYTHON_3_14'];

/** Bundles a Python server with its dependencies, unless the CDK does not want this stack bundled. */
export function bundlePython(scope: Construct, directory: string, options: PythonCodeOptions): ProgramBundle {
  const { entry = 'main.py', interpreter = AgentCoreRuntime.PYTHON_3_13, exclude = [] } = options;
  const { bundlingRequired } = Stack.of(scope);
  refuse(scope, [
    ...(bundlingRequired ? directoryProblems(directory, entry) : unresolvedProblems({ directory })),
    ...interpreterProblems(interpreter),
  ]);
  const projectRoot = bundlingRequired ? realpathSync(directory) : path.resolve(directory);
  const version = versionOf(interpreter);
  const bundle = {
    projectRoot,
    engines: [],
    sendsSpans: false,
    usesServerKit: false,
    zipStart: { runtime: interpreter, entryPoint: [entry] },
    imageStart: {
      baseImage: `public.ecr.aws/docker/library/python:${version}-slim`,
      entryPoint: ['python3', entry],
      environment: {
        // The image does not know the user that the server runs as, so its home would be the root folder.
        HOME: '/tmp',
        // Lines reach the log when they are written, not when there are enough of them.
        PYTHONUNBUFFERED: '1',
      },
    },
  };
  if (!bundlingRequired) {
    return { ...bundle, files: [] };
  }
  const sources = pythonSources(projectRoot, exclude);
  const dependencies = withoutOwnCopies(sources, installPythonDependencies(scope, projectRoot, version));
  const scripts = [...sources, ...dependencies.filter(({ name }) => name.startsWith('bin/'))];
  const found = [
    ...entryProblems(sources, entry),
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
  return { ...bundle, files: [...sources, ...dependencies] };
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
        'give the folder of that file as `directory`',
    ];
  }
  if (!existsSync(path.join(folder, entry))) {
    return [
      `\`entry\` is ${JSON.stringify(entry)}, and there is no ${path.join(folder, entry)}: give the name of the file that starts the server`,
    ];
  }
  return [];
}

/** An unknown version would be blamed on packages that have no wheels for it. */
function interpreterProblems({ value }: AgentCoreRuntime): string[] {
  return RUNTIMES.includes(value)
    ? []
    : [
        `\`interpreter\` is ${value}; ${RUNTIMES.slice(0, -1).join(', ')} and ${RUNTIMES.at(-1)} are allowed: choose one of them`,
      ];
}

function versionOf(runtime: AgentCoreRuntime): string {
  return runtime.value.replace(/^PYTHON_(\d+)_(\d+)$/, '$1.$2');
}

function entryProblems(sources: readonly ProgramFile[], entry: string): string[] {
  return sources.some(({ name }) => name === entry)
    ? []
    : [`\`exclude\` leaves out ${entry}, which starts the server: let it in`];
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
  return moduleCollisions(sources, dependencies).map(
    name =>
      `\`directory\` has ${name}, and so has one of its dependencies, which are installed beside it: rename yours, or leave it out by \`exclude\``,
  );
}

/** What is imported by one name is a folder or a file. */
function moduleOf({ name }: ProgramFile): string {
  return name.replace(/\/.*$/, '').replace(/\.py$/, '');
}
