import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { type TypeScriptCodeOptions } from '../../../../lib';
import { bundled, project, removeProjects } from '../../fixtures/projects';

afterEach(removeProjects);

function warnings(files: Record<string, string>, options?: TypeScriptCodeOptions): string[] {
  const root = project({ 'package.json': '{ "version": "1.2.3" }', ...files });
  const { stack } = bundled(path.join(root, 'src/server.ts'), options);
  return Annotations.fromStack(stack)
    .findWarning('*', Match.stringLikeRegexp('cdk-stateful-mcp:ownFiles'))
    .map(({ entry }) => JSON.parse(JSON.stringify(entry.data)) as string);
}

const ofPackage = (source: string, more: Record<string, string> = {}): string[] =>
  warnings({
    'src/server.ts': "import * as own from 'own';\nconsole.log(own);",
    'node_modules/own/package.json': JSON.stringify({
      name: 'own',
      version: '1.0.0',
      type: 'module',
      exports: './index.js',
    }),
    'node_modules/own/index.js': source,
    ...more,
  });

test.each([
  ["import { readFileSync } from 'node:fs'; export const wasm = readFileSync(new URL('own.wasm', import.meta.url));"],
  ["import path from 'node:path'; export const data = path.join(import.meta.dirname, 'data');"],
  [
    "import { Worker } from 'node:worker_threads'; export const w = () => new Worker(new URL('./w.js', import.meta.url));",
  ],
  [
    "import { createRequire } from 'node:module'; export const { version } = createRequire(import.meta.url)('./package.json');",
  ],
  [
    "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url); export const x = require('mdn-data/x.json');",
  ],
])('a package that loads files by its own place is named: %s', source => {
  expect(ofPackage(source)).toEqual([
    expect.stringMatching(/^`entry` imports own, which looks for files by its own place.*name it.*`nodeModules`/),
  ]);
});

test('a CommonJS package is named, too', () => {
  expect(
    warnings({
      'src/server.ts': "import * as own from 'own';\nconsole.log(own);",
      'node_modules/own/package.json': '{ "name": "own" }',
      'node_modules/own/index.js': "module.exports = require('fs').readFileSync(__dirname + '/font.afm');",
    }),
  ).toEqual([expect.stringContaining('`entry` imports own,')]);
});

test.each([
  ['speaks of it in a comment', '/* import.meta.url, __dirname */ export const x = 1;'],
  [
    'has it in what nothing uses',
    'export const x = 1; export const y = () => import.meta.url;',
    "import { x } from 'own';\nconsole.log(x);",
  ],
  [
    'makes a `require` for what Node.js has',
    "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url); export const fs = require('fs');",
  ],
  [
    'asks whether it is main',
    "import { fileURLToPath } from 'node:url'; export const m = process.argv[1] === fileURLToPath(import.meta.url);",
  ],
  ['asks whether there is one', "export const x = typeof __filename !== 'undefined';"],
  ['names itself, where it can', "export const x = typeof __filename !== 'undefined' ? __filename : undefined;"],
])('a package that %s is not', (_case, source, server = '') => {
  expect(ofPackage(source, server === '' ? {} : { 'src/server.ts': server })).toEqual([]);
});

const IMPORTS =
  "import path from 'node:path';\nimport { createRequire } from 'node:module';\nimport { readFileSync } from 'node:fs';\n";

test.each([
  ["createRequire(import.meta.url)('../package.json').version", '"../package.json"'],
  ["JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version", '"../package.json"'],
  ["readFileSync(path.join(__dirname, 'templates', 'a.txt'))", '"templates/a.txt"'],
  ["readFileSync(__dirname + '/templates/a.txt')", '"templates/a.txt"'],
  ['readFileSync(`${import.meta.dirname}/templates/a.txt`)', '"templates/a.txt"'],
  ["new Worker(new URL('./worker.js', import.meta.url))", '"worker.js" in `assets`, compiled'],
])('a source that loads %s is named, with the file', (expression, file) => {
  const files = {
    'src/server.ts': `${IMPORTS}console.log(() => ${expression}, path, createRequire, readFileSync);`,
    'src/templates/a.txt': 'a',
    'src/worker.ts': 'console.log(1);',
  };
  const [warning = '', ...others] = warnings(files);
  expect(others).toEqual([]);
  expect(warning).toContain('src/server.ts looks for');
  expect(warning).toContain(file);
});

