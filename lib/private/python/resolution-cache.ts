import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { recall, remember } from '../program/cache';
import { requirementFiles } from './requirement-files';

/** For how long versions that nothing locks stay as they are: what is published meanwhile is taken the next day. */
const KEPT_MS = 24 * 3600_000;

/** Changes when what is remembered has another form. */
const FORM = 1;

/** Files that decide about a resolution without being named: uv looks for its settings in all folders above. */
const SETTINGS = ['pyproject.toml', 'uv.toml'];

/** Files that decide about what a project on this machine needs. */
const OF_PROJECTS = ['pyproject.toml', 'setup.py', 'setup.cfg'];

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
  const inputs = [
    ...settingsAbove(directory),
    ...(file.endsWith('.toml') ? [] : requirementFiles(file).map(included => included.file)),
    ...[directory, ...projectsOf(resolution)]
      .flatMap(folder => OF_PROJECTS.map(name => path.join(folder, name)))
      .flatMap(decisive => [decisive, ...namedBy(decisive)]),
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
  return [...text.matchAll(/(["'])([^"'\n]+)\1/g)]
    .map(([, , name = '']) => path.resolve(path.dirname(file), name))
    .filter(other => statSync(other, { throwIfNoEntry: false })?.isFile() === true);
}

function digestOfInput(file: string): string {
  return existsSync(file) ? createHash('sha256').update(readFileSync(file)).digest('hex') : '';
}
