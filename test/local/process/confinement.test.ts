import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { CpuAffinity } from '../../../local/src/machine/cpu-affinity';
import type { RuntimeDefinition } from '../../../local/src/model/runtime-definition';
import { confinedCommand } from '../../../local/src/process/confinement';
import { snapshotEnvironment } from '../../../local/src/snapshot/snapshot-mode';
import { newFolder } from '../assembly';
import { LISTEN, start } from './started-process';

const searchPath = process.env.PATH;
afterEach(() => {
  process.env.PATH = searchPath;
});

const cpus = { limit: (command: readonly string[]) => ['limited', ...command] } as unknown as CpuAffinity;

/** A folder with a program in `bin`, from which it is started. */
function newServer(): { cwd: string; environment: Record<string, string> } {
  const cwd = newFolder();
  mkdirSync(path.join(cwd, 'bin'));
  writeFileSync(path.join(cwd, 'bin/serve'), '');
  chmodSync(path.join(cwd, 'bin/serve'), 0o755);
  return { cwd, environment: { PATH: path.join(cwd, 'bin') } };
}

const confined = (
  program: string,
  isolation: 'none' | 'bubblewrap',
  more: Readonly<Record<string, string>> = {},
): { readonly cwd: string; readonly command: readonly string[] } => {
  const { cwd, environment } = newServer();
  const server = { command: [program, 'argument'] as [string, string], cwd, environment: { ...environment, ...more } };
  return { cwd, command: confinedCommand(server, { cpus, isolation }) };
};

test.each(['none', 'bubblewrap'] as const)('a program that is missing is started as it is: %s', isolation => {
  expect(confined('missing', isolation).command).toEqual(['missing', 'argument']);
  expect(confined('./serve', isolation).command).toEqual(['./serve', 'argument']);
  expect(confined('serve', isolation, { PATH: '' }).command).toEqual(['serve', 'argument']);
});

test.each(['serve', './bin/serve'])('a program of the search path or the folder has its processors: %s', program => {
  expect(confined(program, 'none').command).toEqual(['limited', program, 'argument']);
});

test.each(['serve', './bin/serve'])('a sandbox is limited as a whole: %s', program => {
  const { command, cwd } = confined(program, 'bubblewrap');
  expect(command.slice(0, 2)).toEqual(['limited', 'bwrap']);
  expect(command.slice(-5)).toEqual(['--chdir', cwd, '--', program, 'argument']);
  expect(command).not.toContain('/mnt');
});

test('a sandbox has the file systems of its session, and what snapshot mode preloads', () => {
  const directory = newFolder();
  const { NODE_OPTIONS = '' } = snapshotEnvironment(
    { arn: 'arn', features: { platformVersion: 'V2' }, environment: {} } as unknown as RuntimeDefinition,
    '1',
  );
  const { command } = confined('serve', 'bubblewrap', {
    STATEFUL_MCP_MOUNTS: JSON.stringify({ '/mnt/data': directory }),
  });
  const text = command.join(' ');
  expect(text).toContain(`--bind ${directory} /mnt/data`);
  const preload = JSON.parse(NODE_OPTIONS.replace('--require ', '')) as string;
  expect(text).toContain(`--ro-bind ${preload} ${preload}`);
});

describe('the process of a sandbox', () => {
  const server = `process.once('SIGTERM', () => process.exit(7)); ${LISTEN}`;

  /** Puts a program in the place of bubblewrap, which starts what comes after `--`. */
  function startIn(sandbox: string): ReturnType<typeof start> {
    const folder = newFolder();
    const script = `#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done; shift\n${sandbox}\n`;
    writeFileSync(path.join(folder, 'bwrap'), script);
    chmodSync(path.join(folder, 'bwrap'), 0o755);
    process.env.PATH = `${folder}${path.delimiter}${searchPath}`;
    return start(server, { isolation: 'bubblewrap' });
  }

  test('is not asked to end, but what runs in it', async () => {
    const { started, clock } = startIn(`sh -c '"$@"; exit $?' first "$@"; exit $?`);
    const sandbox = await started;
    sandbox.stop(1000, clock);
    // As its server has ended; by a signal, had the sandbox got it.
    expect(await sandbox.exited).toEqual({ exitCode: 7, signal: null });
  });

  test('is asked itself when nothing runs in it', async () => {
    const { started, clock } = startIn('exec "$@"');
    const sandbox = await started;
    sandbox.stop(1000, clock);
    expect(await sandbox.exited).toEqual({ exitCode: 7, signal: null });
  });
});
