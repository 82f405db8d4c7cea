import { copyFileSync, cpSync, existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runCommand } from '../common/command';
import { temporaryFolder } from '../common/temporary-folder';
import { cachedFolder, removeCached } from '../program/cache';
import type { LockedPackage } from './lock-files';
import { nearest } from './manifest';

/** A package that is fetched as it was published. */
export interface PublishedPackage extends LockedPackage {
  readonly name: string;
  readonly version: string;
}

const NPM_CI = [
  'ci',
  '--ignore-scripts',
  '--prefer-offline',
  '--no-audit',
  '--no-fund',
  '--no-update-notifier',
  '--loglevel=error',
];

/**
 * The folders of packages, as published, in their order. npm fetches from where the lock file of the project says, and
 * compares with what it says, in one run for all that are not known from before.
 */
export function fetchPackages(
  projectRoot: string,
  packages: readonly PublishedPackage[],
  report: (line: string) => void,
): string[] {
  const folders = new Map<PublishedPackage, string>();
  let installed: Map<PublishedPackage, string> | undefined;
  for (const wanted of packages) {
    const make = (folder: string): void => {
      installed ??= install(projectRoot, packages, report);
      cpSync(installed.get(wanted) ?? '', path.join(folder, 'package'), { recursive: true });
    };
    let folder = cachedFolder(['package', wanted], make);
    if (!existsSync(path.join(folder, 'package', 'package.json'))) {
      removeCached(folder);
      folder = cachedFolder(['package', wanted], make);
    }
    folders.set(wanted, path.join(folder, 'package'));
  }
  return packages.map(wanted => folders.get(wanted) ?? '');
}

/** A lock file of ours has npm fetch just these, each in a folder of its own, whatever they depend on. */
function install(
  projectRoot: string,
  packages: readonly PublishedPackage[],
  report: (line: string) => void,
): Map<PublishedPackage, string> {
  report(`fetching ${packages.map(({ name, version }) => `${name}@${version}`).join(', ')}`);
  const folder = temporaryFolder();
  const dependencies = Object.fromEntries(
    packages.map(({ name, version }, index) => [`package-${index}`, `npm:${name}@${version}`]),
  );
  const manifest = { name: 'fetched', version: '0.0.0', private: true, dependencies };
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(
    path.join(folder, 'package-lock.json'),
    JSON.stringify({
      name: 'fetched',
      version: '0.0.0',
      lockfileVersion: 3,
      requires: true,
      packages: {
        '': manifest,
        ...Object.fromEntries(packages.map((entry, index) => [`node_modules/package-${index}`, entry])),
      },
    }),
  );
  // It has the registries, and how to sign in.
  const npmrc = nearest('.npmrc', projectRoot);
  if (npmrc !== undefined) {
    copyFileSync(npmrc, path.join(folder, '.npmrc'));
  }
  runCommand('npm', NPM_CI, { cwd: folder, env: withoutWorkspace(process.env), windowsScript: true });
  return new Map(
    packages.map((wanted, index) => [wanted, path.join(folder, 'node_modules', `package-${index}`)] as const),
  );
}

/** What `npm run` with a workspace passes on would have npm look for the workspace in the temporary folder. */
export function withoutWorkspace(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !/^npm_config_(?:workspace|workspaces|include_workspace_root|prefix|local_prefix)$/i.test(name),
    ),
  );
}
