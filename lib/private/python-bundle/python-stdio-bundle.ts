import { realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { PythonStdioCodeOptions } from '../../code/python-stdio-code-options';
import { constructError, refuse } from '../common/construct-error';
import { pathOf } from '../common/file-path';
import { unresolvedProblems } from '../common/unresolved';
import { foreignBinaries } from '../program/native-binaries';
import type { ProgramBundle } from '../program/program-bundle';
import { filesBelow, type ProgramFile } from '../program/program-files';
import { installPythonDependencies, installPythonRequirements } from '../python/python-dependencies';
import type { PythonPackages } from '../python/python-installation';
import { withAdvice } from '../python/uv-advice';
import { DEFAULT_INTERPRETER, interpreterProblems, pythonStart, versionOf } from './interpreter';
import { bytecodeOf } from './bytecode';
import { distributionOf, isVersion, normalized, type Distribution } from './distributions';
import { withoutForeignFiles } from './foreign-files';
import { pythonNotices } from './python-notices';
import { withoutStandardModules } from './standard-library';

/** Relative to the sources and to what is published, which lie at the same depth. */
const BRIDGE = path.join(__dirname, '../../..', 'bridge', 'stateful_mcp_stdio');

/** A name that no module has: packages have modules of names such as `main`, and lie beside it. */
const ENTRY = 'serve-stdio.py';

/** The HTTP server of the bridge, which packages for MCP servers depend on as well. */
const BRIDGE_NEEDS = 'uvicorn>=0.30';

/** https://packaging.python.org/en/latest/specifications/dependency-specifiers/, with one exact version. */
const REQUIREMENT =
  /^(?<name>[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?)(?:\[[a-z0-9._, -]+\])?(?:\s*==\s*(?<version>[a-z0-9][a-z0-9.!+_-]*))?$/i;

/** Bundles a program that serves a stdio server of a Python package over HTTP, with the package beside it. */
export function bundlePythonStdio(
  scope: Construct,
  requirement: string,
  options: PythonStdioCodeOptions,
): ProgramBundle {
  const { program, args = [], interpreter = DEFAULT_INTERPRETER } = options;
  const directory = options.projectDirectory === undefined ? undefined : pathOf(options.projectDirectory);
  if (Token.isUnresolved(args) || args.some(argument => Token.isUnresolved(argument))) {
    throw constructError(
      scope,
      '`args` has an unresolved token; the command line is bundled now, before the deployment: pass the value by `environment`',
    );
  }
  refuse(scope, unresolvedProblems({ requirement, projectDirectory: directory, program }));
  const { bundlingRequired } = Stack.of(scope);
  refuse(scope, [
    ...requirementProblems(requirement, directory),
    ...(bundlingRequired ? directoryProblems(directory, requirement) : []),
    ...interpreterProblems(interpreter),
  ]);
  const projectRoot = directory === undefined ? process.cwd() : path.resolve(directory);
  const start = pythonStart(projectRoot, interpreter, ENTRY);
  if (!bundlingRequired) {
    return { ...start, files: [] };
  }
  const version = versionOf(interpreter);
  const packages = packagesFor(scope, requirement, directory, version);
  const files = withoutForeignFiles(scope, withoutStandardModules(packages.files, version));
  refuse(
    scope,
    foreignBinaries(files).map(
      binary =>
        `${requirement} brings ${binary}; only binaries for Linux on arm64 are allowed: ` +
        'use a version with a wheel for that platform, or `McpServerCode.fromDockerfile`',
    ),
  );
  const distribution = requireDistribution(scope, files, requirement, directory && projectRoot);
  const script = scriptOf(scope, distribution, program);
  const bridge = filesBelow(BRIDGE, name => name.includes('__pycache__')).map(file => ({
    ...file,
    name: `stateful_mcp_stdio/${file.name}`,
  }));
  const entry = { name: ENTRY, contents: Buffer.from(sourceOf(distribution, script, args)) };
  const bytecode = [files, bridge].flatMap(sources => bytecodeOf(scope, sources, version));
  return { ...start, files: [entry, ...bridge, ...files, ...bytecode, ...pythonNotices(files, true)] };
}

function requirementProblems(requirement: string, directory: string | undefined): string[] {
  const { groups } = REQUIREMENT.exec(requirement) ?? {};
  const start = `\`requirement\` is ${JSON.stringify(requirement)}`;
  if (groups === undefined) {
    return [
      `${start}; the name of a Python package with one exact version is allowed, such as "mcp-server-time==2026.10.19": correct it`,
    ];
  }
  return groups.version === undefined && directory === undefined
    ? [
        `${start}, without a version; what is deployed must not depend on the day: name one, as in "${requirement}==1.0.0", or a project that locks it by \`projectDirectory\``,
      ]
    : [];
}

function directoryProblems(directory: string | undefined, requirement: string): string[] {
  if (directory === undefined) {
    return [];
  }
  const stats = statSync(path.resolve(directory), { throwIfNoEntry: false });
  return stats?.isDirectory() === true
    ? []
    : [
        `\`projectDirectory\` is ${JSON.stringify(directory)}, ${stats === undefined ? 'and there is no such folder' : 'which is a file'}: ` +
          `give the folder of the project that depends on ${requirement}`,
      ];
}

function packagesFor(
  scope: Construct,
  requirement: string,
  directory: string | undefined,
  version: string,
): PythonPackages {
  return directory === undefined
    ? installPythonRequirements(
        scope,
        [requirement, BRIDGE_NEEDS],
        version,
        said =>
          `${requirement} cannot be installed: ${withAdvice(said, 'correct `requirement`, or choose another version')}`,
      )
    : installPythonDependencies(scope, realpathSync(path.resolve(directory)), version, '`projectDirectory`');
}

/** The package itself, and what serves it. */
function requireDistribution(
  scope: Construct,
  files: readonly ProgramFile[],
  requirement: string,
  projectRoot: string | undefined,
): Distribution {
  const { name = '', version } = REQUIREMENT.exec(requirement)?.groups ?? {};
  const distribution = distributionOf(files, name);
  const problems = [
    ...(distribution === undefined
      ? [
          projectRoot === undefined
            ? `${requirement} was not installed: correct \`requirement\``
            : `the project ${projectRoot} does not depend on ${name}: add it ("uv add ${requirement}")`,
        ]
      : []),
    ...(distribution !== undefined && version !== undefined && !isVersion(distribution.version, version)
      ? [
          `\`requirement\` is ${JSON.stringify(requirement)}, and the project ${projectRoot} has ${name} ${distribution.version}: name that version, none, or lock the other one`,
        ]
      : []),
    ...(projectRoot !== undefined && distributionOf(files, 'uvicorn') === undefined
      ? [
          `the project ${projectRoot} does not depend on uvicorn, which serves ${name} over HTTP: add it ("uv add uvicorn")`,
        ]
      : []),
  ];
  if (distribution === undefined || problems.length > 0) {
    throw constructError(scope, ...problems);
  }
  return distribution;
}

function scriptOf(scope: Construct, { name, scripts }: Distribution, asked: string | undefined): string {
  const fitting = scripts.filter(script => normalized(script) === normalized(name));
  const [chosen] =
    asked === undefined ? (scripts.length === 1 ? scripts : fitting) : scripts.filter(script => script === asked);
  if (chosen === undefined) {
    const problem =
      asked === undefined
        ? `${name} has ${scripts.length === 0 ? 'no program' : 'several programs'}`
        : `\`program\` is ${JSON.stringify(asked)}, which ${name} has not`;
    throw constructError(
      scope,
      `${problem}; its scripts are ${scripts.join(', ') || 'none'}: ${scripts.length === 0 ? 'use a package with a program' : 'choose one by `program`'}`,
    );
  }
  return `bin/${chosen}`;
}

/** JSON writes lists and texts as Python reads them. */
function sourceOf({ name, version }: Distribution, script: string, args: readonly string[]): string {
  return [
    `# Serves ${name} ${version}, a stdio MCP server, over HTTP.`,
    'import os',
    '',
    'from stateful_mcp_stdio import serve',
    '',
    'if __name__ == "__main__":',
    `    serve(${JSON.stringify(script)}, ${JSON.stringify(args)}, os.path.dirname(os.path.abspath(__file__)))`,
    '',
  ].join('\n');
}
