// Package managers as their users have them: each with its own lock, and its own layout of what is installed.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { type Files, type Layout } from './project-files';

export interface PackageManager {
  readonly name: string;
  /** The program, and what stands before each of its commands. */
  readonly program: readonly string[];
  /** Makes a lock, as a developer's machine has it. */
  readonly lock: readonly string[];
  /** Installs what the lock names, without any script of a package, as a build server does it. */
  readonly install: readonly string[];
  /** Settings in the project. */
  readonly files: (layout: Layout, registry: string) => Files;
}

/** Installed once, beside other programs that tests need. */
function program(name: string, version: string, file: string): string {
  const cache = process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache');
  const directory = path.join(cache, 'stateful-mcp', `${name.replaceAll(/[@/]/g, '-')}-${version}`);
  const found = path.join(directory, 'node_modules', name, file);
  if (!existsSync(found)) {
    mkdirSync(directory, { recursive: true });
    const options = ['--no-save', '--no-audit', '--no-fund', '--prefix', directory];
    execFileSync('npm', ['install', ...options, `${name}@${version}`], { stdio: 'pipe' });
  }
  return found;
}

export function npm(): PackageManager {
  return {
    name: 'npm',
    program: ['npm'],
    lock: ['install', '--package-lock-only', '--no-audit', '--no-fund'],
    install: ['ci', '--ignore-scripts', '--no-audit', '--no-fund'],
    files: (_layout, registry) => ({ '.npmrc': `registry=${registry}/\n` }),
  };
}

export function pnpm(): PackageManager {
  const workspace = (layout: Layout): string => (layout === 'monorepo' ? 'packages: [server, infra]\n' : '');
  return {
    name: 'pnpm',
    program: [program('pnpm', '12.4.2', 'pnpm')],
    lock: ['install', '--lockfile-only'],
    install: ['install', '--frozen-lockfile', '--ignore-scripts'],
    files: (layout, registry) => ({
      '.npmrc': `registry=${registry}/\n`,
      // What was published a moment ago is what is tried.
      'pnpm-workspace.yaml': `${workspace(layout)}minimumReleaseAge: 0\n`,
    }),
  };
}

/** Yarn with Plug'n'Play, which installs no `node_modules`, or with them. */
export function yarn(nodeLinker: 'pnp' | 'node-modules'): PackageManager {
  return {
    name: `Yarn (${nodeLinker})`,
    program: [process.execPath, program('@yarnpkg/cli-dist', '4.18.1', 'bin/yarn.js')],
    lock: ['install', '--mode=update-lockfile'],
    install: ['install', '--immutable', '--mode=skip-build'],
    files: (_layout, registry) => ({
      '.yarnrc.yml': [
        `nodeLinker: ${nodeLinker}`,
        `npmRegistryServer: ${registry}`,
        'unsafeHttpWhitelist: [127.0.0.1]',
        'enableTelemetry: false',
        'npmMinimalAgeGate: 0',
        // Beside the projects, and for all of them. Yarn keeps what a registry says by its host alone, so that in the folder
        // of the user it would look for these packages at the port that another run had.
        'globalFolder: ../yarn',
        '',
      ].join('\n'),
      // A project of its own, whatever lies in the directories above.
      'yarn.lock': '',
    }),
  };
}