const HERE = "import { dirname } from 'node:path';\nimport { fileURLToPath } from 'node:url';\n";

describe.each([
  [
    'a name of its own',
    'const here = dirname(fileURLToPath(import.meta.url));',
    "path.join(here, 'templates', 'a.txt')",
  ],
  [
    'a name of a name',
    'const me = fileURLToPath(import.meta.url), here = dirname(me);',
    "path.resolve(here, 'templates/a.txt')",
  ],
  ['a URL', "const here = new URL('.', import.meta.url);", "new URL('templates/a.txt', here)"],
  ['a path with a slash', "const here = fileURLToPath(new URL('.', import.meta.url));", '`${here}templates/a.txt`'],
  ['a sum', 'const here: string = dirname(new URL(import.meta.url).pathname);', "here + '/templates/a.txt'"],
  ['a member', 'class Own { here = import.meta.dirname; }', "path.join(new Own().here, 'templates/a.txt')"],
  [
    'a part that is made up',
    'const made = (name: string) => name;',
    "path.join(import.meta.dirname, 'templates', made('a') + '.txt')",
  ],
  ['a template', "const name: string = ['a'].join();", 'new URL(`./templates/${name}.txt`, import.meta.url)'],
  ['a template of both', "const here = import.meta.dirname, name = ['a'].join();", '`${here}/templates/${name}.txt`'],
  ['import.meta.resolve', '', "new URL(import.meta.resolve('./templates/a.txt'))"],
  ['a call in several lines', '', "path.join(\n  __dirname,\n  'templates', // all\n  'a.txt',\n)"],
])('a source that looks for files by %s', (_case, before, expression) => {
  const files = {
    'src/server.ts': `${HERE}${IMPORTS}${before}\nvoid dirname, fileURLToPath, createRequire;\nprocess.stdout.write(readFileSync(${expression}));`,
    'src/templates/a.txt': 'a',
  };

  test('is named, and the remedy helps', () => {
    const [warning = '', ...others] = warnings(files);
    expect(others).toEqual([]);
    const [, asset = ''] = /name "(.*)" in `assets`/.exec(warning) ?? [];
    const { stack, folder } = bundled(path.join(project({ 'package.json': '{}', ...files }), 'src/server.ts'), {
      assets: [asset],
    });
    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('ownFiles'));
    expect(execFileSync(process.execPath, ['index.js'], { cwd: folder, encoding: 'utf8' })).toBe('a');
  });
});

test.each([
  "path.join(process.cwd(), 'templates')",
  "new URL('/templates', 'https://example.com/')",
  '`${process.env.BASE}/templates`',
  "'https://example.com' + '/templates'",
  "[path.extname(__filename), 'templates'].join('/')",
])('a source that asks who it is, and elsewhere for %s, is not named', expression => {
  const source = `${IMPORTS}void createRequire, readFileSync;\nconsole.log(() => [path.basename(__filename), ${expression}]);`;
  expect(warnings({ 'src/server.ts': source, 'src/templates/a.txt': 'a' })).toEqual([]);
});

test.each([
  [
    '../package.json',
    'const root = dirname(dirname(fileURLToPath(import.meta.url)));',
    "path.join(root, 'package.json')",
  ],
  ['../prompts/a.txt', "const root = path.resolve(__dirname, '..');", "path.join(root, 'prompts', 'a.txt')"],
])('what lies above a source is named, too: %s', (name, before, expression) => {
  const source = `${HERE}${IMPORTS}${before}\nvoid dirname, fileURLToPath, createRequire;\nprocess.stdout.write(readFileSync(${expression}));`;
  expect(warnings({ 'src/server.ts': source, 'prompts/a.txt': 'a' })).toEqual([
    expect.stringContaining(`src/server.ts looks for ${JSON.stringify(name)} by its own place`),
  ]);
});

