import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { bundled, project, removeProjects } from '../../fixtures/projects';
import { errorOf } from '../../fixtures/stacks';

afterEach(removeProjects);

const PATHS = { paths: { '@/*': ['./src/*'] }, module: 'esnext', moduleResolution: 'bundler' };
const FILES = {
  'package.json': '{}',
  'src/lib/x.ts': 'export const x = 1;',
  'src/server.ts': "import { x } from '@/lib/x';\nconsole.log(x);",
};

const solution = (...references: string[]): string =>
  `// A solution.\n{ "files": [], "references": [${references.map(reference => JSON.stringify({ path: reference })).join()}], }`;

test.each<[string, Record<string, string>]>([
  ['a file', { 'tsconfig.json': solution('./tsconfig.app.json') }],
  [
    'a folder',
    {
      'tsconfig.json': solution('./app'),
      'app/tsconfig.json': JSON.stringify({
        compilerOptions: { ...PATHS, paths: { '@/*': ['../src/*'] } },
        include: ['../src/**/*.ts'],
      }),
    },
  ],
  [
    'that which has the source',
    {
      'tsconfig.json': solution('./tsconfig.node.json', './tsconfig.app.json'),
      'tsconfig.node.json':
        '{ "include": ["vite.config.ts"], "compilerOptions": { "paths": { "@/*": ["./nowhere/*"] } } }',
    },
  ],
])('of a solution, the referenced configuration counts: %s', (_case, files) => {
  const root = project({
    ...FILES,
    'tsconfig.app.json': JSON.stringify({ compilerOptions: PATHS, include: ['src'] }),
    ...files,
  });
  const { folder } = bundled(path.join(root, 'src/server.ts'));
  expect(execFileSync(process.execPath, ['index.js'], { cwd: folder, encoding: 'utf8' })).toBe('1\n');
});

test('what no configuration resolves speaks of tsconfig.json', () => {
  const root = project({ ...FILES, 'tsconfig.json': solution('./gone.json') });
  expect(errorOf(() => bundled(path.join(root, 'src/server.ts')))).toContain('`paths` of the nearest tsconfig.json');
});

describe.each<[string, Record<string, string>, string]>([
  ['by a pattern', { 'lib/tsconfig.json': '{ "compilerOptions": { "paths": { "~/*": ["./src/*"] } } }' }, '~/y'],
  ['by a name', { 'lib/tsconfig.json': '{ "compilerOptions": { "paths": { "y": ["./src/y.ts"] } } }' }, 'y'],
  [
    'by a base',
    {
      'lib/tsconfig.json': '{ "extends": "./base.json" }',
      'lib/base.json': '{ "compilerOptions": { "paths": { "~/*": ["./src/*"] } } }',
    },
    '~/y',
  ],
  [
    'by one that it refers to',
    {
      'lib/tsconfig.json': solution('./tsconfig.lib.json'),
      'lib/tsconfig.lib.json': '{ "compilerOptions": { "paths": { "~/*": ["./src/*"] } } }',
    },
    '~/y',
  ],
])('`paths` of a sibling of the project, %s', (_case, files, name) => {
  const own = { 'server/tsconfig.app.json': JSON.stringify({ compilerOptions: PATHS }) };
  const root = (more: Record<string, string>): string =>
    project({
      'server/package.json': '{ "name": "server" }',
      'server/src/server.ts': "import { x } from '../../lib/src/x';\nconsole.log(x);",
      'lib/package.json': '{ "name": "@team/lib" }',
      'lib/src/x.ts': `export { y as x } from '${name}';`,
      'lib/src/y.ts': 'export const y = 1;',
      ...files,
      ...more,
    });
  const advice = (entry: string, applied: string, options = {}): void => {
    expect(errorOf(() => bundled(path.join(entry, 'server/src/server.ts'), options))).toMatch(
      new RegExp(
        `/lib/tsconfig(?:\\.lib)?\\.json has ${name} in its \`paths\`, and all sources are compiled by ${path.join(entry, applied)} here, the one of \`entry\`: name it in \`paths\` of that one, too`,
      ),
    );
  };

  test('do not count beside those of a solution, and the advice says so', () => {
    const folder = root({ ...own, 'server/tsconfig.json': solution('./tsconfig.app.json') });
    advice(folder, 'server/tsconfig.app.json');
  });

  test('do not count beside `tsconfig`, and the advice says so', () => {
    const folder = root(own);
    advice(folder, 'server/tsconfig.app.json', { tsconfig: path.join(folder, 'server/tsconfig.app.json') });
  });
});
