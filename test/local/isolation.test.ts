import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { LocalRuntime, type LocalRuntimeOptions } from 'stateful-mcp-local';
import { sandboxed } from '../../local/src/machine/bubblewrap';
import { neededFiles } from '../../local/src/machine/sandbox-files';
import { newFolder } from './assembly';
import { newRuntime, sessionServer } from './running';

// Servers that really run in bubblewrap are in test/image.

const searchPath = process.env.PATH;
afterEach(() => {
  process.env.PATH = searchPath;
});

function program(file: string, text = ''): string {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, 0o755);
  return file;
}

test.each([0, 1])('without bubblewrap, ready says how to get it (%i waiting)', async pooledProcesses => {
  process.env.PATH = newFolder();
  const runtime = newRuntime({ runtimes: [sessionServer()], isolation: 'bubblewrap', pooledProcesses });
  await expect(runtime.ready).rejects.toMatchObject({
    code: 'ERR_ISOLATION_UNAVAILABLE',
    message: expect.stringContaining('apt-get install bubblewrap') as string,
  });
});

test('where bubblewrap cannot make namespaces, ready says so in its words', async () => {
  process.env.PATH = path.dirname(
    program(
      path.join(newFolder(), 'bwrap'),
      '#!/bin/sh\necho "bwrap: setting up uid map: Permission denied" >&2\nexit 1\n',
    ),
  );
  const runtime = newRuntime({ runtimes: [sessionServer()], isolation: 'bubblewrap' });
  await expect(runtime.ready).rejects.toMatchObject({
    code: 'ERR_ISOLATION_UNAVAILABLE',
    message: expect.stringMatching(
      /setting up uid map: Permission denied; bwrap needs user namespaces \(Ubuntu/,
    ) as string,
  });
});

test('another isolation is refused', () => {
  expect(
    () => new LocalRuntime({ runtimes: [sessionServer()], isolation: 'chroot' as LocalRuntimeOptions['isolation'] }),
  ).toThrow(
    expect.objectContaining({
      code: 'ERR_INVALID_OPTION',
      message: "`isolation` must be 'none' or 'bubblewrap', got \"chroot\"",
    }) as Error,
  );
});

describe('what a server needs', () => {
  const needed = (command: [string, ...string[]], cwd: string, PATH = ''): string[] =>
    neededFiles({ command, cwd, environment: { PATH } });

  test('its folder, and the packages above it', () => {
    const root = newFolder();
    const cwd = path.join(root, 'packages/server');
    for (const folder of [cwd, path.join(root, 'node_modules'), path.join(root, 'packages/other')]) {
      mkdirSync(folder, { recursive: true });
    }
    writeFileSync(path.join(root, 'package.json'), '{}');
    const files = needed([process.execPath, 'server.js'], cwd);
    expect(files).toEqual(
      expect.arrayContaining([cwd, path.join(root, 'node_modules'), path.join(root, 'package.json')]),
    );
    expect(files).not.toContain(root);
    expect(files).not.toContain(path.join(root, 'packages/other'));
  });

  test('files of its arguments that are elsewhere', () => {
    const [cwd, other] = [newFolder(), newFolder()];
    writeFileSync(path.join(other, 'server.js'), '');
    expect(needed([process.execPath, path.join(other, 'server.js'), '--flag', 'text'], cwd)).toContain(other);
  });

  test('the installation of its program, through each link and the interpreter of a script', () => {
    const root = newFolder();
    const python = program(path.join(root, 'pythons/3.12.7/bin/python3'));
    symlinkSync(path.join(root, 'pythons/3.12.7'), path.join(root, 'pythons/3.12'));
    mkdirSync(path.join(root, 'server/.venv/bin'), { recursive: true });
    symlinkSync(path.join(root, 'pythons/3.12/bin/python3'), path.join(root, 'server/.venv/bin/python'));
    program(path.join(root, 'tools/bin/serve'), `#!${path.join(root, 'server/.venv/bin/python')}\n`);
    const files = needed(['serve'], newFolder(), path.join(root, 'tools/bin'));
    expect(files).toEqual(
      expect.arrayContaining(
        ['tools', 'server/.venv', 'pythons/3.12', 'pythons/3.12.7'].map(folder => path.join(root, folder)),
      ),
    );
    expect(python).toContain('3.12.7');
  });

  test('the interpreter that env finds', () => {
    const root = newFolder();
    program(path.join(root, 'node/bin/node'));
    const script = program(path.join(root, 'scripts/serve'), '#!/usr/bin/env node\n');
    expect(needed([script], newFolder(), path.join(root, 'node/bin'))).toEqual(
      expect.arrayContaining([path.join(root, 'node'), path.join(root, 'scripts')]),
    );
  });

  test('of a program in the home itself, its folder alone', () => {
    const home = mkdtempSync(path.join(os.homedir(), '.stateful-mcp-isolation-'));
    try {
      const file = program(path.join(home, 'server'));
      const files = needed([file], newFolder());
      expect(files).toContain(home);
      expect(files).not.toContain(os.homedir());
    } finally {
      rmSync(home, { recursive: true });
    }
  });

  test('its file systems at their own paths, and nothing else below /mnt', () => {
    const [session, notes] = [newFolder(), newFolder()];
    const command = sandboxed(
      { command: [process.execPath], cwd: newFolder(), environment: {} },
      { readable: [], mounts: { '/mnt/session': session, '/mnt/notes': notes } },
    ).join(' ');
    for (const [directory, mountPath] of [
      [session, '/mnt/session'],
      [notes, '/mnt/notes'],
    ]) {
      expect(command).toContain(`--bind ${directory} ${directory}`);
      expect(command.split('--tmpfs /mnt ')[1]).toContain(`--bind ${directory} ${mountPath}`);
    }
  });

  test.each([os.homedir(), os.tmpdir()])('a server that starts in a folder that is hidden is refused: %s', cwd => {
    expect(() =>
      sandboxed({ command: [process.execPath], cwd, environment: {} }, { readable: [], mounts: {} }),
    ).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }) as Error);
  });
});
