import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Lazy } from 'aws-cdk-lib';
import { McpServerCode, type StdioCodeOptions } from '../../../../lib';
import { elfBinary } from '../../fixtures/binaries';
import { project, removeProjects, synthesized, type Synthesized } from '../../fixtures/projects';
import { errorOf } from '../../fixtures/stacks';

afterEach(removeProjects);

/** A kit that says what it was asked to serve, and runs it once. */
const KIT = `
const { execFileSync } = require('node:child_process');
exports.serveStdio = (command, args) => console.log(execFileSync(command, args, { encoding: 'utf8' }));
`;

/**
 * A project with the kit and a package of the given programs, both of the same repository, so that npm needs no
 * network.
 */
function projectWith(bin: unknown, below = ''): string {
  const root = project(
    {
      'package.json': '{ "name": "project", "private": true }',
      'packages/stateful-mcp-server/package.json':
        '{ "name": "stateful-mcp-server", "version": "1.0.0", "main": "index.js" }',
      'packages/stateful-mcp-server/index.js': KIT,
      'packages/notes/package.json': JSON.stringify({ name: '@team/notes', version: '1.0.0', bin }),
      'packages/notes/dist/main.js': 'console.log(JSON.stringify({ program: "main", args: process.argv.slice(2) }))',
      'packages/notes/dist/other.js': 'console.log(JSON.stringify({ program: "other", args: process.argv.slice(2) }))',
    },
    below,
  );
  mkdirSync(path.join(root, 'node_modules/@team'), { recursive: true });
  symlinkSync('../packages/stateful-mcp-server', path.join(root, 'node_modules/stateful-mcp-server'));
  symlinkSync('../../packages/notes', path.join(root, 'node_modules/@team/notes'));
  return root;
}

const TOKEN = Lazy.string({ produce: () => 'x' });

const bundle = (projectDirectory: string, options: StdioCodeOptions = {}): Synthesized =>
  synthesized(McpServerCode.fromStdio('@team/notes', { projectDirectory, ...options }));

function started({ folder }: Synthesized): unknown {
  return JSON.parse(execFileSync(process.execPath, [path.join(folder, 'index.js')], { cwd: '/', encoding: 'utf8' }));
}

test('the only program of a package is started, with its arguments, wherever the process is', () => {
  const { folder } = bundle(projectWith({ notes: './dist/main.js' }), { args: ['--verbose', 'a b'] });
  expect(readdirSync(folder).sort()).toEqual(['index.js', 'index.js.map', 'node_modules', 'package.json']);
  expect(execFileSync(process.execPath, [path.join(folder, 'index.js')], { cwd: '/', encoding: 'utf8' })).toBe(
    '{"program":"main","args":["--verbose","a b"]}\n\n',
  );
});

test.each<[string, unknown, StdioCodeOptions, string]>([
  ['one that is not named', 'dist/other.js', {}, 'other'],
  ['the one with the name of the package', { 'notes-admin': 'dist/main.js', notes: 'dist/other.js' }, {}, 'other'],
  [
    'the one that is asked for',
    { 'notes-admin': 'dist/main.js', notes: 'dist/other.js' },
    { program: 'notes-admin' },
    'main',
  ],
])('of several programs, %s', (_, bin, options, program) => {
  expect(started(bundle(projectWith(bin), options))).toEqual({ program, args: [] });
});

test.each([['/usr/bin'], ['']])('a package finds the programs of its packages by their names, with PATH=%s', PATH => {
  const root = projectWith({ notes: './dist/main.js' });
  writeFileSync(
    path.join(root, 'packages/notes/dist/main.js'),
    "#!/usr/bin/env node\nif (process.argv[2]) console.log('[1]'); else require('child_process').spawnSync('notes', ['x'], { stdio: 'inherit' });",
  );
  const program = path.join(bundle(root).folder, 'index.js');
  expect(execFileSync(process.execPath, [program], { cwd: '/', env: { PATH }, encoding: 'utf8' }).trim()).toBe('[1]');
});

