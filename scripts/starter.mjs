// The starter of `stateful-mcp init`: samples/starter in one file, since npm leaves out `.gitignore` and reads nested
// package.json. Every version that it writes is that of this repository, or the build fails.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** Parts of the sample, by name, with their files, by path. */
export function starterOf(root) {
  const sample = path.join(root, 'samples', 'starter');
  const parts = Object.fromEntries(readdirSync(sample).map(part => [part, filesIn(path.join(sample, part))]));
  const versions = { 'package.json': versionsOf(root), 'requirements.txt': pythonVersionsOf(root) };
  for (const [part, files] of Object.entries(parts)) {
    for (const [file, text] of Object.entries(files)) {
      for (const [name, version] of dependenciesOf(file, text)) {
        const known = versions[path.basename(file)].get(name);
        if (known !== version) {
          throw new Error(`samples/starter/${part}/${file} names ${name} ${version}, and this repository has ${known}`);
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

/** What the root and the workspaces have. */
function versionsOf(root) {
  const json = file => JSON.parse(readFileSync(path.join(root, file), 'utf8'));
  const { name, version, workspaces, devDependencies, optionalDependencies } = json('package.json');
  const { 'aws-cdk-lib-latest': newest, ...others } = devDependencies;
  const manifests = workspaces.map(workspace => json(`${workspace}/package.json`));
  return new Map([
    ...manifests.flatMap(({ dependencies = {} }) => Object.entries(dependencies)),
    ...manifests.map(manifest => [manifest.name, manifest.version]),
    ...Object.entries({ ...others, ...optionalDependencies, 'aws-cdk-lib': newest.replace('npm:aws-cdk-lib@', '') }),
    [name, version],
  ]);
}

/**
 * What the package of Python and the app in Python have. That app has the lowest version of the CDK: the newest of npm
 * gets to the registry of Python later.
 */
function pythonVersionsOf(root) {
  const kit = readFileSync(path.join(root, 'python', 'pyproject.toml'), 'utf8');
  return new Map([
    ...requirements(textOf(path.join(root, 'samples', 'languages', 'python', 'requirements.txt'))),
    ...requirements(/^dependencies = \[(.*)\]$/m.exec(kit)[1].replaceAll(/"|, */g, '\n')),
    ['stateful-mcp-fastmcp', /^version = "(.*)"$/m.exec(kit)[1]],
  ]);
}

function requirements(text) {
  return [...text.matchAll(/^([\w.-]+)==(.+)$/gm)].map(([, name, version]) => [name, version]);
}
