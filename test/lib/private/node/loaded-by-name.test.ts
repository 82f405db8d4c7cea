import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { type TypeScriptCodeOptions } from '../../../../lib';
import { bundled, project, removeProjects } from '../../fixtures/projects';

afterEach(removeProjects);

const DRIVER = {
  'node_modules/driver/package.json': '{ "name": "driver", "version": "1.0.0" }',
  'node_modules/driver/index.js': 'module.exports = "driver";',
};

function synthesis(files: Record<string, string>, options?: TypeScriptCodeOptions) {
  const root = project({ 'package.json': '{ "dependencies": { "driver": "1" } }', ...DRIVER, ...files });
  const { stack, folder } = bundled(path.join(root, 'server.ts'), options);
  const warnings = Annotations.fromStack(stack)
    .findWarning('*', Match.stringLikeRegexp('by a name that is made up'))
    .map(({ entry }) => JSON.parse(JSON.stringify(entry.data)) as string);
  return { warnings, run: () => execFileSync(process.execPath, ['index.js'], { cwd: folder, encoding: 'utf8' }) };
}

const loading = (source: string, members: object = {}): Record<string, string> => ({
  'node_modules/mapper/package.json': JSON.stringify({ name: 'mapper', version: '1.0.0', ...members }),
  'node_modules/mapper/index.js': source,
});

const LOADS = 'exports.load = name => require(name);';

test.each<[string, Record<string, string>, RegExp]>([
  [
    'a driver that a package can use',
    {
      'server.ts': "import { load } from 'mapper';\nconsole.log(load(['dri', 'ver'].join('')));",
      ...loading(LOADS, { peerDependencies: { driver: '1' }, peerDependenciesMeta: { driver: { optional: true } } }),
    },
    /^`entry` imports mapper, which can use driver by a name/,
  ],
  [
    'one that is named as optional alone',
    {
      'server.ts': "import { load } from 'mapper';\nconsole.log(load(['dri', 'ver'].join('')));",
      ...loading(LOADS, { peerDependenciesMeta: { driver: { optional: true } } }),
    },
    /^`entry` imports mapper, which can use driver by a name/,
  ],
  [
    'what a source names as text',
    { 'server.ts': "import { load } from 'mapper';\nconsole.log(load('driver'));", ...loading(LOADS) },
    /^server\.ts names "driver", and mapper may load it by a name/,
  ],
  [
    'what a source loads itself',
    { 'server.ts': "const name: string = 'driver';\nvoid import(name).then(loaded => console.log(loaded.default));" },
    /^server\.ts names "driver", and server\.ts may load it by a name/,
  ],
])('%s is named, and the remedy helps', (_case, files, warning) => {
  expect(synthesis(files).warnings).toEqual([expect.stringMatching(warning)]);
  expect(synthesis(files).warnings[0]).toContain('name driver in `nodeModules`');
  const { warnings, run } = synthesis(files, { nodeModules: ['driver'] });
  expect(warnings).toEqual([]);
  expect(run()).toBe('driver\n');
});

test('a logger that loads its transport in a worker is named with it', () => {
  const files = {
    'server.ts': "import { log } from 'mapper';\nlog('driver');",
    ...loading(
      "exports.log = name => new (require('node:worker_threads').Worker)(require('node:path').join(__dirname, 'worker.js'), { workerData: name });",
    ),
    'node_modules/mapper/worker.js': "console.log(require(require('node:worker_threads').workerData));",
  };
  expect(synthesis(files).warnings).toEqual([expect.stringContaining('name driver in `nodeModules`')]);
  const { warnings, run } = synthesis(files, { nodeModules: ['mapper', 'driver'] });
  expect(warnings).toEqual([]);
  expect(run()).toBe('driver\n');
});

test.each<[string, Record<string, string>, string[]]>([
  [
    'is bundled',
    {
      'server.ts': "import { load } from 'mapper';\nimport driver from 'driver';\nconsole.log(load, driver, 'driver');",
      ...loading(LOADS),
    },
    [],
  ],
  [
    'only types come from',
    {
      'server.ts': "import { load } from 'mapper';\nimport type { A } from 'driver';\nconsole.log(load as A);",
      ...loading(LOADS),
    },
    [],
  ],
  ['nothing loads by a name', { 'server.ts': "console.log('driver');" }, []],
  [
    'the project does not depend on',
    {
      'package.json': '{ "devDependencies": { "driver": "1" } }',
      'server.ts': "import { load } from 'mapper';\nconsole.log(load, 'driver');",
      ...loading(LOADS),
    },
    [],
  ],
  [
    'is left out',
    { 'server.ts': "import { load } from 'mapper';\nconsole.log(load, 'driver');", ...loading(LOADS) },
    ['driver'],
  ],
])('a package that %s is not', (_case, files, externalModules) => {
  expect(synthesis(files, { externalModules }).warnings).toEqual([]);
});

describe('a source of the project that another one names as text', () => {
  const tools = (names: string, load = 'for (const name of names) void import(name);'): Record<string, string> => ({
    'server.ts': `import { type X } from './types.js';\nconst names: string[] = [${names}];\n${load}\nexport const x: X = 1;`,
    'types.ts': 'export type X = number;',
    'tools/a.ts': 'export const a = 1;',
    'tools/b.mts': 'export const b = 1;',
    'c.js': 'exports.c = 1;',
  });

  test.each(['./tools/a.js', './tools/a.ts', './tools/b.mjs', './c.js'])('is named: %s', name => {
    expect(synthesis(tools(`'${name}'`)).warnings).toEqual([
      expect.stringMatching(`^server\\.ts names "${name}", .*: write \`import\\("${name}"\\)\``),
    ]);
  });

  test('is bundled by the remedy', () => {
    const written = "for (const load of [() => import('./tools/a.js')]) void load().then(({ a }) => console.log(a));";
    const { warnings, run } = synthesis(tools('', written));
    expect([warnings, run()]).toEqual([[], '1\n']);
  });

  test.each([
    ['is not there', tools("'./tools/absent.js'")],
    ['is no source', { ...tools("'./tools/a.txt'"), 'tools/a.txt': '' }],
    [
      'is bundled all the same',
      { ...tools("'./c.js'", "import './c.js';\nfor (const name of names) void import(name);") },
    ],
    ['nothing loads by a name', tools("'./c.js'", 'console.log(names);')],
  ])('is not named where it %s', (_case, files) => {
    expect(synthesis(files).warnings).toEqual([]);
  });
});
