import { execFile } from 'node:child_process';
import { realpathSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { invalidOption, LocalRuntimeError } from '../common/errors';
import { hiddenDirectories, neededFiles, type StartedServer } from './sandbox-files';

const OWN_NAMESPACES = ['--unshare-pid', '--unshare-ipc', '--die-with-parent', '--cap-drop', 'ALL'];

/** What a server in a sandbox finds there besides what it needs to run. */
export interface SandboxDirectories {
  readonly readable: readonly string[];
  /** Directories that it may write to, by the path that it also finds each at. */
  readonly mounts: Readonly<Record<string, string>>;
}

/**
 * Checks that servers can be isolated on this machine.
 *
 * @throws LocalRuntimeError ERR_ISOLATION_UNAVAILABLE
 */
export async function checkBubblewrap(): Promise<void> {
  try {
    await promisify(execFile)(
      'bwrap',
      ['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', ...OWN_NAMESPACES, '--', '/bin/sh', '-c', ':'],
      { env: process.env },
    );
  } catch (error) {
    const { code, stderr = '' } = error as { readonly code?: unknown; readonly stderr?: string };
    const cause =
      code === 'ENOENT'
        ? 'needs bwrap, which is not on the PATH: install bubblewrap (`apt-get install bubblewrap`, `dnf install bubblewrap`; it is for Linux alone)'
        : `does not work here: ${stderr.trim() || String(error)}; bwrap needs user namespaces (Ubuntu 24.04 and later: an AppArmor profile for bwrap or ` +
          '`sysctl kernel.apparmor_restrict_unprivileged_userns=0`; in a container: one that may make namespaces)';
    throw new LocalRuntimeError('ERR_ISOLATION_UNAVAILABLE', `\`isolation: 'bubblewrap'\` ${cause}`, { cause: error });
  }
}

/**
 * The command that starts a server in a sandbox. It can write nothing but `/tmp`, its home (both empty, gone with it)
 * and `mounts`. Of the user's home, of temporary directories and of `/run` it sees only what it needs, and it sees no
 * process but its own. The network is that of the machine.
 *
 * @throws LocalRuntimeError ERR_INVALID_OPTION when it starts in a directory that a sandbox hides
 */
export function sandboxed(
  server: StartedServer,
  { readable, mounts: mountsByPath }: SandboxDirectories,
): readonly [string, ...string[]] {
  const hidden = hiddenDirectories();
  const directory = realpathSync(server.cwd);
  if (hidden.includes(directory)) {
    throw invalidOption(
      'cwd',
      server.cwd,
      "a directory that `isolation: 'bubblewrap'` does not hide, such as one in it",
    );
  }
  const isHidden = (file: string): boolean => hidden.some(above => file.startsWith(`${above}${path.sep}`));
  const mounts = [
    ...hidden.map(file => ({ file, options: ['--tmpfs', file] })),
    ...[...neededFiles(server), ...readable]
      .filter(isHidden)
      .map(file => ({ file, options: ['--ro-bind', file, file] })),
    ...Object.values(mountsByPath).map(file => ({ file, options: ['--bind', file, file] })),
    ...mountPoints(mountsByPath),
  ];
  // What is in a directory is mounted after the directory.
  const inOrder = mounts.sort((one, other) => one.file.length - other.file.length).flatMap(({ options }) => options);
  return [
    'bwrap',
    '--ro-bind',
    '/',
    '/',
    '--dev',
    '/dev',
    '--proc',
    '/proc',
    ...inOrder,
    ...OWN_NAMESPACES,
    '--chdir',
    directory,
    '--',
    ...server.command,
  ];
}

/** A path below `/mnt` need not exist on this machine, whose own `/mnt` is no affair of the server. */
function mountPoints(mounts: Readonly<Record<string, string>>): { file: string; options: string[] }[] {
  const points = Object.entries(mounts).map(([file, directory]) => ({ file, options: ['--bind', directory, file] }));
  return points.length === 0 ? [] : [{ file: '/mnt', options: ['--tmpfs', '/mnt'] }, ...points];
}
