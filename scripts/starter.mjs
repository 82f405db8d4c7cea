// The starter of `stateful-mcp init`: samples/starter in one file, since npm leaves out `.gitignore` and reads nested
// package.json. Every version that it writes is that of this repository, or the build fails.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** Parts of the sample, by name, with their files, by path. */
export function starterOf(root) {
  const sample = path.join(root, 'samples', 'starter');
  const parts = Object.fromEntries(readdirSync(sample).map(part => [part, filesIn(path.join(sample, part))]));
  const versions = versionsOf(root);
  for (const [part, files] of Object.entries(parts)) {
    for (const [file, text] of Object.entries(files)) {
      for (const [name, version] of dependenciesOf(file, text)) {
        if (versions.get(name) !== version) {
          throw new Error(
            `samples/starter/${part}/${file} names ${name} ${version}, and this repository has ${versions.get(name)}`,
          );
        }
      }
    }
  }
  return parts;
}

function filesIn(directory) {
  const names = readdirSync(directory, { recursive: true }).sort();
  return Object.fromEntries(
    names
      .filter(name => !/(^|[\\/])(__pycache__|node_modules)([\\/]|$)/.test(name))
      .filter(name => statSync(path.join(directory, name)).isFile())
      .map(name => [name.split(path.sep).join('/'), textOf(path.join(directory, name))]),
  );
}

/** What tells a release where the version stands is not for those who get the file. */
function textOf(file) {
  return readFileSync(file, 'utf8').replaceAll(/ # x-release-please-version$/gm, '');
}

function dependenciesOf(file, text) {
  if (path.basename(file) === 'package.json') {
    const { dependencies = {}, devDependencies = {} } = JSON.parse(text);
    return Object.entries({ ...dependencies, ...devDependencies });
  }
  return path.basename(file) === 'requirements.txt' ? requirements(text) : [];
}

/** What the root, the workspaces, the samples and the package of Python have. */
function versionsOf(root) {
  const json = file => JSON.parse(readFileSync(path.join(root, file), 'utf8'));
  const { name, version, workspaces, devDependencies, optionalDependencies } = json('package.json');
  const { 'aws-cdk-lib-latest': newest, ...others } = devDependencies;
  const kit = readFileSync(path.join(root, 'python', 'pyproject.toml'), 'utf8');
  const manifests = workspaces.map(workspace => json(`${workspace}/package.json`));
  return new Map([
    ...manifests.flatMap(({ dependencies = {} }) => Object.entries(dependencies)),
    ...manifests.map(manifest => [manifest.name, manifest.version]),
    ...Object.entries({ ...others, ...optionalDependencies, 'aws-cdk-lib': newest.replace('npm:aws-cdk-lib@', '') }),
    [name, version],
    ['stateful-mcp-fastmcp', /^version = "(.*)"$/m.exec(kit)[1]],
    ...requirements(/^dependencies = \[(.*)\]$/m.exec(kit)[1].replaceAll(/"|, */g, '\n')),
  ]);
}

function requirements(text) {
  return [...text.matchAll(/^([\w.-]+)==(.+)$/gm)].map(([, name, version]) => [name, version]);
}
