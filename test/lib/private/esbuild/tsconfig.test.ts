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

describe('metadata of decorators', () => {
  const DECORATED = `function Injectable(): ClassDecorator { return () => undefined; }
@Injectable() class Service {}
console.log(new Service());`;

  test.each<[string, Record<string, string>]>([
    [
      'itself',
      { 'tsconfig.json': '{ "compilerOptions": { "experimentalDecorators": true, "emitDecoratorMetadata": true } }' },
    ],
    [
      'what it extends',
      {
        'tsconfig.json': '{ "extends": "./base" }',
        'base.json': '{ "compilerOptions": { "emitDecoratorMetadata": true, /* as ever */ } }',
      },
    ],
    [
      'a package that it extends',
      {
        'tsconfig.json': '{ "extends": ["@team/config/tsconfig.json"] }',
        'node_modules/@team/config/tsconfig.json': '{ "compilerOptions": { "emitDecoratorMetadata": true } }',
      },
    ],
  ])('is refused, for it would be lost: asked for by %s', (_case, files) => {
    const root = project({ 'package.json': '{}', 'server.ts': DECORATED, ...files });
    expect(errorOf(() => bundled(path.join(root, 'server.ts')))).toBe(
      '[Stack/Server] `emitDecoratorMetadata` of tsconfig.json is true, and server.ts has decorators; esbuild cannot write that metadata: ' +
        'compile the sources by TypeScript ("tsc"), and give the JavaScript as `entry`, or remove `emitDecoratorMetadata` if nothing reads it',
    );
  });

  test.each<[string, Record<string, string>]>([
    [
      'without decorators',
      { 'server.ts': 'console.log(1);', 'tsconfig.json': '{ "compilerOptions": { "emitDecoratorMetadata": true } }' },
    ],
    [
      'without metadata',
      { 'server.ts': DECORATED, 'tsconfig.json': '{ "compilerOptions": { "experimentalDecorators": true } }' },
    ],
  ])('is no matter %s', (_case, files) => {
    expect(() => bundled(path.join(project({ 'package.json': '{}', ...files }), 'server.ts'))).not.toThrow();
  });
});
