import { copyFileSync, existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { CommandError, runCommand } from '../common/command';
import { constructError } from '../common/construct-error';
import { foreignBinaries, isLibrary, isNativeProgram } from '../program/native-binaries';
import type { NodeEngine } from '../program/node-engines';
import { isPackageName, PACKAGE_NAMES_ALLOWED } from './package-name';
import { packagesIn } from './node-packages';
import { filesBelow, type ProgramFile } from '../program/program-files';
import { temporaryFolder } from '../common/temporary-folder';

/** Modules with all they depend on, in `node_modules`. */
export interface NodeModules {
  readonly files: readonly ProgramFile[];
  readonly engines: readonly NodeEngine[];
}

/**
 * Install scripts would build for this machine, and may not matter to the program: what needs them is found afterwards.
 */
const NPM_INSTALL = [
  'install',
  '--os=linux',
  '--cpu=arm64',
  '--libc=glibc',
  '--ignore-scripts',
  '--omit=dev',
  '--install-links',
  '--prefer-offline',
  '--no-audit',
  '--no-fund',
  '--no-update-notifier',
  '--loglevel=error',
];

const installed = new Map<string, NodeModules>();

/**
 * Installs modules for the platform of AgentCore Runtime, in the versions that the project has them in; what they
 * depend on in those of package-lock.json.
 */
export function installNodeModules(scope: Construct, projectRoot: string, names: readonly string[]): NodeModules {
  if (names.length === 0) {
    return { files: [], engines: [] };
  }
  const dependencies = Object.fromEntries([...names].sort().map(name => [name, versionOf(scope, name, projectRoot)]));
  const lock = nearest('package-lock.json', projectRoot);
  if (lock === undefined && Object.keys(dependencies).some(name => hasDependencies(name, projectRoot))) {
    Annotations.of(scope).addWarningV2(
      'cdk-stateful-mcp:unpinnedModules',
      `\`nodeModules\` have dependencies, and there is no package-lock.json (looked up from ${projectRoot}): npm chooses the versions of those anew in each synthesis; ` +
        'to pin them, add a package-lock.json ("npm install --package-lock-only")',
    );
  }
  const key = JSON.stringify([projectRoot, dependencies, lock && readFileSync(lock, 'utf8')]);
  const modules = installed.get(key) ?? install(scope, projectRoot, dependencies, lock);
  installed.set(key, modules);
  return modules;
}

/**
 * The version that is installed where the program would find it. A package of the same repository is taken from its
 * folder.
 */
function versionOf(scope: Construct, name: string, projectRoot: string): string {
  if (!isPackageName(name)) {
    throw constructError(scope, `\`nodeModules\` has ${JSON.stringify(name)}; ${PACKAGE_NAMES_ALLOWED}`);
  }
  const manifest = findInstalled(name, projectRoot);
  if (manifest === undefined) {
    throw constructError(
      scope,
      `\`nodeModules\` has ${JSON.stringify(name)}, which is not installed (looked up from ${projectRoot}): ` +
        `run "npm install ${name}" there`,
    );
  }
  const folder = path.dirname(realpathSync(manifest));
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  return folder.includes(`${path.sep}node_modules${path.sep}`) ? version : `file:${folder}`;
}

function hasDependencies(name: string, projectRoot: string): boolean {
  const { dependencies = {} } = JSON.parse(readFileSync(findInstalled(name, projectRoot) ?? '', 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  return Object.keys(dependencies).length > 0;
}

/** The package.json of a module, from where the program would find the module. */
export function findInstalled(name: string, projectRoot: string): string | undefined {
  return nearest(path.join('node_modules', name, 'package.json'), projectRoot);
}

function install(
  scope: Construct,
  projectRoot: string,
  dependencies: Record<string, string>,
  lock: string | undefined,
): NodeModules {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  // The one has the versions of what the modules depend on, the other the registries.
  for (const file of [lock, nearest('.npmrc', projectRoot)]) {
    if (file !== undefined) {
      copyFileSync(file, path.join(folder, path.basename(file)));
    }
  }
  try {
    runCommand('npm', NPM_INSTALL, { cwd: folder, env: withoutWorkspace(process.env), windowsScript: true });
  } catch (error) {
    const message =
      error instanceof CommandError && error.missing
        ? 'cannot find npm, which installs `nodeModules`: install Node.js with npm'
        : (error as Error).message;
    throw constructError(
      scope,
      `\`nodeModules\` ${Object.keys(dependencies).join(', ')} cannot be installed for linux/arm64: ${message}`,
    );
  }
  const files = filesBelow(
    folder,
    name => !(name === 'node_modules' || name.startsWith('node_modules/')) || isLeftOut(name),
  );
  const packages = packagesIn(files);
  const problems = [
    ...packages.flatMap(({ problems: found }) => found),
    ...foreignBinaries(neededBinaries(files)).map(
      binary =>
        `\`nodeModules\` bring ${binary}; only binaries for Linux on arm64 are allowed: use a version that has them`,
    ),
  ];
  if (problems.length > 0) {
    throw constructError(scope, ...problems);
  }
  return { files, engines: packages.flatMap(({ engine }) => engine ?? []) };
}

/** What npm keeps for itself, and binaries that a package brings for other platforms in case it is installed there. */
function isLeftOut(name: string): boolean {
  return /(?:^|\/)node_modules\/\.[^/]+$/.test(name) || /\/prebuilds\/(?!linux-arm64$)[^/]+$/.test(name);
}

/** Some packages bring their programs for all platforms, and start the right one. */
function neededBinaries(files: readonly ProgramFile[]): ProgramFile[] {
  const inPackageOf = (file: ProgramFile) => files.filter(({ name }) => packageOf(name) === packageOf(file.name));
  const foreign = files.filter(file => foreignBinaries([file]).length > 0);
  return foreign.filter(file => isLibrary(file) || !inPackageOf(file).some(isNativeProgram));
}

function packageOf(name: string): string | undefined {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(name)?.[0];
}

/** What `npm run` with a workspace passes on would have npm look for the workspace in the temporary folder. */
function withoutWorkspace(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !/^npm_config_(?:workspace|workspaces|include_workspace_root|prefix|local_prefix)$/i.test(name),
    ),
  );
}

function nearest(file: string, folder: string): string | undefined {
  for (let current = folder; ; current = path.dirname(current)) {
    if (existsSync(path.join(current, file))) {
      return path.join(current, file);
    }
    if (current === path.dirname(current)) {
      return undefined;
    }
  }
}
