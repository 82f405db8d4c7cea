import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { TypeScriptCodeOptions } from '../../../../lib';
import { bundled, project, removeProjects } from '../../fixtures/projects';
import { errorOf } from '../../fixtures/stacks';

afterEach(removeProjects);

/** What a server prints that is bundled from these files with these options. */
function printed(files: Record<string, string>, options: TypeScriptCodeOptions): string {
  const entry = path.join(project({ 'package.json': '{}', ...files }), 'server.ts');
  const { folder } = bundled(entry, options);
  return execFileSync(process.execPath, ['index.js'], { cwd: folder, encoding: 'utf8' }).trim();
}

const CLASS = { 'server.ts': 'class ExpenseTracker {}\nconsole.log(new ExpenseTracker().constructor.name);' };

test.each([undefined, true, false])('with `minify` %p, names stay', minify => {
  expect(printed(CLASS, { minify })).toBe('ExpenseTracker');
});

test('`minify` makes the program smaller', () => {
  const sizeOf = (minify?: boolean): number => {
    const { folder } = bundled(path.join(project(CLASS), 'server.ts'), { minify });
    return readFileSync(path.join(folder, 'index.js')).length;
  };
  expect(sizeOf(true)).toBeLessThan(sizeOf(false));
  expect(sizeOf()).toBe(sizeOf(true));
});

test.each<[string, Record<string, string>, TypeScriptCodeOptions]>([
  [
    'loader',
    { 'server.ts': "import text from './a.greeting'; console.log(text);", 'a.greeting': 'hello' },
    { loader: { '.greeting': 'text' } },
  ],
  [
    'define',
    { 'server.ts': 'declare const GREETING: string; console.log(GREETING);' },
    { define: { GREETING: '"hello"' } },
  ],
  [
    'alias',
    { 'server.ts': "import 'missing';", 'greet.ts': "console.log('hello');" },
    { alias: { missing: './greet.ts' } },
  ],
  [
    'conditions',
    {
      'server.ts': "import 'greet';",
      'node_modules/greet/package.json':
        '{ "name": "greet", "exports": { "own": "./own.js", "default": "./other.js" } }',
      'node_modules/greet/own.js': "console.log('hello');",
      'node_modules/greet/other.js': "console.log('other');",
    },
    { conditions: ['own'] },
  ],
])('`%s` is what esbuild makes of it', (_name, files, options) => {
  expect(printed(files, options)).toBe('hello');
});

test('`tsconfig` decides what paths mean', () => {
  const root = project({
    'package.json': '{}',
    'server.ts': "import '@own/greet';",
    'src/greet.ts': "console.log('hello');",
    'other.json': '{ "compilerOptions": { "paths": { "@own/*": ["./src/*"] } } }',
  });
  const { folder } = bundled(path.join(root, 'server.ts'), { tsconfig: path.join(root, 'other.json') });
  expect(execFileSync(process.execPath, ['index.js'], { cwd: folder, encoding: 'utf8' })).toBe('hello\n');
});

test('a `define` of the user does not take away what a bundle needs', () => {
  const files = { 'server.mts': '', 'server.ts': 'console.log(typeof import.meta.url, A);' };
  expect(printed(files, { define: { A: '1' } })).toBe('string 1');
});

test('what esbuild does not know is refused with its words', () => {
  const loader = { '.greeting': 'poem' };
  expect(errorOf(() => printed(CLASS, { loader }))).toMatch(/^\[Stack\/Server\] .*poem/s);
});

describe('`esbuildArgs`', () => {
  test.each<[string, Record<string, string>, NonNullable<TypeScriptCodeOptions['esbuildArgs']>]>([
    ['drop', { 'server.ts': "console.log('no'); process.stdout.write('hello');" }, { '--drop:console': true }],
    [
      'drop twice',
      { 'server.ts': "console.log('no'); debugger; process.stdout.write('hello');" },
      { '--drop:console': true, '--drop:debugger': 'true' },
    ],
    [
      'inject',
      { 'server.ts': 'console.log(greeting);', 'shim.ts': "export const greeting = 'hello';" },
      { '--inject:./shim.ts': true },
    ],
    [
      'resolve-extensions',
      { 'server.ts': "import './a';", 'a.ts': "console.log('no');", 'a.own.ts': "console.log('hello');" },
      { '--resolve-extensions': '.own.ts,.ts' },
    ],
    ['drop-labels', { 'server.ts': "DEV: console.log('no'); console.log('hello');" }, { '--drop-labels': 'DEV,TEST' }],
  ])('`%s` is what esbuild makes of it', (_name, files, esbuildArgs) => {
    expect(printed(files, { esbuildArgs })).toBe('hello');
  });

  test('of another value, the program is made again', () => {
    const entry = path.join(project({ 'server.ts': '/*! of the author */ console.log(1);' }), 'server.ts');
    const programOf = (comments: string): string =>
      readFileSync(
        path.join(bundled(entry, { esbuildArgs: { '--legal-comments': comments } }).folder, 'index.js'),
        'utf8',
      );
    expect(programOf('inline')).toContain('of the author');
    expect(programOf('none')).not.toContain('of the author');
  });

  test.each([
    '--outfile',
    '--outdir',
    '--format',
    '--bundle',
    '--platform',
    '--packages',
    '--splitting',
    '--sourcemap',
    '--metafile',
    '--watch',
    '--keep-names',
    '--banner:js',
    'format',
    'toString',
  ])('%s is refused, with a way out', name => {
    expect(errorOf(() => printed(CLASS, { esbuildArgs: { [name]: 'esm' } }))).toMatch(
      /^\[Stack\/Server\] `esbuildArgs` has ".*--charset, .* are allowed: .*fromBundle`$/,
    );
  });

  test.each([
    ['--define:A', 'define'],
    ['--external:a', 'externalModules'],
    ['--loader:.a', 'loader'],
    ['--minify', 'minify'],
    ['--tsconfig', 'tsconfig'],
  ])('%s is refused: it is a prop', (name, prop) => {
    expect(errorOf(() => printed(CLASS, { esbuildArgs: { [name]: 'a' } }))).toMatch(
      new RegExp(`^\\[Stack/Server\\] \`esbuildArgs\` has "${name}"; .*: use \`${prop}\`$`),
    );
  });

  test.each<[string, string | boolean]>([
    ['--legal-comments', 'external'],
    ['--legal-comments', true],
    ['--drop:all', true],
    ['--drop', true],
    ['--drop:console', false],
    ['--tree-shaking', 'yes'],
    ['--resolve-extensions', true],
    ['--jsx', 'react'],
  ])('%s: %j is refused', (name, value) => {
    expect(errorOf(() => printed(CLASS, { esbuildArgs: { [name]: value } }))).toMatch(
      /^\[Stack\/Server\] `esbuildArgs` has "--.*; .* is allowed: correct it$/,
    );
  });
});

test.each(['.sql', '.graphql', '.md', '.txt.gz'])('for a file that ends in %s, the advice helps', name => {
  const extension = path.extname(`a${name}`);
  const entry = path.join(
    project({ 'server.ts': `import text from './a${name}'; console.log(typeof text);`, [`a${name}`]: 'hello' }),
    'server.ts',
  );
  expect(errorOf(() => bundled(entry))).toContain(
    `have it loaded by \`loader\`, as in \`{ "${extension}": 'text' }\`, or name the file in \`assets\``,
  );
  const { folder } = bundled(entry, { loader: { [extension]: 'text' } });
  expect(execFileSync(process.execPath, ['index.js'], { cwd: folder, encoding: 'utf8' })).toBe('string\n');
});
