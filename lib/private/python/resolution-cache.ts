import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { statsOf } from '../common/file-path';
import { recall, remember } from '../program/cache';
import { stateOf } from '../program/program-files';
import { requirementFiles, type RequirementFile } from './requirement-files';

/** For how long versions that nothing locks stay as they are: what is published meanwhile is taken the next day. */
const KEPT_MS = 24 * 3600_000;

/** Changes when what is remembered has another form. */
const FORM = 1;

/** Files that decide about a resolution without being named: uv looks for its settings in all folders above. */
const SETTINGS = ['pyproject.toml', 'uv.toml'];

/** Files that decide about what a project on this machine needs. */
const OF_PROJECTS = ['pyproject.toml', 'setup.py', 'setup.cfg'];

/** Packages in a folder of them (`--find-links`). */
const PACKAGE = /\.(?:whl|zip|tgz|tar\.\w+)$/;

/** A URL with a name or a password in it, which is not written down. */
const WITH_PASSWORD = /:\/\/[^/\s"@]+@/;

interface Remembered<Resolution> {
  readonly at: number;
  readonly resolution: Resolution;

  /** The files that decided about it, each with a digest of what was in it. */
  readonly inputs: readonly (readonly [file: string, digest: string])[];
}

export interface ResolutionInputs {
  /** Where uv looks for its settings. */
  readonly directory: string;

  /** The file that names what is wanted. */
  readonly file: string;

  /** Options of uv. */
  readonly platform: readonly string[];
}

/**
 * Resolves what is wanted, unless that was done a day ago or less, and nothing that decides about it has changed since.
 *
 * @param projectsOf - the folders of the projects on this machine that it turned out to need
 */
export function resolveOnce<Resolution>(
  { directory, file, platform }: ResolutionInputs,
  resolve: () => Resolution,
  projectsOf: (resolution: Resolution) => readonly string[],
  now: number = Date.now(),
): Resolution {
  // A lock names what is on this machine relative to the folder for temporary files.
  const key = ['python resolution', FORM, directory, os.tmpdir(), platform, settingsOfUv(), readFileSync(file, 'utf8')];
  const known = recall(key) as Remembered<Resolution> | undefined;
  if (
    known !== undefined &&
    now - known.at < KEPT_MS &&
    known.inputs.every(([input, digest]) => digestOfInput(input) === digest)
  ) {
    return known.resolution;
  }
  const resolution = resolve();
  const settings = settingsAbove(directory);
  const ofProjects = [directory, ...projectsOf(resolution)].flatMap(folder =>
    OF_PROJECTS.map(name => path.join(folder, name)),
  );
  const requirements = file.endsWith('.toml') ? [] : requirementFiles(file);
  const inputs = [
    ...settings,
    ...ofProjects,
    ...[...settings, ...ofProjects].flatMap(namedBy),
    ...requirements.map(included => included.file),
    ...requirements.flatMap(namedByRequirements),
    ...onThisMachine((process.env.UV_FIND_LINKS ?? '').split(/[ ,]/), directory),
  ];
  const digests = inputs.map(input => [input, digestOfInput(input)] as const);
  if (!WITH_PASSWORD.test(JSON.stringify(resolution))) {
    remember(key, { at: now, resolution, inputs: digests } satisfies Remembered<Resolution>);
  }
  return resolution;
}

/** Indexes, cut-off dates and the like may be named by the environment. They may have passwords in them. */
function settingsOfUv(): string {
  const settings = Object.entries(process.env)
    .filter(([name]) => name.startsWith('UV_'))
    .sort(([left], [right]) => (left < right ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(settings)).digest('hex');
}

function settingsAbove(directory: string): string[] {
  const above = path.dirname(directory);
  return [...SETTINGS.map(name => path.join(directory, name)), ...(above === directory ? [] : settingsAbove(above))];
}

/** What a file names in quotation marks, such as that of `[tool.setuptools.dynamic]`, may be read by a build of it. */
function namedBy(file: string): string[] {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const names = [...text.matchAll(/(["'])([^"'\n]+)\1/g)].map(([, , name = '']) => name);
  return onThisMachine(names, path.dirname(file));
}

/** Packages, and folders of them, that are named in a file of requirements. */
function namedByRequirements({ file, text }: RequirementFile): string[] {
  return onThisMachine(text.split(/[\s"'=;]+/), path.dirname(file));
}

/** Those that there are: a text may look like a path, and a description be longer than any. */
function onThisMachine(names: readonly string[], folder: string): string[] {
  return names
    .filter(name => name !== '')
    .flatMap(name => {
      const [, located = name] = /^file:\/\/(?:localhost)?(\/.*)$/i.exec(name) ?? [];
      return [located, located.replace(/\[[^\]]*\]$/, '')].map(text => path.resolve(folder, text));
    })
    .filter(isReadable);
}

function isReadable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/** Of a folder, which packages are in it. */
function digestOfInput(file: string): string {
  const contents =
    statsOf(file)?.isDirectory() === true ? packagesIn(file) : existsSync(file) ? readFileSync(file) : '';
  return contents === '' ? '' : createHash('sha256').update(contents).digest('hex');
}

function packagesIn(folder: string): string {
  const packages = readdirSync(folder).filter(name => PACKAGE.test(name));
  return packages
    .sort()
    .map(name => `${name} ${stateOf(path.join(folder, name))}\n`)
    .join('');
}
