import type { NodeEngine } from '../program/node-engines';
import { contentsOf, type ProgramFile } from '../program/program-files';

/** What a package in `node_modules` says about itself that matters on another machine. */
export interface NodePackage {
  readonly engine?: NodeEngine;

  /** Why it would not work there. */
  readonly problems: readonly string[];
}

/** What is read of a package.json. */
export interface Manifest {
  readonly name?: string;
  readonly engines?: { readonly node?: unknown };
  readonly scripts?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

const MANIFEST = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/@]+\/package\.json$/;

/** What compiles or downloads a native addon when a package is installed. */
const BUILD = /\b(?:node-gyp|node-gyp-build|prebuild-install|node-pre-gyp|cmake-js)\b/;

/**
 * How packages name the ones with their binaries for this platform, with the C library of Debian and Amazon Linux where
 * they say which.
 */
const PLATFORM_PACKAGE = /linux-arm64(?:-gnu)?$/;

export function packagesIn(files: readonly ProgramFile[]): NodePackage[] {
  const names = files.map(({ name }) => name);
  return files
    .filter(({ name }) => MANIFEST.test(name))
    .map(file => {
      const root = file.name.slice(0, -'package.json'.length);
      const manifest = JSON.parse(Buffer.from(contentsOf(file)).toString()) as Manifest;
      const packageName = manifest.name ?? root;
      const range = manifest.engines?.node;
      return {
        ...(typeof range === 'string' ? { engine: { packageName, range } } : {}),
        problems: [
          ...unbuilt(packageName, manifest, root, names),
          ...missingPlatformPackages(packageName, manifest, names),
        ],
      };
    });
}

/** The script that makes the binary of a package when it is installed; npm has one for `binding.gyp`. */
export function builtByScript({ scripts = {} }: Manifest, hasBindingGyp: boolean): string | undefined {
  const script = [scripts.preinstall, scripts.install, scripts.postinstall].find(
    text => text !== undefined && BUILD.test(text),
  );
  return script ?? (scripts.install === undefined && hasBindingGyp ? 'node-gyp rebuild' : undefined);
}

/** The packages with the binary of a package for Linux on arm64, and their versions. */
export function platformPackagesOf({ optionalDependencies = {} }: Manifest): [name: string, version: string][] {
  return Object.entries(optionalDependencies).filter(([name]) => PLATFORM_PACKAGE.test(name));
}

function unbuilt(packageName: string, manifest: Manifest, root: string, names: readonly string[]): string[] {
  const script = builtByScript(manifest, names.includes(`${root}binding.gyp`));
  if (script === undefined || names.some(name => name.startsWith(root) && name.endsWith('.node'))) {
    return [];
  }
  return [
    `\`nodeModules\` need ${packageName}, whose binary is made by its install script (${JSON.stringify(script)}), for the machine ` +
      'that it runs on; only packages that bring a binary for Linux on arm64 are allowed: use another version or package, or `McpServerCode.fromDockerfile`',
  ];
}

function missingPlatformPackages(packageName: string, manifest: Manifest, names: readonly string[]): string[] {
  return platformPackagesOf(manifest)
    .filter(([name]) => !names.some(file => file.endsWith(`node_modules/${name}/package.json`)))
    .map(
      ([name, version]) =>
        `\`nodeModules\` need ${packageName}, and npm did not install its binary for Linux on arm64, ${name}@${version}: ` +
        'it is missing in package-lock.json, so remove `node_modules` and package-lock.json, and run "npm install" again',
    );
}
