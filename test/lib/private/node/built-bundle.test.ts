import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { McpServerCode, Packaging, type BundleCodeOptions } from '../../../../lib';
import { ARM64_BINARY, elfBinary } from '../../fixtures/binaries';
import { project, removeProjects, synthesized } from '../../fixtures/projects';
import { errorOf, greetingServer, propertiesOf, unbundledStack } from '../../fixtures/stacks';

afterEach(removeProjects);

const GREETING = "console.log('hello');";

function folderOf(directory: string, entry = 'main.js', options?: BundleCodeOptions): string {
  return synthesized(McpServerCode.fromBundle(directory, entry, options)).folder;
}

function printed(folder: string, entry: string): string {
  return execFileSync(process.execPath, [entry], { cwd: folder, encoding: 'utf8' }).trim();
}

test('a directory travels along as it is, links followed', () => {
  const directory = project({
    'server/main.js': "require('../shared/greet.js');",
    'shared/greet.js': "console.log(require('fs').readFileSync(__dirname + '/greeting.txt', 'utf8'));",
    'node_modules/a/index.js': '',
    '.env': 'A=1',
  });
  symlinkSync(path.join(project({ 'hello.txt': 'hello' }), 'hello.txt'), path.join(directory, 'shared/greeting.txt'));
  const folder = folderOf(directory, 'server/main.js');
  expect(readdirSync(folder).sort()).toEqual(['.env', 'node_modules', 'server', 'shared']);
  expect(printed(folder, 'server/main.js')).toBe('hello');
});

describe.each(['.pnpm', '.store', '.bun'])('packages that are linked from %s', store => {
  const deployed = (above: string): string => {
    const modules = `${above}node_modules`;
    const packageAt = (at: string, name: string, members: object, source: string): Record<string, string> => ({
      [`${modules}/${store}/${at}/node_modules/${name}/package.json`]: JSON.stringify({
        name,
        version: '1.0.0',
        ...members,
      }),
      [`${modules}/${store}/${at}/node_modules/${name}/index.js`]: source,
    });
    const root = project({
      [`${above}main.js`]: "console.log(require('web'), require('@team/own'));",
      ...packageAt(
        'web@1',
        'web',
        { dependencies: { '@team/deep': '1' } },
        "module.exports = 'web ' + require('@team/deep');",
      ),
      ...packageAt('deep@1', '@team/deep', {}, "module.exports = 'deep';"),
      ...packageAt(
        'own@1',
        '@team/own',
        { peerDependencies: { driver: '1' }, peerDependenciesMeta: { driver: { optional: true } } },
        "module.exports = 'own ' + require('driver');",
      ),
      ...packageAt('driver@1', 'driver', {}, "module.exports = 'driver';"),
      [`${modules}/@team/.keep`]: '',
      [`${modules}/${store}/web@1/node_modules/@team/.keep`]: '',
    });
    const link = (from: string, at: string, name: string): void =>
      symlinkSync(path.join(root, modules, store, at, 'node_modules', name), path.join(root, modules, from));
    link('web', 'web@1', 'web');
    link('@team/own', 'own@1', '@team/own');
    link(`${store}/web@1/node_modules/@team/deep`, 'deep@1', '@team/deep');
    link(`${store}/own@1/node_modules/driver`, 'driver@1', 'driver');
    return root;
  };

  test.each(['', 'server/'])('find what they need, below %j', above => {
    const { folder } = synthesized(McpServerCode.fromBundle(deployed(above), `${above}main.js`));
    expect(execFileSync(process.execPath, [`${above}main.js`], { cwd: folder, encoding: 'utf8' })).toBe(
      'web deep own driver\n',
    );
    expect(readdirSync(path.join(folder, above, 'node_modules')).sort()).toEqual(['@team', 'driver', 'web']);
  });

  test('stay behind where `exclude` says so', () => {
    const { folder } = synthesized(
      McpServerCode.fromBundle(deployed(''), 'main.js', { exclude: ['node_modules/driver'] }),
    );
    expect(readdirSync(path.join(folder, 'node_modules')).sort()).toEqual(['@team', 'web']);
  });
});

