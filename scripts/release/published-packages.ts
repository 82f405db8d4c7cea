// The npm packages of this repository: the root and the workspaces that are not private.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.join(__dirname, '..', '..');

export interface PackageManifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly workspaces?: readonly string[];
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly main?: string;
  readonly bin?: Readonly<Record<string, string>>;
  readonly engines?: Readonly<Record<string, string>>;
  readonly license?: string;
  readonly repository?: { readonly url: string; readonly directory?: string };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

export interface PublishedPackage {
  /** Relative to the root of the repository; the root itself is `.`. */
  readonly directory: string;
  readonly manifest: PackageManifest;
}

export function manifestOf(directory: string): PackageManifest {
  return JSON.parse(readFileSync(path.join(ROOT, directory, 'package.json'), 'utf8')) as PackageManifest;
}

export function publishedPackages(): PublishedPackage[] {
  const directories = ['.', ...(manifestOf('.').workspaces ?? [])];
  return directories
    .map(directory => ({ directory, manifest: manifestOf(directory) }))
    .filter(({ manifest }) => !manifest.private);
}

/** What a user may load: the entries of `exports`, or the main one of a package without such a map or a command. */
export function entriesOf({ name, exports, main }: PackageManifest): string[] {
  const entries = exports ? Object.keys(exports) : main ? ['.'] : [];
  return entries.filter(entry => !/\.json$|\.jsii$/.test(entry)).map(entry => name + entry.slice(1));
}

/** Packs all packages as they would be published, in one run of npm; the paths of their tarballs. */
export function packAll(destination: string): string[] {
  const workspaces = publishedPackages()
    .filter(({ directory }) => directory !== '.')
    .flatMap(({ directory }) => ['--workspace', directory]);
  const output = execFileSync(
    'npm',
    ['pack', '--json', '--pack-destination', destination, '--include-workspace-root', ...workspaces],
    { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
  );
  return (JSON.parse(output) as { filename: string }[]).map(({ filename }) => path.join(destination, filename));
}
