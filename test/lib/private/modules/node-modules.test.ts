import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Packaging } from '../../../../lib';
import { ARM64_BINARY, elfBinary } from '../../fixtures/binaries';
import { bundled, project, removeProjects } from '../../fixtures/projects';
import { errorOf } from '../../fixtures/stacks';

afterEach(removeProjects);

/**
 * A project that depends on a package of the same repository, as npm workspaces link it: nothing of it comes from a
 * registry.
 */
function linked(files: Record<string, string | Buffer>, manifest: object = {}): string {
  const root = project({
    'package.json': '{ "name": "server" }',
    'server.ts': 'import { answer } from "native"; console.log(answer());',
    'packages/native/package.json': JSON.stringify({ name: 'native', version: '1.0.0', main: 'index.js', ...manifest }),
    'packages/native/index.js': 'exports.answer = () => require("fs").readdirSync(__dirname).join();',
  });
  for (const [name, contents] of Object.entries(files)) {
    const file = path.join(root, 'packages/native', name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, contents);
  }
  mkdirSync(path.join(root, 'node_modules'));
  symlinkSync('../packages/native', path.join(root, 'node_modules/native'));
  return root;
}

const bundle = (root: string, packaging?: Packaging) =>
  bundled(path.join(root, 'server.ts'), { nodeModules: ['native'], packaging });

test('a module travels along beside the bundle, which imports it', () => {
  const { folder } = bundle(linked({ 'addon.node': ARM64_BINARY }));
  expect(readdirSync(folder).sort()).toEqual(['index.js', 'index.js.map', 'node_modules', 'package.json']);
  expect(readdirSync(path.join(folder, 'node_modules'))).toEqual(['native']);
  expect(execFileSync(process.execPath, ['index.js'], { cwd: folder, encoding: 'utf8' })).toBe(
    'addon.node,index.js,package.json\n',
  );
});

test('the asset is the same from two checkouts, and another when the module changes', () => {
  const [first, second] = [linked({ 'addon.node': ARM64_BINARY }), linked({ 'addon.node': ARM64_BINARY })];
  expect(bundle(second).assetHash).toBe(bundle(first).assetHash);
  expect(bundle(linked({ 'addon.node': ARM64_BINARY, 'data.json': '{}' })).assetHash).not.toBe(bundle(first).assetHash);
});

test('binaries that a package brings for other platforms stay behind', () => {
  const { folder } = bundle(
    linked(
      {
        'prebuilds/linux-arm64/addon.node': ARM64_BINARY,
        'prebuilds/linux-x64/addon.node': elfBinary(62),
        'prebuilds/darwin-x64+arm64/addon.node': Buffer.from('cffaedfe'.repeat(5), 'hex'),
      },
      { scripts: { install: 'node-gyp-build' } },
    ),
  );
  expect(readdirSync(path.join(folder, 'node_modules/native/prebuilds'))).toEqual(['linux-arm64']);
});

test('programs and libraries for other platforms stay behind where there is one for this', () => {
  const { folder } = bundle(
    linked({
      'bin/arm64/tool': ARM64_BINARY,
      'bin/x64/tool': elfBinary(62),
      'build/Release/a-linux-arm64.node': ARM64_BINARY,
      'build/Release/a-linux-x64.node': elfBinary(62),
      'build/Release/lib.so.1': elfBinary(62),
    }),
  );
  expect(readdirSync(path.join(folder, 'node_modules/native/bin'))).toEqual(['arm64']);
  expect(readdirSync(path.join(folder, 'node_modules/native/build/Release'))).toEqual(['a-linux-arm64.node']);
});

test.each<[string, object, string?]>([
  ['main without an extension', { main: './index' }],
  ['main that is a folder', { main: '.' }],
  ['nothing', { main: undefined }],
  ['one of two forms', { exports: { import: './gone.mjs', require: './index.js' } }],
  ['subpaths alone', { main: 'gone.js', exports: { './x': './index.js' } }, 'native/x'],
])('a package of the repository may be loaded by %s', (_case, manifest, imported = 'native') => {
  const root = linked({}, manifest);
  writeFileSync(path.join(root, 'server.ts'), `import { answer } from "${imported}"; console.log(answer());`);
  expect(() => bundle(root)).not.toThrow();
});

test.each<[string, object]>([
  ['no version', { version: undefined, private: true }],
  ['no name', { name: undefined }],
  ['null for both', { name: null, version: null }],
  ['an empty version', { version: '', files: ['index.js'] }],
])('a package of the same repository travels along with %s', (_what, manifest) => {
  const { folder } = bundle(linked({ '.npmignore': 'notes.txt', 'notes.txt': '', 'node_modules/x.js': '' }, manifest));
  expect(readdirSync(path.join(folder, 'node_modules/native')).sort()).toEqual(['index.js', 'package.json']);
});

