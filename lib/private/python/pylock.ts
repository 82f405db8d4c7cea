import path from 'node:path';
import type { PythonProject } from './python-projects';

/** One package of a lock. */
export interface LockedPackage {
  readonly name: string;
  readonly version?: string;

  /** It is published as wheels, for some platform, and not as sources alone. */
  readonly hasWheels: boolean;
}

/** A `pylock.toml`, as uv writes it. */
export interface Pylock {
  /** What is downloaded, each package from its own index and with its hashes. */
  readonly text: string;

  readonly packages: readonly LockedPackage[];

  /** What is on this machine, and has to be built; the project itself among it, where it is a package. */
  readonly projects: readonly PythonProject[];
}

/**
 * Takes the projects of this machine out of a lock.
 *
 * The version of Python that it is for is taken out as well: uv would compare it with the one that it runs itself on.
 *
 * @param folder - the folder of the lock, where its paths begin
 * @see https://packaging.python.org/en/latest/specifications/pylock-toml/
 */
export function parsePylock(text: string, folder: string): Pylock {
  const [head = '', ...sections] = text.split(/^(?=\[\[packages\]\])/m);
  const parsed = sections.map(section => ({ section, project: projectIn(section, folder) }));
  const remote = parsed.filter(({ project }) => project === undefined).map(({ section }) => section);
  return {
    text: [head.replace(/^requires-python = .*\n/m, ''), ...remote].join(''),
    packages: remote.map(section => ({
      name: valueOf('name', section) ?? '',
      version: valueOf('version', section),
      hasWheels: /^wheels = /m.test(section),
    })),
    projects: parsed.flatMap(({ project }) => project ?? []),
  };
}

function projectIn(section: string, folder: string): PythonProject | undefined {
  const [, location] = /^directory = \{.*?\bpath = "([^"]*)"/m.exec(section) ?? [];
  return location === undefined
    ? undefined
    : { folder: path.resolve(folder, location), marker: valueOf('marker', section) ?? '' };
}

function valueOf(key: string, section: string): string | undefined {
  return new RegExp(`^${key} = "(.*)"$`, 'm').exec(section)?.[1]?.replaceAll('\\"', '"');
}
