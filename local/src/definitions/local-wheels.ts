import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { foreignBinaries } from '../machine/foreign-binaries';
import { findProgram } from '../machine/search-path';
import { UnsupportedArtifact } from './left-out-runtime';
import { indexVariables, originsOf, pinned, uvEnvironment } from './wheel-origins';

/** A package installation may have to be downloaded. */
const INSTALL_LIMIT_MS = 300_000;
const LONGEST_CAUSE = 600;

const INSTALL = ['pip', 'install', '--quiet', '--no-deps', '--only-binary', ':all:'];

interface Distribution {
  /** `name==version` */
  readonly requirement: string;
  /** The one of its metadata. */
  readonly directory: string;
  readonly files: readonly string[];
}

/** Whether the packages of a Python server can be exchanged for those of this machine. */
export function canInstallWheels(): boolean {
  return findProgram('uv') !== undefined;
}

/**
 * Exchanges the packages of a Python server that bring binaries for AgentCore for the same versions of them for this
 * machine, by uv. What the project has from an origin of its own is from there.
 *
 * @param project - where uv finds the settings of the project, such as its indexes
 * @throws UnsupportedArtifact when they cannot be had
 */
export async function installLocalWheels(copy: string, python: string, project: string): Promise<void> {
  const foreign = foreignBinaries(copy);
  const distributions = distributionsOf(copy);
  const needed = distributions.filter(({ files }) => foreign.some(({ file }) => files.includes(file)));
  const unknown = foreign.find(({ file }) => !needed.some(({ files }) => files.includes(file)));
  if (unknown) {
    throw new UnsupportedArtifact(
      'binary',
      `brings ${unknown.file} for ${unknown.platform}, which is of no package and cannot run on ${process.platform}/${process.arch}`,
    );
  }
  await Promise.all(
    needed
      .flatMap(({ files }) => files)
      .flatMap(withBytecode)
      .map(file => remove(copy, file)),
  );
  // uv takes a package for installed by the name of this directory alone, and would do nothing.
  await Promise.all(needed.map(({ directory }) => remove(copy, directory)));
  const folder = mkdtempSync(path.join(os.tmpdir(), 'stateful-mcp-wheels-'));
  try {
    const bundled = distributions.map(({ requirement }) => requirement);
    const origins = await originsOf(project, { python, bundled, folder });
    const located = needed.flatMap(({ requirement }) => origins.get(requirement) ?? []);
    const others = needed.flatMap(({ requirement }) => (origins.has(requirement) ? [] : requirement));
    const install = (what: readonly string[], indexes: NodeJS.ProcessEnv = {}): Promise<unknown> =>
      promisify(execFile)('uv', [...INSTALL, '--python', python, '--target', copy, ...what], {
        cwd: project,
        env: uvEnvironment(indexes),
        timeout: INSTALL_LIMIT_MS,
      });
    if (located.length > 0) {
      const lock = path.join(folder, 'pylock.toml');
      writeFileSync(lock, ['lock-version = "1.0"\ncreated-by = "stateful-mcp-local"\n\n', ...located].join(''));
      await install(['--requirements', lock], indexVariables(project));
    }
    if (others.length > 0) {
      await install(others);
    }
  } catch (error) {
    const { stderr = '', message } = error as { readonly stderr?: string; readonly message: string };
    throw new UnsupportedArtifact(
      'binary',
      `has packages for linux/arm64 of which uv has none for ${process.platform}/${process.arch} and ${await versionOf(python)}: ${(stderr.trim() || message).slice(0, LONGEST_CAUSE)}`,
    );
  } finally {
    await rm(folder, { force: true, recursive: true });
  }
}

/** A package may have wheels for the Python of the server alone. */
async function versionOf(python: string): Promise<string> {
  try {
    return (await promisify(execFile)(python, ['--version'])).stdout.trim();
  } catch {
    return python;
  }
}

function remove(directory: string, file: string): Promise<void> {
  return rm(path.join(directory, file), { force: true, recursive: true });
}

/** Bytecode that was made of a source does not look whether the source is another one now. */
function withBytecode(file: string): string[] {
  const { dir, name, ext } = path.parse(file);
  return ext === '.py'
    ? [
        file,
        ...['10', '11', '12', '13', '14'].map(minor => path.join(dir, '__pycache__', `${name}.cpython-3${minor}.pyc`)),
      ]
    : [file];
}

/** What was installed into a directory, by its records. */
function distributionsOf(directory: string): Distribution[] {
  return readdirSync(directory)
    .filter(name => name.endsWith('.dist-info') && existsSync(path.join(directory, name, 'RECORD')))
    .map(name => {
      const metadata = readFileSync(path.join(directory, name, 'METADATA'), 'utf8');
      const field = (key: string): string => new RegExp(`^${key}:\\s*(.+)$`, 'm').exec(metadata)?.[1]?.trim() ?? '';
      const record = readFileSync(path.join(directory, name, 'RECORD'), 'utf8');
      return {
        requirement: pinned(field('Name'), field('Version')),
        directory: name,
        files: record.split('\n').flatMap(line => {
          const [, quoted, plain] = /^(?:"((?:[^"]|"")*)"|([^,]*)),/.exec(line) ?? [];
          const file = quoted?.replaceAll('""', '"') ?? plain ?? '';
          return file === '' || file.startsWith('..') || path.isAbsolute(file) ? [] : [path.normalize(file)];
        }),
      };
    });
}
