import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { runCommand } from '../../../../lib/private/common/command';
import { installNodeModules } from '../../../../lib/private/modules/node-modules';
import { elfBinary } from '../../fixtures/binaries';
import { project, removeProjects } from '../../fixtures/projects';
import { errorOf } from '../../fixtures/stacks';
import { lockOf, manifest, taken } from '../../fixtures/taken-modules';

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

  test.each<[string, Record<string, unknown>, boolean]>([
    ['it depends on', { dependencies: { driver: '1' } }, true],
    ['it depends on where that can be installed', { optionalDependencies: { driver: '1' } }, true],
    ['it only develops with', { devDependencies: { driver: '1' } }, false],
    ['something else has brought', {}, false],
  ])('of peers that are optional, those travel along that %s', (_case, members, expected) => {
    const optionalPeers = {
      peerDependencies: { driver: '1', other: '1' },
      peerDependenciesMeta: { driver: { optional: true }, other: { optional: true } },
    };
    const { names } = taken(
      {
        'package.json': JSON.stringify(members),
        'node_modules/mapper/package.json': manifest('mapper', '1.0.0', optionalPeers),
        'node_modules/driver/package.json': manifest('driver', '1.0.0'),
        'node_modules/other/package.json': manifest('other', '1.0.0'),
      },
      ['mapper'],
    );
    expect(names.includes('node_modules/driver/package.json')).toBe(expected);
    expect(names).not.toContain('node_modules/other/package.json');
  });

  test.each<[string, object, boolean]>([
    ['optional', { driver: { optional: true } }, true],
    ['nothing', { driver: {} }, false],
    ['that it is needed', { driver: { optional: false } }, false],
  ])('a peer of which a package says no more than %s', (_case, peerDependenciesMeta, expected) => {
    const { names } = taken(
      {
        'package.json': '{ "dependencies": { "driver": "1" } }',
        'node_modules/knex/package.json': manifest('knex', '1.0.0', { peerDependenciesMeta }),
        'node_modules/driver/package.json': manifest('driver', '1.0.0'),
      },
      ['knex'],
    );
    expect(names.includes('node_modules/driver/package.json')).toBe(expected);
  });

  test.each(['node_modules', 'node_modules/.pnpm/@prisma+client@6.0.0/node_modules'])(
    'the client that Prisma has generated in %s',
    folder => {
      const root = project({
        'package.json': '{}',
        [`${folder}/@prisma/client/package.json`]: manifest('@prisma/client', '6.0.0'),
        [`${folder}/.prisma/client/package.json`]: manifest('prisma-client-0a1b', '0.0.0'),
        [`${folder}/.prisma/client/default.js`]: 'module.exports = 1;',
      });
      if (folder !== 'node_modules') {
        mkdirSync(path.join(root, 'node_modules/@prisma'));
        symlinkSync(path.join(root, folder, '@prisma/client'), path.join(root, 'node_modules/@prisma/client'));
      }
      const { files } = installNodeModules(new Stack(undefined, 'Stack'), root, ['@prisma/client'], { external: [] });
      expect(files.map(({ name }) => name)).toContain('node_modules/.prisma/client/default.js');
    },
  );

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