test.each([
  "const require = createRequire(import.meta.url);\nprocess.stdout.write(require('own/data.json').a);",
  "process.stdout.write(createRequire(import.meta.url)('own/data.json').a);",
  "const load = createRequire(import.meta.url);\nprocess.stdout.write(JSON.parse(readFileSync(load.resolve('own/data.json'), 'utf8')).a);",
  "process.stdout.write(JSON.parse(readFileSync(new URL(import.meta.resolve('own/data.json')), 'utf8')).a);",
])('a package that no bundler sees is named, and the remedy helps: %s', source => {
  const files = {
    'package.json': '{ "type": "module" }',
    'src/server.ts': `${IMPORTS}void path, createRequire, readFileSync;\n${source}`,
    'node_modules/own/package.json': '{ "name": "own", "version": "1.0.0" }',
    'node_modules/own/data.json': '{ "a": "data" }',
  };
  expect(warnings(files)).toEqual([
    expect.stringMatching(
      /^src\/server\.ts looks for "own\/data\.json" .*: import it by `import`, or name own in `nodeModules`/,
    ),
  ]);
  const { stack, folder } = bundled(path.join(project(files), 'src/server.ts'), { nodeModules: ['own'] });
  Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('ownFiles'));
  expect(execFileSync(process.execPath, ['index.js'], { cwd: folder, encoding: 'utf8' })).toBe('data');
});

const RUNTIME = "import { createRequire } from 'node:module';\nconst __require = createRequire(import.meta.url);\n";

describe.each([
  ['a file of its own', './runtime.js', `${RUNTIME}export { __require };`, '__require', '__require'],
  ['a short name', './runtime.js', `${RUNTIME}export { __require as t };`, 't as e', 'e'],
])('a `require` that is made in %s', (_case, runtime, made, imported, called) => {
  const files = (use: string): Record<string, string> => ({
    'src/server.ts': "import * as own from 'own';\nprocess.stdout.write(JSON.stringify(own.x));",
    'node_modules/own/package.json':
      '{ "name": "own", "version": "1.0.0", "type": "module", "dependencies": { "needed": "*" } }',
    'node_modules/own/index.js': `import { ${imported} } from '${runtime}';\nexport const x = ${called}${use};`,
    'node_modules/own/runtime.js': made,
    'node_modules/own/data.json': '"needed"',
    'node_modules/needed/package.json': '{ "name": "needed", "version": "1.0.0" }',
    'node_modules/needed/index.js': 'module.exports = "needed";',
  });

  test.each(["('needed')", "('./data.json')"])('is seen where a package loads %s by it', use => {
    expect(warnings(files(use))).toEqual([expect.stringMatching(/^`entry` imports own,.*name it.*`nodeModules`/)]);
    const { stack, folder } = bundled(path.join(project(files(use)), 'src/server.ts'), { nodeModules: ['own'] });
    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('ownFiles'));
    expect(execFileSync(process.execPath, ['index.js'], { cwd: folder, encoding: 'utf8' })).toBe('"needed"');
  });

  test.each(["('fs').constants.F_OK", "('node:path').sep", ".resolve('not-there')"])('is not named for %s', use => {
    expect(warnings(files(use))).toEqual([]);
  });

  test('is not named for what travels along', () => {
    expect(warnings(files("('needed')"), { nodeModules: ['needed'] })).toEqual([]);
  });

  test('is seen where a source of the project loads a package by it', () => {
    const own = {
      'src/server.ts': `import { ${imported} } from '${runtime}';\nconsole.log(${called}('needed'));`,
      'src/runtime.ts': made,
      'node_modules/needed/package.json': '{ "name": "needed" }',
    };
    expect(warnings(own)).toEqual([expect.stringMatching(/^src\/server\.ts looks for "needed" .*name needed in/)]);
  });
});

test('what travels along is found from the folder of the entry alone', () => {
  const source = `${IMPORTS}export const read = () => readFileSync(path.join(__dirname, 'templates/a.txt'));`;
  const files = { 'src/templates/a.txt': 'a', 'src/lib/templates/a.txt': 'a' };
  const entry = { 'src/server.ts': `${source} console.log(read, createRequire);` };
  expect(warnings({ ...files, ...entry }, { assets: ['templates'] })).toEqual([]);
  expect(warnings({ ...files, ...entry })).toEqual([expect.stringContaining('name "templates/a.txt" in `assets`')]);
  const imported = {
    'src/server.ts': "import { read } from './lib/read';\nconsole.log(read);",
    'src/lib/read.ts': source,
  };
  expect(warnings({ ...files, ...imported }, { assets: ['lib/templates'] })).toEqual([
    expect.stringContaining('look for "lib/templates/a.txt" from there'),
  ]);
});