test.each<[string, string]>([
  ['a store of the machine', 'store/links/shared/1.0.0/hash/node_modules/@team/shared'],
  ['another package of the repository', 'libs/shared'],
])('a package that is a link to %s has what it needs', (_where, target) => {
  const manifest = (name: string, members: object = {}): string =>
    JSON.stringify({ name, version: '1.0.0', ...members });
  const beside = target.includes('node_modules') ? path.posix.join(target, '../..') : `${target}/node_modules`;
  const root = project({
    'server/main.js': "console.log(require('@team/shared'), require('needed'));",
    'server/node_modules/@team/.keep': '',
    'server/node_modules/needed/package.json': manifest('needed', { version: '2.0.0' }),
    'server/node_modules/needed/index.js': "module.exports = 'second';",
    [`${target}/package.json`]: manifest('@team/shared', { dependencies: { needed: '1', above: '1' }, files: ['a'] }),
    [`${target}/index.js`]: "module.exports = [require('needed'), require('above')].join();",
    [`${target}/cdk.out/manifest.json`]: '{}',
    [`${beside}/needed/package.json`]: manifest('needed'),
    [`${beside}/needed/index.js`]: "module.exports = 'first';",
    [`${beside}/needed/only-first.js`]: '',
    [`${path.posix.dirname(target.split('/node_modules')[0] ?? '')}/node_modules/above/package.json`]:
      manifest('above'),
    [`${path.posix.dirname(target.split('/node_modules')[0] ?? '')}/node_modules/above/index.js`]:
      "module.exports = 'above';",
  });
  symlinkSync(path.join(root, target), path.join(root, 'server/node_modules/@team/shared'));
  const folder = folderOf(path.join(root, 'server'));
  expect(printed(folder, 'main.js')).toBe('first,above second');
  expect(readdirSync(path.join(folder, 'node_modules/needed')).sort()).toEqual(['index.js', 'package.json']);
  expect(readdirSync(path.join(folder, 'node_modules/@team/shared')).sort()).toEqual([
    'index.js',
    'node_modules',
    'package.json',
  ]);
});

describe('a package that a program imports and the directory does not have', () => {
  const warnings = (files: Record<string, string>, entry = 'main.js'): string[] => {
    const manifest = '{ "name": "above", "version": "1.0.0" }';
    const above = { 'node_modules/above/package.json': manifest, 'node_modules/above/index.js': 'module.exports = 1;' };
    const root = project({ ...above, ...files });
    const { stack } = synthesized(McpServerCode.fromBundle(path.join(root, 'dist'), entry));
    return Annotations.fromStack(stack)
      .findWarning('*', Match.stringLikeRegexp('cdk-stateful-mcp:missingPackage'))
      .map(({ entry: { data } }) => JSON.parse(JSON.stringify(data)) as string);
  };

  test.each([
    ['by `require`', { 'dist/main.js': "var a = require('absent');" }],
    ['by `import`', { 'dist/main.js': "import a from 'absent/file.js'; console.log(a);" }],
    ['by `import()`', { 'dist/main.js': "const a = await import('absent'); console.log(a);" }],
    ['in another file', { 'dist/main.js': "require('./chunk');", 'dist/chunk.js': "require('absent');" }],
    ['as what was bundled does', { 'dist/main.js': '({ 1: m => { m.exports = require("absent"); } })[1]({});' }],
    [
      'beside one that it has',
      { 'dist/main.js': "require('there'); require('absent');", 'dist/node_modules/there/package.json': '{}' },
    ],
  ])('is named: %s', (_how, files) => {
    const [warning = '', ...others] = warnings(files);
    expect(others).toEqual([]);
    expect(warning).toMatch(
      /^(?:main|chunk)\.js imports absent, and `directory` does not have it: have the build bundle/,
    );
  });

  test('is named where the project above has it, as the laptop alone would find it', () => {
    expect(warnings({ 'dist/main.js': "require('above'); require('absent');" })).toEqual([
      expect.stringContaining('main.js imports above, absent, and `directory` does not have them'),
    ]);
  });

  test.each([
    ['is tried', { 'dist/main.js': "try { require('absent'); } catch {}" }],
    ['is tried by `import()`', { 'dist/main.js': "import('absent').catch(() => {});" }],
    ['is there', { 'dist/main.js': "require('there/file');", 'dist/node_modules/there/package.json': '{}' }],
    ['is of Node.js', { 'dist/main.js': "require('fs'); require('node:sqlite'); require('fs/promises');" }],
    ['is of another runtime', { 'dist/main.js': "require('bun:sqlite');" }],
    ['is in a text', { 'dist/main.js': 'console.log("require(\'absent\')");' }],
    [
      'is in a package',
      { 'dist/main.js': "require('there');", 'dist/node_modules/there/index.js': "require('absent')" },
    ],
  ])('is not named where it %s', (_how, files) => {
    expect(warnings(files)).toEqual([]);
  });

  test('is not looked for in what is no program of esbuild', () => {
    expect(warnings({ 'dist/main.js': 'require("absent"); var = ;' })).toEqual([]);
  });
});

