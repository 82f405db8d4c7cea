import { realpathSync } from 'node:fs';
import path from 'node:path';
import { Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { StdioCodeOptions } from '../../code/stdio-code-options';
import { constructError } from '../common/construct-error';
import { pathOf, statsOf } from '../common/file-path';
import { findInstalled, installAdvice, programsOf, readManifest } from '../modules/manifest';
import { isPackageName, PACKAGE_NAMES_ALLOWED } from '../modules/package-name';
import type { ProgramBundle } from '../program/program-bundle';
import { bundleNodeProgram, findProjectRoot } from './typescript-bundle';
import { unresolvedProblems } from '../common/unresolved';

const SERVER_KIT = 'stateful-mcp-server';

/** Bundles a program that serves a stdio server of an npm package over HTTP, with the package beside it. */
export function bundleStdio(
  scope: Construct,
  packageName: string,
  { projectDirectory = '.', program, args = [], externalModules = [] }: StdioCodeOptions,
): ProgramBundle {
  if (Token.isUnresolved(args) || args.some(argument => Token.isUnresolved(argument))) {
    throw constructError(
      scope,
      '`args` has an unresolved token; the command line is bundled now, before the deployment: pass the value by `environment`',
    );
  }
  const unresolved = unresolvedProblems({ packageName, projectDirectory, program, externalModules });
  if (unresolved.length > 0) {
    throw constructError(scope, ...unresolved);
  }
  if (!isPackageName(packageName)) {
    throw constructError(scope, `\`packageName\` is ${JSON.stringify(packageName)}; ${PACKAGE_NAMES_ALLOWED}`);
  }
  if (!Stack.of(scope).bundlingRequired) {
    const root = path.resolve(pathOf(projectDirectory));
    return bundleNodeProgram(scope, { projectRoot: root, entry: path.join(root, 'stdio-server.js'), source: '' }, {});
  }
  const problem = directoryProblem(pathOf(projectDirectory), packageName);
  if (problem !== undefined) {
    throw constructError(scope, problem);
  }
  const projectRoot = findProjectRoot(realpathSync(path.resolve(pathOf(projectDirectory))));
  for (const needed of [packageName, SERVER_KIT]) {
    if (findInstalled(needed, projectRoot) === undefined) {
      throw constructError(
        scope,
        `a stdio server needs ${needed}, which is not installed (looked up from ${projectRoot}): ${installAdvice(needed, projectRoot)}`,
      );
    }
  }
  const started = `node_modules/${packageName}/${programFile(scope, packageName, projectRoot, program)}`;
  return bundleNodeProgram(
    scope,
    { projectRoot, entry: path.join(projectRoot, 'stdio-server.js'), source: sourceOf(started, args) },
    { nodeModules: [packageName], externalModules },
  );
}

function directoryProblem(projectDirectory: string, packageName: string): string | undefined {
  const stats = statsOf(path.resolve(projectDirectory));
  if (stats?.isDirectory() === true) {
    return undefined;
  }
  return (
    `\`projectDirectory\` is ${JSON.stringify(projectDirectory)}, ${stats === undefined ? 'and there is no such folder' : 'which is a file'}: ` +
    `give the folder of the project that has ${packageName} installed`
  );
}

function sourceOf(program: string, args: readonly string[]): string {
  return [
    "import path from 'node:path';",
    `import { serveStdio } from '${SERVER_KIT}';`,
    // `npx` lets a package find the programs of its packages by their names, which find Node.js so.
    "const folders = [path.join(__dirname, 'node_modules/.bin'), process.env.PATH, path.dirname(process.execPath)];",
    'process.env.PATH = folders.filter(Boolean).join(path.delimiter);',
    `void serveStdio(process.execPath, [path.join(__dirname, ${JSON.stringify(program)}), ...${JSON.stringify(args)}]);`,
  ].join('\n');
}

function programFile(scope: Construct, packageName: string, projectRoot: string, asked: string | undefined): string {
  const manifest = findInstalled(packageName, projectRoot) ?? '';
  const programs = programsOf(path.dirname(manifest), readManifest(manifest));
  const names = [...programs.keys()];
  const chosen = asked ?? (names.length === 1 ? names[0] : path.posix.basename(packageName));
  const file = chosen === undefined ? undefined : programs.get(chosen);
  if (file === undefined) {
    const problem =
      asked === undefined
        ? `${packageName} has ${names.length === 0 ? 'no program' : 'several programs'}`
        : `\`program\` is ${JSON.stringify(asked)}, which ${packageName} has not`;
    throw constructError(
      scope,
      `${problem}; its \`bin\` names ${names.join(', ') || 'none'}: ${names.length === 0 ? 'use a package with a program' : 'choose one by `program`'}`,
    );
  }
  return file;
}
