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