test('`exclude` and a cloud assembly stay behind', () => {
  const directory = project({ 'main.js': GREETING, 'a.test.js': '', 'docs/a.md': '', 'cdk.out/manifest.json': '' });
  expect(readdirSync(folderOf(directory, './main.js', { exclude: ['*.test.js', 'docs'] }))).toEqual(['main.js']);
});

test.each([
  ['a project of ES modules', { 'package.json': '{ "type": "module" }' }, "import 'node:fs'; console.log('hello');"],
  ['a project of CommonJS', { 'package.json': '{ "type": "commonjs" }' }, `require('fs'); ${GREETING}`],
  [
    'a bundle of ES modules',
    { 'dist/package.json': '{ "type": "module" }' },
    "import 'node:fs'; console.log('hello');",
  ],
])('modules of %s stay what they are', (_kind, files, source) => {
  const root = project({ ...files, 'dist/main.js': source });
  expect(printed(folderOf(path.join(root, 'dist')), 'main.js')).toBe('hello');
});

test('an image and a zip file start the entry', () => {
  const directory = project({ 'apps/main.mjs': GREETING });
  const stackWith = (packaging?: Packaging): Stack => {
    const stack = new Stack(new App({ outdir: project({}) }), 'Stack');
    greetingServer(stack, { code: McpServerCode.fromBundle(directory, 'apps/main.mjs', { packaging }) });
    return stack;
  };
  expect(propertiesOf(stackWith(), 'Custom::ImageAssembly')).toMatchObject({
    entrypoint: ['node', '--enable-source-maps', 'apps/main.mjs'],
  });
  expect(propertiesOf(stackWith(Packaging.zip()), 'AWS::BedrockAgentCore::Runtime')).toMatchObject({
    AgentRuntimeArtifact: { CodeConfiguration: { Runtime: 'NODE_22', EntryPoint: ['apps/main.mjs'] } },
  });
});

test.each([
  ['the program', { 'dist/main.js': 'process.env.STATEFUL_MCP_REQUEST_STATE_KEY' }],
  ['another file of it', { 'dist/main.js': '', 'dist/chunk.mjs': 'env.STATEFUL_MCP_REQUEST_STATE_KEY' }],
  ['a module beside it', { 'dist/main.js': '', 'dist/node_modules/stateful-mcp-server/package.json': '{}' }],
  ['its project', { 'dist/main.js': '', 'package.json': '{ "dependencies": { "stateful-mcp-server": "1" } }' }],
])('the server kit is found in %s', (_where, files) => {
  const root = project({ ...files, 'dist/main.js': `${files['dist/main.js']};` });
  const { stack } = synthesized(McpServerCode.fromBundle(path.join(root, 'dist'), 'main.js'));
  Template.fromStack(stack).resourceCountIs('AWS::SecretsManager::Secret', 1);
});

