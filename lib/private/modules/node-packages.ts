import type { Manifest } from './manifest';

/** What compiles or downloads a native addon when a package is installed. */
const BUILD = /\b(?:node-gyp|node-gyp-build|prebuild-install|node-pre-gyp|cmake-js)\b/;

/**
 * How packages name the ones with their binaries for this platform, in whatever order, with the C library of Debian and
 * Amazon Linux where they say which: `@img/sharp-linux-arm64`, `@couchbase/couchbase-linux-arm64-napi`.
 */
const PLATFORM_PACKAGE = /^(?=.*linux)(?=.*(?:arm64|aarch64))(?!.*(?:musl|alpine|android|ohos|openharmony))/;

/** The script that makes the binary of a package when it is installed; npm has one for `binding.gyp`. */
export function builtByScript({ scripts = {} }: Manifest, hasBindingGyp: boolean): string | undefined {
  const script = [scripts.preinstall, scripts.install, scripts.postinstall].find(
    text => text !== undefined && BUILD.test(text),
  );
  return script ?? (scripts.install === undefined && hasBindingGyp ? 'node-gyp rebuild' : undefined);
}

/** Whether files of a package may differ from those that were published, for a script ran when it was installed. */
export function runsWhenInstalled({ scripts = {} }: Manifest, hasBindingGyp: boolean): boolean {
  return hasBindingGyp || [scripts.preinstall, scripts.install, scripts.postinstall].some(text => text !== undefined);
}

/** The packages with the binary of a package for Linux on arm64, and their versions. */
export function platformPackagesOf({ optionalDependencies = {} }: Manifest): [name: string, version: string][] {
  return Object.entries(optionalDependencies).filter(([name]) => PLATFORM_PACKAGE.test(name));
}

/** Whether a package says that it runs on the platform of AgentCore Runtime, with the C library of its images. */
export function isForPlatform({ os, cpu, libc }: Manifest): boolean {
  return admits(os, 'linux') && admits(cpu, 'arm64') && admits(libc, 'glibc');
}

/** https://docs.npmjs.com/cli/v11/configuring-npm/package-json#os */
function admits(allowed: unknown, value: string): boolean {
  const list = (Array.isArray(allowed) ? allowed : [allowed]).filter(entry => typeof entry === 'string');
  const wanted = list.filter(entry => !entry.startsWith('!'));
  return !list.includes(`!${value}`) && (wanted.length === 0 || wanted.includes(value) || wanted.includes('any'));
}

/** What a package may have generated beside itself, where no manifest names it. */
export function generatedFor({ name }: Manifest): string[] {
  return name === '@prisma/client' ? ['.prisma/client'] : [];
}

/**
 * The names of what a package needs, and whether it can do without.
 *
 * @param chosen - what the project itself depends on: of peers that are optional, such as the drivers of a database
 * library, it has chosen these
 */
export function neededBy(manifest: Manifest, chosen: ReadonlySet<string>): Map<string, boolean> {
  const { dependencies = {}, optionalDependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = manifest;
  const bundled = manifest.bundleDependencies ?? manifest.bundledDependencies;
  return new Map<string, boolean>([
    // A peer that only says that it is optional is one as well: Knex and Sequelize name their drivers so.
    ...Object.keys({ ...peerDependenciesMeta, ...peerDependencies }).flatMap(name => {
      const optional = peerDependenciesMeta[name]?.optional === true;
      const isPeer = optional || peerDependencies[name] !== undefined;
      return isPeer && (!optional || chosen.has(name)) ? [[name, optional] as const] : [];
    }),
    ...(Array.isArray(bundled) ? bundled.map(name => [String(name), false] as const) : []),
    ...Object.keys(dependencies).map(name => [name, false] as const),
    ...Object.keys(optionalDependencies).map(name => [name, true] as const),
  ]);
}
