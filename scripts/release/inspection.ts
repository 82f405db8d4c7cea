// Looks at what `artefacts.ts` has made, before anybody can install it: what a registry shows of each, what is in it, and
// under which licences the packages are that come with it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ARTEFACTS } from './artefacts';
import { run } from './programs';
import { manifestOf, publishedPackages, type PackageManifest } from './published-packages';

/** Licences of dependencies that a user of Apache-2.0 software need not think about. */
const LICENCES = [
  'MIT',
  'MIT-0',
  'Apache-2.0',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  // Of argparse, which projen brings.
  'Python-2.0',
  'Unlicense',
];

/** Scripts that npm would run on the machine of whoever installs the package. */
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall', 'prepublish', 'prepare'];

const REPOSITORY = 'git+https://github.com/cdk-stateful-mcp/cdk-stateful-mcp.git';

export function inspectArtefacts(): void {
  const { version } = manifestOf('.');
  for (const { directory, manifest } of publishedPackages()) {
    inspectTarball(path.join(ARTEFACTS, 'js', `${manifest.name}-${version}.tgz`), directory);
    inspectBillOfMaterials(path.join(ARTEFACTS, 'sbom', `${manifest.name}.cdx.json`), manifest.name);
  }
  inspectPython(version);
  inspectJava(version);
  inspectDotnet(version);
  inspectGo();
}

/** Members that a registry shows, and by which it holds the provenance statement against the repository. */
function inspectTarball(tarball: string, directory: string): void {
  const files = run('tar', ['tzf', tarball]).trim().split('\n');
  const manifest = JSON.parse(run('tar', ['xzOf', tarball, 'package/package.json'])) as PackageManifest & {
    readonly scripts?: Readonly<Record<string, string>>;
    readonly types?: string;
  };
  const { name, license, engines, repository, scripts = {}, types, main, bin } = manifest;
  demand(license === 'Apache-2.0' && files.includes('package/LICENSE'), name, 'has its licence');
  demand(engines?.node === manifestOf('.').engines?.node, name, 'names the versions of Node.js of the repository');
  const url = repository?.url.replace(/^(git\+)?/, 'git+');
  demand(url === REPOSITORY, name, `names the repository ${REPOSITORY}, as its provenance does`);
  demand(directory === '.' || repository?.directory === directory, name, 'names its directory of the repository');
  demand(!INSTALL_SCRIPTS.some(script => script in scripts), name, 'runs nothing where it is installed');
  for (const file of [main, types, ...Object.values(bin ?? {})].filter(file => file !== undefined)) {
    demand(files.includes(path.posix.join('package', file)), name, `has ${file}`);
  }
  if (main !== undefined) {
    demand(types !== undefined, name, 'has types');
  }
  console.log(`${name}: ${files.length} files`);
}

function inspectBillOfMaterials(file: string, name: string): void {
  const { bomFormat, components } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly bomFormat: string;
    readonly components: readonly {
      readonly name: string;
      readonly licenses?: readonly {
        readonly license?: { readonly id?: string; readonly name?: string };
        readonly expression?: string;
      }[];
    }[];
  };
  demand(bomFormat === 'CycloneDX' && components.length > 0, name, 'has a bill of materials');
  for (const component of components) {
    const [found] = component.licenses ?? [];
    const licence = found?.expression ?? found?.license?.id ?? found?.license?.name ?? 'none';
    const accepted = licence
      .replace(/[()]/g, '')
      .split(' OR ')
      .some(choice => choice.split(' AND ').every(part => LICENCES.includes(part)));
    demand(accepted, name, `brings packages with known licences alone, and ${component.name} has ${licence}`);
  }
  console.log(`${name}: ${components.length} packages in its bill of materials`);
}

function inspectPython(version: string): void {
  const directory = path.join(ARTEFACTS, 'python');
  for (const file of [`stateful_mcp_fastmcp-${version}-py3-none-any.whl`, `stateful_mcp_fastmcp-${version}.tar.gz`]) {
    demand(existsSync(path.join(directory, file)), 'python', `has ${file}`);
  }
  const wheel = path.join(directory, `cdk_stateful_mcp-${version}-py3-none-any.whl`);
  if (!existsSync(wheel)) {
    demand(existsSync(path.join(directory, 'setup.py')), 'python', 'has at least its source');
    return;
  }
  demand(
    readdirSync(directory).some(file => file.endsWith('.tar.gz')),
    'python',
    'has a source distribution',
  );
  const list = run('python3', ['-m', 'zipfile', '--list', wheel]);
  for (const file of [`_jsii/cdk-stateful-mcp@${version}.jsii.tgz`, 'cdk_stateful_mcp/py.typed', 'LICENSE']) {
    demand(list.includes(file), 'python', `has ${file}`);
  }
  console.log('python: wheel and source distribution');
}

function inspectJava(version: string): void {
  const directory = path.join(ARTEFACTS, 'java', 'io', 'github', 'cdkstatefulmcp', 'cdk-stateful-mcp', version);
  if (!existsSync(directory)) {
    demand(existsSync(path.join(ARTEFACTS, 'java', 'pom.xml')), 'java', 'has at least its source');
    return;
  }
  // Maven Central takes nothing without sources and documentation.
  for (const suffix of ['.jar', '-sources.jar', '-javadoc.jar', '.pom']) {
    const file = `cdk-stateful-mcp-${version}${suffix}`;
    demand(existsSync(path.join(directory, file)), 'java', `has ${file}`);
  }
  console.log('java: package, sources and documentation');
}

function inspectDotnet(version: string): void {
  const directory = path.join(ARTEFACTS, 'dotnet');
  const packed = existsSync(path.join(directory, `CdkStatefulMcp.${version}.nupkg`));
  demand(packed || existsSync(path.join(directory, 'CdkStatefulMcp')), 'dotnet', 'has at least its source');
  console.log(`dotnet: ${packed ? 'package' : 'source'}`);
}

function inspectGo(): void {
  const directory = path.join(ARTEFACTS, 'go', 'cdkstatefulmcp');
  const module = readFileSync(path.join(directory, 'go.mod'), 'utf8');
  const name = 'module github.com/cdk-stateful-mcp/cdk-stateful-mcp-go/cdkstatefulmcp';
  demand(module.startsWith(name), 'go', `is ${name}`);
  demand(existsSync(path.join(directory, 'LICENSE')), 'go', 'has its licence');
  console.log('go: module');
}

function demand(holds: boolean, name: string, promise: string): void {
  if (!holds) {
    throw new Error(`the package ${name} has to keep this, and does not: it ${promise}`);
  }
}