test('a server without the kit gets no key', () => {
  const { stack } = synthesized(McpServerCode.fromBundle(project({ 'main.js': GREETING }), 'main.js'));
  Template.fromStack(stack).resourceCountIs('AWS::SecretsManager::Secret', 0);
});

test('where the stack is not bundled, nothing needs to be built', () => {
  const root = project({ 'package.json': '{ "dependencies": { "stateful-mcp-server": "1" } }' });
  const stack = unbundledStack();
  greetingServer(stack, { code: McpServerCode.fromBundle(path.join(root, 'dist'), 'main.js') });
  Template.fromStack(stack).resourceCountIs('AWS::SecretsManager::Secret', 1);
});

test('equal files make an equal asset, wherever they lie', () => {
  const hashOf = (): string =>
    synthesized(McpServerCode.fromBundle(project({ 'main.js': GREETING, 'a/b.js': '' }), 'main.js')).assetHash;
  expect(hashOf()).toBe(hashOf());
});

describe('refused', () => {
  const built = (): string => project({ 'main.js': GREETING, 'a.txt': 'a', 'empty.js': '', 'folder.js/a': '' });

  test.each<[string, string, string, RegExp]>([
    [
      'a directory that is missing',
      'missing',
      'main.js',
      /`directory` is ".*missing", and there is no .*build the server first/,
    ],
    [
      'a directory that is a file',
      'main.js',
      'main.js',
      /`directory` is ".*main\.js", which is a file: give its folder/,
    ],
    ['an entry that is missing', '', 'other.js', /`entry` is "other\.js", and there is no .*build the server first/],
    ['an entry that is a folder', '', 'folder.js', /`entry` is "folder\.js", which is a folder/],
    ['an entry that is empty', '', 'empty.js', /`entry` is "empty\.js", which is empty/],
    [
      'an entry outside',
      '',
      '../main.js',
      /`entry` is "\.\.\/main\.js"; \.js, \.mjs, \.cjs are allowed, in `directory`/,
    ],
    ['an absolute entry', '', '/main.js', /`entry` is "\/main\.js"; .* relative to `directory`/],
    ['an entry by backslashes', '', 'a\\main.js', /`entry` is .*; \.js, \.mjs, \.cjs are allowed/],
    ['an entry of another language', '', 'a.txt', /`entry` is "a\.txt"; \.js, \.mjs, \.cjs are allowed/],
    ['a source', '', 'server.ts', /`entry` is "server\.ts"; \.js, \.mjs, \.cjs are allowed/],
  ])('%s', (_what, below, entry, message) => {
    const error = errorOf(() => folderOf(path.join(built(), below), entry));
    expect(error).toMatch(/^\[Stack\/Server\] /);
    expect(error).toMatch(message);
  });

  test('an entry that `exclude` leaves out', () => {
    expect(errorOf(() => folderOf(built(), 'main.js', { exclude: ['*.js'] }))).toBe(
      '[Stack/Server] `exclude` leaves out main.js, which starts the server: let it in',
    );
  });

  test('binaries for other platforms, and not those for Linux on arm64', () => {
    const directory = built();
    writeFileSync(path.join(directory, 'arm64.node'), ARM64_BINARY);
    expect(readFileSync(path.join(folderOf(directory), 'arm64.node'))).toEqual(ARM64_BINARY);
    writeFileSync(path.join(directory, 'x64.node'), elfBinary(62));
    expect(errorOf(() => folderOf(directory))).toMatch(
      /`directory` brings x64\.node \(Linux on x86-64\); only binaries for Linux on arm64 are allowed/,
    );
  });

  test('a program for a newer Node.js than a zip file has', () => {
    const root = project({ 'package.json': '{ "engines": { "node": ">=24" } }', 'dist/main.js': GREETING });
    const directory = path.join(root, 'dist');
    expect(errorOf(() => folderOf(directory, 'main.js', { packaging: Packaging.zip() }))).toMatch(/>=24/);
    expect(readdirSync(folderOf(directory))).toEqual(['main.js']);
  });
});
