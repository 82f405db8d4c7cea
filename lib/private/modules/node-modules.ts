import { existsSync } from 'node:fs';
import path from 'node:path';
import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { CommandError } from '../common/command';
import { constructError } from '../common/construct-error';
import type { NodeEngine } from '../program/node-engines';
import type { ProgramFile } from '../program/program-files';
import { InstalledModules, type InstalledModule } from './installed-modules';
import { installAdvice, readManifest } from './manifest';
import { filesOfPlaces, layOut } from './module-layout';
import { moduleProblems } from './module-problems';
import { filesOfModule } from './module-files';
import { isPackageName, packageMatcher, PACKAGE_NAMES_ALLOWED } from './package-name';
import { PublishedModules } from './published-modules';
import { tellProgress } from '../common/progress';

/** Modules with all they depend on, in `node_modules`. */
export interface NodeModules {
  readonly files: readonly ProgramFile[];
  readonly engines: readonly NodeEngine[];
}

export interface NodeModulesOptions {
  /** Patterns of what stays behind, as in `externalModules`. */
  readonly external: readonly string[];

  /** What the user has named, in the plural, in the words of its own props. */
  readonly subject?: string;
}

/**
 * Takes modules with all that they need from the `node_modules` of a project, as it has them. Versions, overrides,
 * patches and packages of the same repository are what its package manager has made of them. What is not there, or not
 * as it was published, is fetched by the lock file of the project. That is binaries for the platform of AgentCore
 * Runtime, and packages whose install scripts ran on this machine.
 */
export function installNodeModules(
  scope: Construct,
  projectRoot: string,
  names: readonly string[],
  { external, subject = '`nodeModules`' }: NodeModulesOptions,
): NodeModules {
  if (names.length === 0) {
    return { files: [], engines: [] };
  }
  const installed = new InstalledModules(packageMatcher(external), dependenciesOf(projectRoot));
  const roots = new Map(names.map(name => [name, rootModule(scope, name, projectRoot, installed)] as const));
  const report = (line: string): void => {
    tellProgress(scope, `${subject} for linux/arm64: ${line}`);
  };
  const published = new PublishedModules(subject, projectRoot, installed, report);
  try {
    published.fetch();
  } catch (error) {
    if (!(error instanceof CommandError)) {
      throw error;
    }
    const message = error.missing
      ? 'cannot find npm, which fetches packages for another platform: install Node.js with npm'
      : error.message;
    throw constructError(scope, `${subject} ${names.join(', ')} cannot be installed for linux/arm64: ${message}`);
  }
  const { problems, warnings, files } = moduleProblems(subject, roots, module => ({
    files: filesOfModule(published.of(module)),
    problems: published.problemsOf(module),
  }));
  if (problems.length > 0) {
    throw constructError(scope, ...problems);
  }
  for (const warning of warnings) {
    Annotations.of(scope).addWarningV2('cdk-stateful-mcp:optionalModule', warning);
  }
  const places = layOut(roots);
  return {
    files: filesOfPlaces(places, module => files.get(module) ?? []),
    engines: [...new Set(places.map(({ module }) => module))].flatMap(engineOf),
  };
}

/**
 * The module where the program would find it.
 */
function rootModule(scope: Construct, name: string, projectRoot: string, installed: InstalledModules): InstalledModule {
  if (!isPackageName(name)) {
    throw constructError(scope, `\`nodeModules\` has ${JSON.stringify(name)}; ${PACKAGE_NAMES_ALLOWED}`);
  }
  const module = installed.find(name, projectRoot);
  if (module === undefined) {
    throw constructError(
      scope,
      `\`nodeModules\` has ${JSON.stringify(name)}, which is not installed (looked up from ${projectRoot}): ${installAdvice(name, projectRoot)}`,
    );
  }
  return module;
}

/** Without those for development, which are not there in production either. */
function dependenciesOf(projectRoot: string): ReadonlySet<string> {
  const file = path.join(projectRoot, 'package.json');
  const { dependencies, optionalDependencies } = existsSync(file) ? readManifest(file) : {};
  return new Set(Object.keys({ ...dependencies, ...optionalDependencies }));
}

function engineOf({ manifest: { name, engines }, folder }: InstalledModule): NodeEngine[] {
  const range = engines?.node;
  return typeof range === 'string' ? [{ packageName: name ?? path.basename(folder), range }] : [];
}
