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
