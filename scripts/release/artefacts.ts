// Makes everything that a release publishes, in `dist-release/`: `js`, `python`, `java`, `dotnet`, `go` and `sbom`.
// What its toolchain is missing for is generated as source, and said; `--strict`, as the release has it, refuses that.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { NpmRegistry } from './npm-registry';
import { isInstalled, run } from './programs';
import { packAll, publishedPackages, ROOT } from './published-packages';

export const ARTEFACTS = path.join(ROOT, 'dist-release');

/** Programs that make a package of what jsii-pacmak generates. A Go module is its source. */
const TOOLCHAINS = { python: 'python3', java: 'mvn', dotnet: 'dotnet' } as const;

export async function makeArtefacts({ strict }: { strict: boolean }): Promise<void> {
  rmSync(ARTEFACTS, { recursive: true, force: true });
  const javaScript = path.join(ARTEFACTS, 'js');
  mkdirSync(javaScript, { recursive: true });
  const tarballs = packAll(javaScript);
  console.log(`js: ${tarballs.length} tarballs`);
  for (const [language, program] of Object.entries(TOOLCHAINS)) {
    const complete = isInstalled(program);
    if (!complete && strict) {
      throw new Error(`${program} is not installed, which makes the package for ${language}`);
    }
    pacmak(language, ...(complete ? [] : ['--code-only']));
    console.log(`${language}: ${complete ? 'package' : `source alone, ${program} is not installed`}`);
  }
  // The kit for FastMCP is no package of jsii.
  const uv = path.join(run('bash', [path.join(ROOT, 'scripts', 'uv.sh')]).trim(), 'uv');
  run(uv, ['build', '--quiet', '--no-create-gitignore', '--out-dir', path.join(ARTEFACTS, 'python'), 'python']);
  console.log('python: package of the kit for FastMCP');
  pacmak('go', '--code-only');
  console.log('go: module');
  await makeBillsOfMaterials(tarballs);
}

function pacmak(language: string, ...options: string[]): void {
  const program = path.join(ROOT, 'node_modules', '.bin', 'jsii-pacmak');
  run(program, ['--target', language, '--outdir', ARTEFACTS, ...options]);
}

/** What a user gets with each package: it is installed by its name, as far as the lock, and its closure written down. */
async function makeBillsOfMaterials(tarballs: readonly string[]): Promise<void> {
  const directory = path.join(ARTEFACTS, 'sbom');
  mkdirSync(directory);
  const registry = await NpmRegistry.open();
  const project = mkdtempSync(path.join(tmpdir(), 'sbom-'));
  try {
    const env = { npm_config_userconfig: registry.userConfig };
    for (const tarball of tarballs) {
      await registry.publish(tarball);
    }
    for (const { manifest } of publishedPackages()) {
      const folder = path.join(project, manifest.name);
      mkdirSync(folder);
      const { name, version } = manifest;
      const dependent = { name: `sbom-${name}`, version, private: true, dependencies: { [name]: version } };
      writeFileSync(path.join(folder, 'package.json'), JSON.stringify(dependent));
      await registry.run('npm', ['install', '--package-lock-only', '--ignore-scripts', '--no-audit'], folder);
      const options = ['--package-lock-only', '--sbom-format', 'cyclonedx', '--sbom-type', 'application'];
      writeFileSync(path.join(directory, `${name}.cdx.json`), run('npm', ['sbom', ...options], { cwd: folder, env }));
    }
  } finally {
    await registry.close();
    rmSync(project, { recursive: true, force: true });
  }
  console.log(`sbom: ${publishedPackages().length} bills of materials`);
}
