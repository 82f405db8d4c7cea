import os from 'node:os';
import path from 'node:path';

/** Where the files of hosts are kept. */
export interface HostPlaces {
  /** Home directory of the user. */
  readonly home: string;
  /** Where programs with windows keep their settings: a directory for each is in it. */
  readonly settings: string;
  /** Where programs of the terminal keep theirs. */
  readonly configuration: string;
  /** The directory of the project. */
  readonly project: string;
  readonly platform: NodeJS.Platform;
  readonly environment: NodeJS.ProcessEnv;
}

/** The places of this user, by the conventions of the operating system. */
export function hostPlaces(
  project: string,
  {
    platform = process.platform,
    environment = process.env,
    home = os.homedir(),
  }: Partial<Pick<HostPlaces, 'platform' | 'environment' | 'home'>> = {},
): HostPlaces {
  const ofPlatform = platform === 'win32' ? path.join(home, 'AppData', 'Roaming') : path.join(home, '.config');
  const configuration = (platform === 'win32' ? environment.APPDATA : environment.XDG_CONFIG_HOME) || ofPlatform;
  const settings = platform === 'darwin' ? path.join(home, 'Library', 'Application Support') : configuration;
  return { home, settings, configuration, project, platform, environment };
}
