import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { Packaging } from '../../../../lib';
import { CommandError, runCommand } from '../../../../lib/private/common/command';
import { installNodeModules } from '../../../../lib/private/modules/node-modules';
import { contentsOf } from '../../../../lib/private/program/program-files';
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
beforeEach(() => npm.mockClear());

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

describe('a module is refused', () => {
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

/** A package.json, and whatever else. */
const manifest = (name: string, version: string, more: object = {}): string =>
  JSON.stringify({ name, version, ...more });

/** Takes modules of a project with these files, and npm that fetches what its lock file says, and nothing else. */
function taken(files: Record<string, string>, names: string[], external: string[] = []) {
  const root = project({ 'package.json': '{}', ...files });
  const stack = new Stack(undefined, 'Stack');
  const { files: found, engines } = installNodeModules(stack, root, names, { external });
  return {
    root,
    stack,
    engines,
    names: found.map(({ name }) => name).sort(),
    read: (name: string) => {
      const file = found.find(candidate => candidate.name === name);
      return file === undefined ? undefined : Buffer.from(contentsOf(file)).toString();
    },
    warnings: Annotations.fromStack(stack)
      .findWarning('*', Match.anyValue())
      .map(({ entry }) => JSON.stringify(entry.data).slice(1, -1)),
  };
}

describe('what the project has decided is kept', () => {
  test.each<[string, Record<string, string>]>([
    ['overrides of npm', { 'package.json': '{ "overrides": { "deep": "1.2.8" } }' }],
    ['resolutions of Yarn', { 'package.json': '{ "resolutions": { "deep": "1.2.8" } }', 'yarn.lock': '' }],
    ['overrides of pnpm', { 'package.json': '{ "pnpm": { "overrides": { "deep": "1.2.8" } } }' }],
  ])('%s', (_case, files) => {
    const { read } = taken(
      {
        ...files,
        'node_modules/top/package.json': manifest('top', '0.5.1', { dependencies: { deep: '0.0.8' } }),
        'node_modules/deep/package.json': manifest('deep', '1.2.8'),
      },
      ['top'],
    );
    expect(read('node_modules/deep/package.json')).toContain('1.2.8');
  });

  test.each<[string, Record<string, string>]>([
    ['patch-package', { 'patches/odd+3.0.1.patch': '' }],
    ['pnpm', { 'package.json': '{ "pnpm": { "patchedDependencies": { "odd@3.0.1": "patches/odd.patch" } } }' }],
    ['pnpm-workspace.yaml', { 'pnpm-workspace.yaml': 'patchedDependencies:\n  odd@3.0.1: patches/odd.patch\n' }],
    ['Yarn', { 'yarn.lock': '"odd@patch:odd@npm%3A3.0.1#~/.yarn/patches/odd.patch":\n  version: 3.0.1\n' }],
  ])('a patch by %s, also of a package with an install script', (_case, files) => {
    const { read } = taken(
      {
        'package-lock.json': lockOf({ 'node_modules/odd': { version: '3.0.1', integrity: 'sha512-odd' } }),
        ...files,
        'node_modules/odd/package.json': manifest('odd', '3.0.1', { scripts: { install: 'node make.js' } }),
        'node_modules/odd/index.js': '// patched',
      },
      ['odd'],
    );
    expect(read('node_modules/odd/index.js')).toBe('// patched');
    expect(npm).not.toHaveBeenCalled();
  });

  test('packages from a tarball, from Git and by another name, which no registry is asked for', () => {
    const { read } = taken(
      {
        'node_modules/left-pad/package.json': manifest('left-pad', '1.3.0'),
        'node_modules/left-pad/index.js': '// mine',
        'node_modules/alias/package.json': manifest('other', '2.0.0', { scripts: { postinstall: 'node made.js' } }),
        'node_modules/alias/index.js': '// from Git',
        'package-lock.json': lockOf({
          'node_modules/left-pad': { version: '1.3.0', resolved: 'file:left-pad-1.3.0.tgz', integrity: 'sha512-mine' },
          'node_modules/alias': { name: 'other', version: '2.0.0', resolved: 'git+ssh://git@example.com/other.git#1' },
        }),
      },
      ['left-pad', 'alias'],
    );
    expect(read('node_modules/left-pad/index.js')).toBe('// mine');
    expect(read('node_modules/alias/index.js')).toBe('// from Git');
    expect(npm).not.toHaveBeenCalled();
  });

  test('several versions of a package, each where it is found', () => {
    const { read, names } = taken(
      {
        'node_modules/a/package.json': manifest('a', '1.0.0', { dependencies: { c: '1', b: '1' } }),
        'node_modules/b/package.json': manifest('b', '1.0.0', { dependencies: { c: '2' } }),
        'node_modules/b/node_modules/c/package.json': manifest('c', '2.0.0', { dependencies: { b: '1' } }),
        'node_modules/c/package.json': manifest('c', '1.0.0'),
        'node_modules/unused/package.json': manifest('unused', '1.0.0'),
      },
      ['a'],
    );
    expect(read('node_modules/c/package.json')).toContain('1.0.0');
    expect(read('node_modules/b/node_modules/c/package.json')).toContain('2.0.0');
    expect(names).toHaveLength(4);
  });

  test('the links of pnpm', () => {
    const root = project({
      'package.json': '{}',
      'node_modules/.pnpm/a@1.0.0/node_modules/a/package.json': manifest('a', '1.0.0', { dependencies: { b: '1' } }),
      'node_modules/.pnpm/b@1.0.0/node_modules/b/package.json': manifest('b', '1.0.0'),
    });
    symlinkSync('.pnpm/a@1.0.0/node_modules/a', path.join(root, 'node_modules/a'));
    symlinkSync('../../b@1.0.0/node_modules/b', path.join(root, 'node_modules/.pnpm/a@1.0.0/node_modules/b'));
    const { files } = installNodeModules(new Stack(undefined, 'Stack'), root, ['a'], { external: [] });
    expect(files.map(({ name }) => name)).toEqual(['node_modules/a/package.json', 'node_modules/b/package.json']);
  });

  test('what is missing in the project is said', () => {
    expect(
      errorOf(() =>
        taken({ 'node_modules/a/package.json': manifest('a', '1.0.0', { dependencies: { gone: '1' } }) }, ['a']),
      ),
    ).toBe('[Stack] `nodeModules` need a, and gone, which it needs, is not installed: install the project again');
  });

  test("Yarn Plug'n'Play has nothing to take", () => {
    expect(errorOf(() => taken({ '.pnp.cjs': '' }, ['a']))).toContain("Yarn Plug'n'Play");
  });
});

describe('what cannot run there', () => {
  const optional = (more: object, files: Record<string, string> = {}) =>
    taken(
      {
        'node_modules/top/package.json': manifest('top', '1.0.0', { optionalDependencies: { native: '1' } }),
        'node_modules/native/package.json': manifest('native', '1.0.0', { dependencies: { nan: '1' }, ...more }),
        'node_modules/nan/package.json': manifest('nan', '1.0.0'),
        ...files,
      },
      ['top'],
    );

  test.each<[string, object, Record<string, string>]>([
    ['needs a compiler', {}, { 'node_modules/native/binding.gyp': '{}' }],
    ['has binaries for others alone', {}, { 'node_modules/native/native.node': elfBinary(62).toString('latin1') }],
  ])('stays behind with all that it needs, and a warning, where it is optional: it %s', (_case, more, files) => {
    const { names, warnings } = optional(more, files);
    expect(names).toEqual(['node_modules/top/package.json']);
    expect(warnings).toEqual([
      expect.stringMatching(/^native stays behind, which top can do without: .*cdk-stateful-mcp:optionalModule\]$/),
    ]);
  });

  test('stays behind without a word where it is for another platform', () => {
    const { names, warnings } = optional({ os: ['darwin'] });
    expect(names).toEqual(['node_modules/top/package.json']);
    expect(warnings).toEqual([]);
  });

  test.each(['native', 'nat*', '@scope/*'])('stays behind where it is external: %s', pattern => {
    const { names } = taken(
      {
        'node_modules/top/package.json': manifest('top', '1.0.0', { dependencies: { native: '1', '@scope/x': '1' } }),
        'node_modules/native/package.json': manifest('native', '1.0.0'),
        'node_modules/@scope/x/package.json': manifest('@scope/x', '1.0.0'),
      },
      ['top'],
      [pattern],
    );
    expect(names).toHaveLength(2);
  });

  test('is refused where something needs it', () => {
    expect(
      errorOf(() =>
        taken(
          {
            'node_modules/top/package.json': manifest('top', '1.0.0', { dependencies: { native: '1' } }),
            'node_modules/native/package.json': manifest('native', '1.0.0', { os: ['win32'] }),
          },
          ['top'],
        ),
      ),
    ).toContain('`nodeModules` need native, which is for other platforms than Linux on arm64');
  });
});

interface Entry {
  readonly name?: string;
  readonly version: string;
  readonly resolved?: string;
  readonly integrity?: string;
}

const lockOf = (packages: Record<string, Entry>): string => JSON.stringify({ lockfileVersion: 3, packages });

describe('npm', () => {
  let fetched: { args: readonly string[]; packages: Record<string, Entry>; env: NodeJS.ProcessEnv; npmrc: string }[];
  let count = 0;

  const real = npm.getMockImplementation();
  afterAll(() => npm.mockImplementation(real));
  beforeEach(() => {
    npm.mockReset();
    fetched = [];
    // A package that no test before has fetched.
    count += 1;
    npm.mockImplementation((_program, args, { cwd, env = {} }) => {
      const { packages } = JSON.parse(readFileSync(path.join(cwd, 'package-lock.json'), 'utf8')) as {
        packages: Record<string, Entry>;
      };
      const modules = Object.fromEntries(Object.entries(packages).filter(([place]) => place !== ''));
      const npmrc = path.join(cwd, '.npmrc');
      fetched.push({ args, packages: modules, env, npmrc: existsSync(npmrc) ? readFileSync(npmrc, 'utf8') : '' });
      for (const [place, { name, version }] of Object.entries(modules)) {
        mkdirSync(path.join(cwd, place), { recursive: true });
        writeFileSync(path.join(cwd, place, 'package.json'), JSON.stringify({ name, version, fetched: true }));
      }
      return '';
    });
  });

  const BINARY = () => ({
    version: `1.0.${count}`,
    resolved: 'https://registry.example.com/b.tgz',
    integrity: 'sha512-b',
  });
  const withBinary = (files: Record<string, string>) => ({
    'node_modules/top/package.json': manifest('top', '1.0.0', {
      optionalDependencies: { '@top/linux-arm64': `1.0.${count}`, '@top/darwin-arm64': `1.0.${count}` },
    }),
    ...files,
  });

  test('fetches the binary for the platform from where the lock file says, without running scripts', () => {
    const { read } = taken(
      withBinary({
        'package-lock.json': lockOf({ 'node_modules/@top/linux-arm64': BINARY() }),
        '.npmrc': '@top:registry=https://registry.example.com',
      }),
      ['top'],
    );
    expect(fetched).toHaveLength(1);
    expect(fetched[0]?.args).toEqual(expect.arrayContaining(['ci', '--ignore-scripts']));
    expect(fetched[0]?.packages).toEqual({ 'node_modules/package-0': { name: '@top/linux-arm64', ...BINARY() } });
    expect(fetched[0]?.npmrc).toBe('@top:registry=https://registry.example.com');
    expect(read('node_modules/@top/linux-arm64/package.json')).toContain('fetched');
  });

  test.each<[string, (version: string) => string, string | undefined]>([
    [
      'pnpm-lock.yaml',
      version =>
        `packages:\n\n  '@top/linux-arm64@${version}':\n    resolution: {integrity: sha512-p}\n    cpu: [arm64]\n`,
      'sha512-p',
    ],
    [
      'yarn.lock',
      version =>
        `# yarn lockfile v1\n\n\n"@top/linux-arm64@${version}":\n  version "${version}"\n  resolved "https://r.example.com/b.tgz#1"\n  integrity sha512-y\n`,
      'sha512-y',
    ],
    [
      'yarn.lock',
      version =>
        `__metadata:\n  version: 8\n\n"@top/linux-arm64@npm:${version}":\n  version: ${version}\n  resolution: "@top/linux-arm64@npm:${version}"\n  checksum: 10c0/1\n`,
      undefined,
    ],
    [
      'bun.lock',
      version =>
        `{\n  "packages": {\n    "@top/linux-arm64": ["@top/linux-arm64@${version}", "", { "os": "linux" }, "sha512-n=="],\n  }\n}\n`,
      'sha512-n==',
    ],
    [
      'package-lock.json',
      version =>
        JSON.stringify({
          dependencies: {
            x: { version: '1.0.0', dependencies: { '@top/linux-arm64': { version, integrity: 'sha1-o' } } },
          },
        }),
      'sha1-o',
    ],
  ])('knows what %s says of it', (file, text, integrity) => {
    const version = `1.0.${count}`;
    taken(withBinary({ [file]: text(version) }), ['top']);
    expect(fetched[0]?.packages['node_modules/package-0']).toMatchObject({ name: '@top/linux-arm64', version });
    expect(fetched[0]?.packages['node_modules/package-0']?.integrity).toBe(integrity);
  });

  test.each<[string, () => Record<string, string>, string]>([
    [
      'a lock file does not have it',
      () => ({ 'package-lock.json': lockOf({}) }),
      'does not have it: remove `node_modules`',
    ],
    [
      'it is not from a registry',
      () => ({
        'package-lock.json': lockOf({
          'node_modules/@top/linux-arm64': { ...BINARY(), resolved: 'git+ssh://x/y.git' },
        }),
      }),
      'has it from git+ssh://x/y.git; a registry is allowed',
    ],
    ['nobody knows where it is from', () => ({}), 'no lock file says where it comes from'],
    [
      'what needs it is not from a registry',
      () => ({
        'node_modules/.package-lock.json': lockOf({
          'node_modules/top': { version: '1.0.0', resolved: 'file:top.tgz', integrity: 'sha512-t' },
        }),
      }),
      'no lock file says where it comes from',
    ],
  ])('fetches nothing by its name alone: %s', (_case, files, message) => {
    expect(errorOf(() => taken(withBinary(files()), ['top']))).toContain(message);
    expect(fetched).toEqual([]);
  });

  test('fetches a package as it was published, where a script ran when it was installed', () => {
    const { read } = taken(
      {
        'node_modules/made/package.json': manifest('made', `2.0.${count}`, {
          scripts: { postinstall: 'node make.js' },
        }),
        'node_modules/made/for-this-machine': 'x',
        'package-lock.json': lockOf({ 'node_modules/made': { version: `2.0.${count}`, integrity: 'sha512-m' } }),
      },
      ['made'],
    );
    expect(read('node_modules/made/package.json')).toContain('fetched');
    expect(read('node_modules/made/for-this-machine')).toBeUndefined();
  });

  test('leaves out what was compiled on this machine, where nobody can fetch the package', () => {
    const { names } = taken(
      {
        'node_modules/made/package.json': manifest('made', '2.0.0'),
        'node_modules/made/build/config.gypi': '',
        'node_modules/made/build/Release/made.node': elfBinary(62).toString('latin1'),
      },
      ['made'],
    );
    expect(names).toEqual(['node_modules/made/package.json']);
  });

  test('does not run again for what a synthesis before has fetched', () => {
    const files = withBinary({ 'package-lock.json': lockOf({ 'node_modules/@top/linux-arm64': BINARY() }) });
    taken(files, ['top']);
    taken(files, ['top']);
    expect(fetched).toHaveLength(1);
  });

  test('does not run where nothing is to be fetched', () => {
    taken({ 'node_modules/a/package.json': manifest('a', '1.0.0') }, ['a']);
    expect(installNodeModules(new Stack(undefined, 'Stack'), project({}), [], { external: [] })).toEqual({
      files: [],
      engines: [],
    });
    expect(npm).not.toHaveBeenCalled();
  });

  test('does not know of the workspace that it is called from', () => {
    process.env.npm_config_workspace = 'infrastructure';
    try {
      taken(withBinary({ 'package-lock.json': lockOf({ 'node_modules/@top/linux-arm64': BINARY() }) }), ['top']);
      expect(fetched[0]?.env).not.toHaveProperty('npm_config_workspace');
    } finally {
      delete process.env.npm_config_workspace;
    }
  });

  test.each([
    [
      new CommandError('npm ended with code 1:\n  npm error code E404', false),
      'npm ended with code 1:\n  npm error code E404',
    ],
    [
      new CommandError('spawn npm ENOENT', true),
      'cannot find npm, which fetches packages for another platform: install Node.js with npm',
    ],
  ])('says what went wrong: %s', (error, message) => {
    npm.mockImplementation(() => {
      throw error;
    });
    const files = withBinary({ 'package-lock.json': lockOf({ 'node_modules/@top/linux-arm64': BINARY() }) });
    expect(errorOf(() => taken(files, ['top']))).toBe(
      `[Stack] \`nodeModules\` top cannot be installed for linux/arm64: ${message}`,
    );
  });
});
