import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { Packaging } from '../../../../lib';
import { CommandError, runCommand } from '../../../../lib/private/common/command';
import { installNodeModules } from '../../../../lib/private/node/node-modules';
import { ARM64_BINARY, elfBinary } from '../../fixtures/binaries';
import { bundled, project, removeProjects } from '../../fixtures/projects';
import { errorOf } from '../../fixtures/stacks';

// The real thing, watched.
jest.mock('../../../../lib/private/common/command', () => {
  const actual = jest.requireActual<typeof import('../../../../lib/private/common/command')>(
    '../../../../lib/private/common/command',
  );
  return { ...actual, runCommand: jest.fn(actual.runCommand) };
});
const npm = jest.mocked(runCommand);

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

test('programs for other platforms travel along with the one for this', () => {
  const { folder } = bundle(linked({ 'bin/arm64/tool': ARM64_BINARY, 'bin/x64/tool': elfBinary(62) }));
  expect(readdirSync(path.join(folder, 'node_modules/native/bin'))).toEqual(['arm64', 'x64']);
});

describe('a module is refused', () => {
  test('with a program for another platform alone', () => {
    expect(errorOf(() => bundle(linked({ 'bin/tool': elfBinary(62) })))).toContain(
      '`nodeModules` bring node_modules/native/bin/tool (Linux on x86-64)',
    );
  });

  test('with a binary for another platform', () => {
    expect(errorOf(() => bundle(linked({ 'build/Release/addon.node': elfBinary(62) })))).toBe(
      '[Stack/Server] `nodeModules` bring node_modules/native/build/Release/addon.node (Linux on x86-64); only binaries for Linux on arm64 are allowed: ' +
        'use a version that has them',
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
        'only packages that bring a binary for Linux on arm64 are allowed: use another version or package, or `McpServerCode.fromDockerfile`',
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

  test.each(['sharp@0.34.0', './native', 'native/lib', '', '--force', '@scope'])('by the name %j', name => {
    expect(errorOf(() => bundled(path.join(linked({}), 'server.ts'), { nodeModules: [name] }))).toBe(
      `[Stack/Server] \`nodeModules\` has ${JSON.stringify(name)}; names of npm packages are allowed, without a version or a path: correct it`,
    );
  });
});

describe('npm', () => {
  const real = npm.getMockImplementation();
  beforeEach(() => npm.mockReset());
  afterAll(() => npm.mockImplementation(real));

  /** A project with modules from a registry, and npm that installs nothing. */
  const watched = (files: Record<string, string>) => {
    const root = project({
      'package.json': '{}',
      'node_modules/@scope/native/package.json': '{ "name": "@scope/native", "version": "2.3.4" }',
      'node_modules/other/package.json': '{ "name": "other", "version": "5.6.7" }',
      ...files,
    });
    npm.mockImplementation((_program, _args, { cwd }) => {
      mkdirSync(path.join(cwd, 'node_modules'));
      return '';
    });
    const install = (names: string[]) => {
      installNodeModules(new Stack(undefined, 'Stack'), root, names);
      const [[program, args, { cwd, env }]] = npm.mock.calls as [Parameters<typeof runCommand>];
      return { program, args, env, read: (name: string) => readFileSync(path.join(cwd, name), 'utf8') };
    };
    return { root, install };
  };

  test('installs the versions that the project has, for Linux on arm64, without running their scripts', () => {
    const { install } = watched({});
    const { program, args, read } = install(['other', '@scope/native', 'other']);
    expect(program).toBe('npm');
    expect(args).toEqual(
      expect.arrayContaining([
        'install',
        '--os=linux',
        '--cpu=arm64',
        '--libc=glibc',
        '--ignore-scripts',
        '--omit=dev',
      ]),
    );
    expect(JSON.parse(read('package.json'))).toEqual({
      private: true,
      dependencies: { '@scope/native': '2.3.4', other: '5.6.7' },
    });
  });

  test('knows the lock file and the registries of the project', () => {
    const { read } = watched({
      'package-lock.json': '{ "lockfileVersion": 3 }',
      '.npmrc': '@scope:registry=https://registry.example.com',
    }).install(['@scope/native']);
    expect(read('package-lock.json')).toBe('{ "lockfileVersion": 3 }');
    expect(read('.npmrc')).toBe('@scope:registry=https://registry.example.com');
  });

  test.each<[string, Record<string, string>, boolean]>([
    ['modules without a lock file', {}, true],
    ['modules with a lock file', { 'package-lock.json': '{ "lockfileVersion": 3 }' }, false],
    [
      'modules that need nothing',
      { 'node_modules/other/package.json': '{ "name": "other", "version": "5.6.7" }' },
      false,
    ],
  ])('warns where nothing pins what modules depend on: %s', (_case, files, warned) => {
    const { root } = watched({
      'node_modules/other/package.json':
        '{ "name": "other", "version": "5.6.7", "dependencies": { "more": "^1.0.0" } }',
      ...files,
    });
    const stack = new Stack(undefined, 'Stack');
    installNodeModules(stack, root, ['other']);
    expect(
      Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('cdk-stateful-mcp:unpinnedModules')),
    ).toHaveLength(warned ? 1 : 0);
  });

  test('does not know of the workspace that it is called from', () => {
    process.env.npm_config_workspace = 'infrastructure';
    try {
      expect(watched({}).install(['other']).env).not.toHaveProperty('npm_config_workspace');
    } finally {
      delete process.env.npm_config_workspace;
    }
  });

  test('runs once in a process, until the lock file changes', () => {
    const { root } = watched({ 'package-lock.json': '{}' });
    const install = () => installNodeModules(new Stack(undefined, 'Stack'), root, ['other']);
    install();
    install();
    expect(npm).toHaveBeenCalledTimes(1);
    writeFileSync(path.join(root, 'package-lock.json'), '{ "lockfileVersion": 3 }');
    install();
    expect(npm).toHaveBeenCalledTimes(2);
  });

  test('does not run for nothing', () => {
    const { root } = watched({});
    expect(installNodeModules(new Stack(undefined, 'Stack'), root, [])).toEqual({ files: [], engines: [] });
    expect(npm).not.toHaveBeenCalled();
  });

  test('says itself what went wrong', () => {
    const { root } = watched({});
    npm.mockImplementation(() => {
      throw new CommandError('npm ended with code 1:\n  npm error code E404', false);
    });
    expect(errorOf(() => installNodeModules(new Stack(undefined, 'Stack'), root, ['other']))).toBe(
      '[Stack] `nodeModules` other cannot be installed for linux/arm64: npm ended with code 1:\n  npm error code E404',
    );
  });

  test('is asked for where it is missing', () => {
    const { root } = watched({});
    npm.mockImplementation(() => {
      throw new CommandError('spawn npm ENOENT', true);
    });
    expect(errorOf(() => installNodeModules(new Stack(undefined, 'Stack'), root, ['other']))).toBe(
      '[Stack] `nodeModules` other cannot be installed for linux/arm64: cannot find npm, which installs `nodeModules`: install Node.js with npm',
    );
  });

  test('that left out the binary for this platform is not believed', () => {
    const { root } = watched({});
    npm.mockImplementation((_program, _args, { cwd }) => {
      const folder = path.join(cwd, 'node_modules/other');
      mkdirSync(folder, { recursive: true });
      writeFileSync(
        path.join(folder, 'package.json'),
        JSON.stringify({
          name: 'other',
          optionalDependencies: {
            '@other/linux-arm64': '5.6.7',
            '@other/darwin-arm64': '5.6.7',
            '@other/linuxmusl-arm64': '5.6.7',
            'other-linux-arm64-musl': '5.6.7',
          },
        }),
      );
      return '';
    });
    expect(errorOf(() => installNodeModules(new Stack(undefined, 'Stack'), root, ['other']))).toBe(
      '[Stack] `nodeModules` need other, and npm did not install its binary for Linux on arm64, @other/linux-arm64@5.6.7: ' +
        'it is missing in package-lock.json, so remove `node_modules` and package-lock.json, and run "npm install" again',
    );
  });
});
