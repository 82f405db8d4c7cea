// The one version of all packages stands in many files. A release changes each place that release-please-config.json
// names; this finds the places, so that none is forgotten.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { run } from './programs';
import { manifestOf, publishedPackages, ROOT } from './published-packages';

type ExtraFile = { readonly type: string; readonly path: string; readonly jsonpath?: string };

interface Configuration {
  readonly packages: { readonly '.': { 'extra-files': ExtraFile[] } };
}

const CONFIGURATION = path.join(ROOT, 'release-please-config.json');

/** What a line says that has the version and no JSON path. */
const ANNOTATION = 'x-release-please-version';

/** A requirement of Python that names a package of this repository. */
const OWN_PYTHON_PACKAGE = /\b(cdk-stateful-mcp|stateful-mcp-fastmcp)==/;

/** Those in JSON: packages, what they need of each other, and the starter and the samples. */
function placesInJson(names: readonly string[], version: string): string[] {
  const tracked = run('git', ['ls-files', '--', '*package.json']).trim().split('\n');
  const found = tracked.filter(file => file !== 'package.json').flatMap(file => placesInManifest(file, names, version));
  const { packages } = JSON.parse(readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, Record<string, unknown>>;
  };
  const locked = Object.entries(packages)
    .filter(([directory]) => directory !== '' && !directory.includes('node_modules'))
    .flatMap(([directory, entry]) => members(`$.packages['${directory}']`, entry, names, version));
  return [...found, ...locked.map(place => `package-lock.json ${place}`)];
}

function placesInManifest(file: string, names: readonly string[], version: string): string[] {
  const manifest = JSON.parse(readFileSync(path.join(ROOT, file), 'utf8')) as Record<string, unknown>;
  return members('$', manifest, names, version).map(place => `${file} ${place}`);
}

function members(
  start: string,
  manifest: Record<string, unknown>,
  names: readonly string[],
  version: string,
): string[] {
  const own = manifest.version === version ? [`${start}.version`] : [];
  const ranges = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies'].flatMap(kind =>
    Object.entries((manifest[kind] ?? {}) as Record<string, string>)
      .filter(([name]) => names.includes(name))
      .map(([name]) => `${start}.${kind}['${name}']`),
  );
  return [...own, ...ranges];
}

/** Packages of Python. */
function placesInToml(version: string): string[] {
  const tracked = run('git', ['ls-files', '--', '*pyproject.toml']).trim().split('\n');
  return tracked
    .filter(file => readFileSync(path.join(ROOT, file), 'utf8').includes(`\nversion = "${version}"\n`))
    .map(file => `${file} $.project.version`);
}

/** Files that have an annotated line. */
function placesInText(): string[] {
  const files = ['*.txt', '*.toml', '*.xml', '*.mod', '*.csproj'];
  const tracked = run('git', ['ls-files', '--', ...files])
    .trim()
    .split('\n');
  return tracked.filter(file => {
    const lines = readFileSync(path.join(ROOT, file), 'utf8').split('\n');
    const forgotten = lines.find(line => OWN_PYTHON_PACKAGE.test(line) && !line.includes(ANNOTATION));
    if (forgotten !== undefined) {
      throw new Error(
        `${file} has \`${forgotten.trim()}\`, which a release would leave as it is: put it on a line of its own, with \`# ${ANNOTATION}\` behind it`,
      );
    }
    return lines.some(line => line.includes(ANNOTATION));
  });
}

export function checkVersions(): void {
  const { version } = manifestOf('.');
  const names = publishedPackages().map(({ manifest }) => manifest.name);
  for (const { manifest } of publishedPackages()) {
    if (manifest.version !== version) {
      throw new Error(`${manifest.name} has version ${manifest.version}, and the repository ${version}`);
    }
  }
  const released = JSON.parse(readFileSync(path.join(ROOT, '.release-please-manifest.json'), 'utf8')) as {
    '.': string;
  };
  if (released['.'] !== version) {
    throw new Error(`.release-please-manifest.json says ${released['.']}, and package.json ${version}`);
  }
  const config = configuration();
  const named = config.packages['.']['extra-files'].map(file => [file.path, file.jsonpath].filter(Boolean).join(' '));
  const places = [...placesInJson(names, version), ...placesInToml(version), ...placesInText()];
  const forgotten = places.filter(place => !named.includes(place));
  const surplus = named.filter(place => !places.includes(place));
  if (forgotten.length + surplus.length > 0) {
    throw new Error(
      `release-please-config.json lacks \`extra-files\` for ${forgotten.join(', ') || 'nothing'}, and has no use for ${surplus.join(', ') || 'none of them'}: run \`npm run release places\``,
    );
  }
  console.log(`versions: ${version} in ${places.length} places, all of which a release changes`);
}

/** Has the configuration name all places. */
export function writePlaces(): void {
  const { version } = manifestOf('.');
  const names = publishedPackages().map(({ manifest }) => manifest.name);
  const files: ExtraFile[] = [
    ...[...placesInJson(names, version), ...placesInToml(version)].map(place => {
      const [file = '', jsonpath] = place.split(/ (.*)/);
      return { type: path.extname(file).slice(1), path: file, jsonpath };
    }),
    ...placesInText().map(file => ({ type: 'generic', path: file })),
  ];
  const config = configuration();
  config.packages['.']['extra-files'] = files;
  writeFileSync(CONFIGURATION, `${JSON.stringify(config, undefined, 2)}\n`);
}

function configuration(): Configuration {
  return JSON.parse(readFileSync(CONFIGURATION, 'utf8')) as Configuration;
}