describe('a module is refused', () => {
  test('of the same repository, where there is no npm to tell what of it would be published', () => {
    const { PATH } = process.env;
    process.env.PATH = '';
    try {
      expect(errorOf(() => bundle(linked({})))).toMatch(
        /cannot find npm, which knows what of .*native travels along: install Node\.js with npm$/,
      );
    } finally {
      process.env.PATH = PATH;
    }
  });

  test('with a program for another platform alone', () => {
    expect(errorOf(() => bundle(linked({ 'bin/tool': elfBinary(62) })))).toContain(
      '`nodeModules` bring native/bin/tool (Linux on x86-64)',
    );
  });

  test('with a binary for another platform', () => {
    expect(errorOf(() => bundle(linked({ 'build/Release/addon.node': elfBinary(62) })))).toBe(
      '[Stack/Server] `nodeModules` bring native/build/Release/addon.node (Linux on x86-64); only binaries for Linux on arm64 are allowed: ' +
        'use a version that has them, or `externalModules` if the server can do without',
    );
  });

  test.each([
    [
      'an install script',
      {},
      { scripts: { install: 'prebuild-install || node-gyp rebuild' } },
      '"prebuild-install || node-gyp rebuild"',
    ],
    ['the install script that npm adds', { 'binding.gyp': '{}' }, {}, '"node-gyp rebuild"'],
    [
      'binaries for other platforms alone',
      { 'prebuilds/darwin-arm64/addon.node': Buffer.from('cffaedfe'.repeat(5), 'hex') },
      { scripts: { install: 'node-gyp-build' } },
      '"node-gyp-build"',
    ],
  ])('with %s instead of a binary', (_case, files, manifest, script) => {
    expect(errorOf(() => bundle(linked(files, manifest)))).toBe(
      `[Stack/Server] \`nodeModules\` need native, whose binary is made by its install script (${script}), for the machine that it runs on; ` +
        'only packages that bring a binary for Linux on arm64 are allowed: use another version or package, ' +
        '`externalModules` if the server can do without, or `McpServerCode.fromDockerfile`',
    );
  });

  test.each<[string, object, Record<string, string>]>([
    ['main', { main: 'dist/index.js' }, {}],
    ['main without an extension', { main: './dist' }, { 'dist/other.js': '' }],
    ['exports', { exports: './dist/index.js' }, {}],
    ['conditions', { exports: { '.': { types: './index.d.ts', import: './dist/index.js' } } }, { 'index.d.ts': '' }],
    ['a condition for bundlers', { exports: { source: './src.ts', default: './dist/index.js' } }, { 'src.ts': '' }],
    ['a list', { exports: { '.': [{ require: './dist/index.js' }] } }, {}],
  ])('that is not built, where its manifest says so by %s', (_case, manifest, files) => {
    expect(errorOf(() => bundle(linked(files, { main: undefined, ...manifest })))).toContain(
      '`nodeModules` need native, which does not have ',
    );
  });

  test.each<[string, object]>([
    ['main', { main: 'src/index.ts' }],
    ['exports', { exports: { '.': { types: './src/index.ts', default: './src/index.ts' } } }],
  ])('that bundlers alone can load, by %s', (_case, manifest) => {
    expect(errorOf(() => bundle(linked({ 'src/index.ts': 'export const answer = () => 1;' }, manifest)))).toContain(
      '`nodeModules` need native, which is loaded from src/index.ts, which Node.js does not run below `node_modules`: build it, or leave it out, so that it is bundled',
    );
  });

  test('for other versions of Node.js', () => {
    expect(errorOf(() => bundle(linked({}, { engines: { node: '<20 || >=24' } }), Packaging.zip()))).toBe(
      '[Stack/Server] `engines.node` of native is "<20 || >=24"; the server runs on Node.js 22: use `Packaging.image()` with a base image of another version, ' +
        'or a version of the package for this one',
    );
  });

  test('that is not installed', () => {
    const root = project({ 'package.json': '{}', 'server.ts': 'console.log(1)' });
    expect(errorOf(() => bundled(path.join(root, 'server.ts'), { nodeModules: ['missing'] }))).toBe(
      `[Stack/Server] \`nodeModules\` has "missing", which is not installed (looked up from ${root}): run "npm install missing" there`,
    );
  });

  test.each([
    ['package-lock.json', '{}', 'npm install missing', 'npm install'],
    ['pnpm-lock.yaml', '', 'pnpm add missing', 'pnpm install'],
    ['yarn.lock', '', 'yarn add missing', 'yarn install'],
    ['bun.lock', '{}', 'bun add missing', 'bun install'],
    ['bun.lockb', '', 'bun add missing', 'bun install'],
    ['deno.lock', '{}', 'deno add npm:missing', 'deno install'],
  ])('that is not installed, with the package manager of %s', (lock, contents, add, install) => {
    const advice = (manifest: object): string => {
      const root = project({
        [lock]: contents,
        'server/package.json': JSON.stringify(manifest),
        'server/server.ts': 'console.log(1)',
      });
      return errorOf(() => bundled(path.join(root, 'server/server.ts'), { nodeModules: ['missing'] }));
    };
    expect(advice({})).toContain(`: run "${add}" there`);
    // Of what the project names, it says itself where it comes from.
    expect(advice({ dependencies: { missing: 'workspace:*' } })).toContain(`: run "${install}" there`);
    expect(advice({ optionalDependencies: { missing: 'file:../missing' } })).toContain(`: run "${install}" there`);
  });

  test.each(['sharp@0.34.0', './native', 'native/lib', '--force', '@scope'])('by the name %j', name => {
    expect(errorOf(() => bundled(path.join(linked({}), 'server.ts'), { nodeModules: [name] }))).toBe(
      `[Stack/Server] \`nodeModules\` has ${JSON.stringify(name)}; names of npm packages are allowed, without a version or a path: correct it`,
    );
  });
});
