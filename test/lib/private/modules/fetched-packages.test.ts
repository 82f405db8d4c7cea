import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { CommandError, runCommand } from '../../../../lib/private/common/command';
import { installNodeModules } from '../../../../lib/private/modules/node-modules';
import { elfBinary } from '../../fixtures/binaries';
import { project, removeProjects } from '../../fixtures/projects';
import { errorOf } from '../../fixtures/stacks';
import { lockOf, manifest, taken, type Entry } from '../../fixtures/taken-modules';

// The real thing, watched.
jest.mock('../../../../lib/private/common/command', () => {
  const actual = jest.requireActual<typeof import('../../../../lib/private/common/command')>(
    '../../../../lib/private/common/command',
  );
  return { ...actual, runCommand: jest.fn(actual.runCommand) };
});
const npm = jest.mocked(runCommand);

afterEach(removeProjects);

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

  test.each([
    ['@top/top-linux-arm64-napi', '@top/top-linuxmusl-arm64-napi'],
    ['@top/linux_arm64', '@top/linux_arm64_musl'],
    ['@top/cli-aarch64-linux-gnu', '@top/cli-aarch64-linux-musl'],
    ['top-aarch64-unknown-linux-gnu', 'top-aarch64-linux-android'],
    ['@top/linux-arm64-glibc', '@top/linux-arm64-ohos'],
  ])('knows it by the name %s, and %s as one for another platform', (name, other) => {
    const { version } = BINARY();
    const optionalDependencies = { [other]: version, [name]: version };
    taken(
      {
        'node_modules/top/package.json': manifest('top', '1.0.0', { optionalDependencies }),
        'package-lock.json': lockOf({ [`node_modules/${name}`]: BINARY(), [`node_modules/${other}`]: BINARY() }),
      },
      ['top'],
    );
    expect(fetched.map(({ packages }) => packages)).toEqual([{ 'node_modules/package-0': { name, ...BINARY() } }]);
  });

  test('fetches it where Yarn has linked a manifest alone, and leaves those of other platforms behind', () => {
    const { names, read } = taken(
      withBinary({
        'package-lock.json': lockOf({ 'node_modules/@top/linux-arm64': BINARY() }),
        'node_modules/@top/linux-arm64/package.json': '{ "name": "@top/linux-arm64", "mocked": true }',
        'node_modules/@top/darwin-arm64/package.json': '{ "name": "@top/darwin-arm64", "mocked": true }',
      }),
      ['top'],
    );
    expect(read('node_modules/@top/linux-arm64/package.json')).toContain('fetched');
    expect(names.filter(name => name.includes('darwin'))).toEqual([]);
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

  test.each<[string, string, string[], string[]]>([
    [
      'one for all',
      'npmRegistryServer: "https://registry.example.com" # ours\nnpmAuthToken: "${TOKEN_OF_TEST}"\n',
      ['//registry.example.com/:_authToken=secret'],
      ['--registry=https://registry.example.com'],
    ],
    [
      'that of a scope',
      "nodeLinker: node-modules\n\nnpmScopes:\n  top:\n    npmRegistryServer: 'https://example.com/npm/'\n    npmAuthIdent: user:word\n  other:\n    npmAlwaysAuth: true\n",
      ['@top:registry=https://example.com/npm/', '//example.com/npm/:_auth=dXNlcjp3b3Jk'],
      [],
    ],
    [
      'one with a token of its own',
      'npmRegistryServer: ${REGISTRY_OF_TEST:-https://npm.example.com}\nnpmRegistries:\n  "//npm.example.com":\n    npmAuthToken: word\n',
      ['//npm.example.com/:_authToken=word'],
      ['--registry=https://npm.example.com'],
    ],
    ['none', '# npmRegistryServer: https://example.com\nnodeLinker: node-modules\n', [], []],
  ])('asks the registry of Yarn, %s', (_which, yarnrc, lines, args) => {
    process.env.TOKEN_OF_TEST = 'secret';
    const { version } = BINARY();
    const resolution = `"@top/linux-arm64@npm:${version}":\n  version: ${version}\n  resolution: "@top/linux-arm64@npm:${version}"\n`;
    const files = withBinary({ '.yarnrc.yml': yarnrc, 'yarn.lock': `__metadata:\n  version: 8\n\n${resolution}` });
    taken(files, ['top']);
    expect(fetched[0]?.npmrc.split('\n').filter(Boolean)).toEqual(lines);
    expect(fetched[0]?.args.filter(arg => arg.startsWith('--registry'))).toEqual(args);
    // What another registry gave by this name is something else.
    taken({ ...files, '.yarnrc.yml': 'npmRegistryServer: https://other.example.com' }, ['top']);
    expect(fetched).toHaveLength(2);
    delete process.env.TOKEN_OF_TEST;
  });

  describe('asks the registry of Yarn', () => {
    const before = { ...process.env };
    afterEach(() => {
      process.env = before;
      jest.restoreAllMocks();
    });
    const homeWith = (yarnrc: string): void => {
      jest.spyOn(os, 'homedir').mockReturnValue(project({ '.yarnrc.yml': yarnrc }));
    };

    const npmrcWith = (env: Record<string, string>, home: string, files: Record<string, string>): string[] => {
      homeWith(home);
      process.env = { ...before, ...env };
      const { version } = BINARY();
      const lock = `"@top/linux-arm64@npm:${version}":\n  version: ${version}\n  resolution: "@top/linux-arm64@npm:${version}"\n`;
      taken(withBinary({ 'yarn.lock': `__metadata:\n  version: 8\n\n${lock}`, ...files }), ['top']);
      const [{ args = [], npmrc = '' } = {}] = fetched;
      return [...args.filter(arg => arg.startsWith('--registry')), ...npmrc.split('\n').filter(Boolean)];
    };
    const HOME =
      'npmRegistryServer: https://home.example.com\nnpmRegistries:\n  "//example.com":\n    npmAuthToken: of-home\n';

    test('with what signs in by the file of the user', () => {
      const files = { '.yarnrc.yml': 'npmRegistryServer: https://example.com\n' };
      expect(npmrcWith({}, HOME, files)).toEqual([
        '--registry=https://example.com',
        '//example.com/:_authToken=of-home',
      ]);
    });

    test('of the user, where the project has none', () => {
      expect(npmrcWith({}, HOME, {})[0]).toBe('--registry=https://home.example.com');
    });

    test('by variables, before all files', () => {
      const env = { YARN_NPM_REGISTRY_SERVER: 'https://example.com', YARN_NPM_AUTH_TOKEN: 'of-variable' };
      expect(npmrcWith(env, 'npmAuthToken: of-home', { '.yarnrc.yml': 'npmAuthToken: of-project' })).toEqual([
        '--registry=https://example.com',
        '//example.com/:_authToken=of-variable',
      ]);
    });

    test.each([
      ['npm', 'package-lock.json', () => lockOf({ 'node_modules/@top/linux-arm64': BINARY() })],
      ['Bun', 'bun.lock', () => `{\n    "a": ["@top/linux-arm64@1.0.${count}", "", {}, "sha512-n=="],\n}\n`],
    ])('and not for a project of %s', (_manager, file, lock) => {
      const files = withBinary({ [file]: lock() });
      homeWith(HOME);
      process.env = { ...before, YARN_NPM_REGISTRY_SERVER: 'https://example.com' };
      taken(files, ['top']);
      expect(fetched[0]?.npmrc).toBe('');
      expect(fetched[0]?.args.join(' ')).not.toContain('example.com');
    });
  });

  test('asks the registries in the settings of pnpm', () => {
    const registries =
      "registries:\n  default: https://example.com/\n  '@top': https://top.example.com/\ncatalog:\n  a: 1.0.0\n";
    const lock = `lockfileVersion: '9.0'\n\npackages:\n\n  '@top/linux-arm64@1.0.${count}':\n    resolution: {integrity: sha512-p}\n`;
    taken(withBinary({ 'pnpm-lock.yaml': lock, 'pnpm-workspace.yaml': registries }), ['top']);
    expect(fetched[0]?.npmrc).toBe('@top:registry=https://top.example.com/');
    expect(fetched[0]?.args).toContain('--registry=https://example.com/');
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
