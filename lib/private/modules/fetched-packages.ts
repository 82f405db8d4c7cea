import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { runCommand } from '../common/command';
import { temporaryFolder } from '../common/temporary-folder';
import { cachedFolder, removeCached } from '../program/cache';
import type { LockedPackage } from './lock-files';
import { nearest, packageManagerOf } from './manifest';

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
  const own = registriesOf(projectRoot);
  const registries = [own.server, ...own.lines.filter(line => line.startsWith('@'))];
  let installed: Map<PublishedPackage, string> | undefined;
  for (const wanted of packages) {
    const make = (folder: string): void => {
      installed ??= install(projectRoot, packages, own, report);
      cpSync(installed.get(wanted) ?? '', path.join(folder, 'package'), { recursive: true });
    };
    let folder = cachedFolder(['package', wanted, registries], make);
    if (!existsSync(path.join(folder, 'package', 'package.json'))) {
      removeCached(folder);
      folder = cachedFolder(['package', wanted, registries], make);
    }
    folders.set(wanted, path.join(folder, 'package'));
  }
  return packages.map(wanted => folders.get(wanted) ?? '');
}

/** A lock file of ours has npm fetch just these, each in a folder of its own, whatever they depend on. */
function install(
  projectRoot: string,
  packages: readonly PublishedPackage[],
  registries: Registries,
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
  if (npmrc !== undefined || registries.lines.length > 0) {
    const own = npmrc === undefined ? [] : [readFileSync(npmrc, 'utf8')];
    writeFileSync(path.join(folder, '.npmrc'), [...own, ...registries.lines].join('\n'));
  }
  // A variable of the machine would be stronger than the file.
  const registry = registries.server === undefined ? [] : [`--registry=${registries.server}`];
  runCommand('npm', [...NPM_CI, ...registry], {
    cwd: folder,
    env: withoutWorkspace(process.env),
    windowsScript: true,
  });
  return new Map(
    packages.map((wanted, index) => [wanted, path.join(folder, 'node_modules', `package-${index}`)] as const),
  );
}

interface Registries {
  /** The one for all that no scope has another one for. */
  readonly server?: string;

  /** What npm takes in .npmrc. */
  readonly lines: readonly string[];
}

/** Those that a project has elsewhere than in .npmrc, by its package manager. */
function registriesOf(projectRoot: string): Registries {
  switch (packageManagerOf(projectRoot)) {
    case 'yarn':
      return yarnRegistries(projectRoot);
    case 'pnpm':
      return pnpmRegistries(projectRoot);
    default:
      return { lines: [] };
  }
}

/** https://pnpm.io/settings#registries: it signs in by .npmrc, as npm does. */
function pnpmRegistries(projectRoot: string): Registries {
  const file = nearest('pnpm-workspace.yaml', projectRoot);
  const settings = (file === undefined ? [] : settingsIn(readFileSync(file, 'utf8'))).filter(
    ({ place }) => place[0] === 'registries' && place.length === 2,
  );
  return {
    server: settings.find(({ place }) => place[1] === 'default')?.value,
    lines: settings.flatMap(({ place: [, scope = ''], value }) =>
      scope.startsWith('@') ? [`${scope}:registry=${value}`] : [],
    ),
  };
}

/**
 * The registries of Yarn, which does not read .npmrc, in the words of npm. Its lock file names neither the origin of a
 * package nor what is in it, so that another registry might give something else by the same name.
 *
 * @see https://yarnpkg.com/configuration/yarnrc#npmRegistryServer
 */
function yarnRegistries(projectRoot: string): Registries {
  const settings = yarnSettings(projectRoot);
  const valueAt = (...names: string[]): string | undefined =>
    settings.find(({ place }) => place.join('\n') === names.join('\n'))?.value;
  const server = valueAt('npmRegistryServer');
  const signIn = ([group, owner = '']: readonly string[], key: string, secret: string): string[] => {
    const own = group === 'npmRegistries' ? owner : valueAt('npmScopes', owner, 'npmRegistryServer');
    const registry = own ?? server;
    return registry === undefined ? [] : [`${registry.replace(/^https?:/, '').replace(/\/*$/, '/')}:${key}=${secret}`];
  };
  const lines = settings.flatMap(({ place, value }) => {
    switch (place.at(-1) ?? '') {
      case 'npmRegistryServer':
        return place[0] === 'npmScopes' ? [`@${place[1]}:registry=${value}`] : [];
      case 'npmAuthToken':
        return signIn(place, '_authToken', value);
      case 'npmAuthIdent':
        return signIn(place, '_auth', value.includes(':') ? Buffer.from(value).toString('base64') : value);
      default:
        return [];
    }
  });
  return { server, lines };
}

interface Setting {
  /** Its name, behind the names of what it is in. */
  readonly place: readonly string[];
  readonly value: string;
}

/** As Yarn has it: variables, then the files of the project and above it, then that of the user, where it signs in. */
function yarnSettings(projectRoot: string): Setting[] {
  const variables = ['npmRegistryServer', 'npmAuthToken', 'npmAuthIdent'].map(name => ({
    place: [name],
    value: process.env[`YARN_${name.replaceAll(/[A-Z]/g, '_$&').toUpperCase()}`] ?? '',
  }));
  const files = [...foldersAbove(projectRoot), homedir()].map(folder => path.join(folder, '.yarnrc.yml'));
  const settings = [
    ...variables.filter(({ value }) => value !== ''),
    ...[...new Set(files)].filter(existsSync).flatMap(file => settingsIn(readFileSync(file, 'utf8'))),
  ];
  // The last of several is kept in its place.
  return [...new Map(settings.reverse().map(setting => [setting.place.join('\n'), setting])).values()].reverse();
}

function foldersAbove(folder: string): string[] {
  const above = path.dirname(folder);
  return above === folder ? [folder] : [folder, ...foldersAbove(above)];
}

/** The values in a file such as .yarnrc.yml. */
function settingsIn(text: string): Setting[] {
  const above: { readonly indent: number; readonly name: string }[] = [];
  return text.split(/\r?\n/).flatMap(line => {
    const [, indent = '', quoted, bare = '', given] =
      /^( *)(?:["']([^"']+)["']|([^\s#"'-][^:]*?)) *:(?:\s+(.*?))?\s*$/.exec(line) ?? [];
    const name = quoted ?? bare;
    if (name === '') {
      return [];
    }
    while ((above.at(-1)?.indent ?? -1) >= indent.length) {
      above.pop();
    }
    above.push({ indent: indent.length, name });
    const value = (given ?? '').replace(/^(["'])(.*)\1(?:\s+#.*)?$/, '$2').replace(/\s+#.*$/, '');
    return value === '' || value.startsWith('#')
      ? []
      : [
          {
            place: above.map(entry => entry.name),
            value: value.replaceAll(
              /\$\{(\w+)(?::?-([^}]*))?\}/g,
              (_text, variable: string, otherwise: string | undefined) => process.env[variable] ?? otherwise ?? '',
            ),
          },
        ];
  });
}

/** What `npm run` with a workspace passes on would have npm look for the workspace in the temporary folder. */
export function withoutWorkspace(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !/^npm_config_(?:workspace|workspaces|include_workspace_root|prefix|local_prefix)$/i.test(name),
    ),
  );
}