test('two checkouts give the same asset', () => {
  const [one, other] = [
    projectWith({ notes: './dist/main.js' }),
    projectWith({ notes: './dist/main.js' }, 'some/where'),
  ].map(root => bundle(root).assetHash);
  expect(one).toBe(other);
});

test.each<[string, (root: string) => McpServerCode, string]>([
  [
    'a folder that is missing',
    () => McpServerCode.fromStdio('@team/notes', { projectDirectory: 'no/such/folder' }),
    '`projectDirectory` is "no/such/folder", and there is no such folder',
  ],
  [
    'a project that is a file',
    root => McpServerCode.fromStdio('@team/notes', { projectDirectory: `${root}/package.json` }),
    '/package.json", which is a file: give the folder of the project',
  ],
  [
    'a name with a version',
    root => McpServerCode.fromStdio('notes@1', { projectDirectory: root }),
    '`packageName` is "notes@1"; names of npm packages are allowed, without a version or a path: correct it',
  ],
  [
    'an empty name',
    root => McpServerCode.fromStdio('', { projectDirectory: root }),
    '`packageName` is ""; names of npm packages are allowed',
  ],
  [
    'a name that is a token',
    root => McpServerCode.fromStdio(TOKEN, { projectDirectory: root }),
    '`packageName` is an unresolved token; it is needed now, before the deployment',
  ],
  [
    'a folder that is a token',
    () => McpServerCode.fromStdio('@team/notes', { projectDirectory: TOKEN }),
    '`projectDirectory` is an unresolved token',
  ],
  [
    'a program that is a token',
    root => McpServerCode.fromStdio('@team/notes', { projectDirectory: root, program: TOKEN }),
    '`program` is an unresolved token',
  ],
  [
    'a package that is not installed',
    root => McpServerCode.fromStdio('missing', { projectDirectory: root }),
    'a stdio server needs missing, which is not installed',
  ],
  [
    'a project without the kit',
    () => McpServerCode.fromStdio('@team/notes', { projectDirectory: kitless() }),
    'a stdio server needs stateful-mcp-server, which is not installed',
  ],
  [
    'a program that the package has not',
    root => McpServerCode.fromStdio('@team/notes', { projectDirectory: root, program: 'x' }),
    '`program` is "x", which @team/notes has not; its `bin` names a, b: choose one by `program`',
  ],
  [
    'a choice that nobody made',
    root => McpServerCode.fromStdio('@team/notes', { projectDirectory: root }),
    '@team/notes has several programs; its `bin` names a, b: choose one by `program`',
  ],
  [
    'an argument that is a token',
    root => McpServerCode.fromStdio('@team/notes', { projectDirectory: root, program: 'a', args: [TOKEN] }),
    '`args` has an unresolved token',
  ],
])('%s is refused', (_, code, message) => {
  const root = projectWith({ a: 'dist/main.js', b: 'dist/other.js' });
  expect(errorOf(() => synthesized(code(root)))).toContain(message);
});

function kitless(): string {
  const root = project({
    'package.json': '{}',
    'node_modules/@team/notes/package.json': '{ "name": "@team/notes", "bin": "main.js" }',
  });
  return root;
}

test('what is wrong with its modules is said in words of its own props', () => {
  const root = projectWith({ notes: './dist/main.js' });
  const native = path.join(root, 'node_modules/native');
  mkdirSync(native, { recursive: true });
  writeFileSync(path.join(native, 'package.json'), '{ "name": "native", "version": "1.0.0" }');
  writeFileSync(path.join(native, 'addon.node'), elfBinary(62));
  const manifest = { name: '@team/notes', version: '1.0.0', bin: './dist/main.js', dependencies: { native: '1.0.0' } };
  writeFileSync(path.join(root, 'packages/notes/package.json'), JSON.stringify(manifest));
  expect(errorOf(() => bundle(root))).toBe(
    '[Stack/Server] modules of `packageName` bring native/addon.node (Linux on x86-64); only binaries for Linux on arm64 are allowed: ' +
      'use a version that has them, or `externalModules` if the server can do without',
  );
  expect(() => bundle(root, { externalModules: ['native'] })).not.toThrow();
});
