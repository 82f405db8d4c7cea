import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { McpServerCode } from '../../../../lib';
import { bundled, project, removeProjects, synthesized } from '../../fixtures/projects';
import { manifest } from '../../fixtures/taken-modules';

afterEach(removeProjects);

const COMMONJS = `
const { text } = require('./text');
console.log(JSON.stringify([text, require.main === module, process.argv[1] === __filename, process.argv.slice(2)]));
`;
const ES_MODULE = `
import { fileURLToPath } from 'node:url';
const { text } = await import('./text.cjs');
const isMain = process.argv[1] === fileURLToPath(import.meta.url);
console.log(JSON.stringify([text, import.meta.main ?? isMain, isMain, process.argv.slice(2)]));
`;
const TEXT = "exports.text = 'found';";

/** A project whose module `a` needs a package with a program. */
function withTool(files: Record<string, string>, own: object): string {
  return project({
    'package.json': '{ "dependencies": { "a": "1.0.0" } }',
    'server.ts': 'import "a";',
    'node_modules/a/package.json': manifest('a', '1.0.0', { dependencies: { '@team/tool': '1.0.0' } }),
    'node_modules/a/index.js': '',
    'node_modules/@team/tool/package.json': manifest('@team/tool', '1.0.0', own),
    ...Object.fromEntries(Object.entries(files).map(([name, text]) => [`node_modules/@team/tool/${name}`, text])),
  });
}

const bundle = (root: string): string => bundled(path.join(root, 'server.ts'), { nodeModules: ['a'] }).folder;

const run = (program: string, ...args: string[]): unknown =>
  JSON.parse(execFileSync(program, args, { cwd: '/', encoding: 'utf8' }));

const SHEBANG = '#!/usr/bin/env node\n';

test.each<[string, Record<string, string>, object]>([
  ['the only one', { 'cli.js': SHEBANG + COMMONJS, 'text.js': TEXT }, { bin: 'cli.js' }],
  ['one by its name', { 'lib/cli.js': SHEBANG + COMMONJS, 'lib/text.js': TEXT }, { bin: { tool: './lib/cli.js' } }],
  [
    'one with a folder in its name, and a path of Windows',
    { 'lib/cli.js': COMMONJS, 'lib/text.js': TEXT },
    { bin: { '@team/tool': String.raw`lib\cli.js` } },
  ],
  ['those of a folder', { 'bin/tool': SHEBANG + COMMONJS, 'bin/text.js': TEXT }, { directories: { bin: './bin' } }],
  [
    'an ES module',
    { 'cli.js': SHEBANG + ES_MODULE, 'text.cjs': TEXT },
    { type: 'module', bin: { tool: 'cli.js', other: 1 } },
  ],
  ['an ES module without a first line', { 'cli.mjs': ES_MODULE, 'text.cjs': TEXT }, { bin: { tool: 'cli.mjs' } }],
  [
    'one with flags, and lines of Windows',
    {
      "it's/cli.js": `#!/usr/bin/env -S node --stack-trace-limit=3\r\nif (Error.stackTraceLimit !== 3 && process.env.BY_ITSELF) throw 1;${COMMONJS}`,
      "it's/text.js": TEXT,
    },
    { bin: { tool: "it's/cli.js" } },
  ],
])('a program of a package that a module needs is started from node_modules/.bin: %s', (_, files, own) => {
  const folder = bundle(withTool(files, own));
  const program = path.join(folder, 'node_modules/.bin/tool');
  expect(run(program, 'a b', '--c')).toEqual(['found', true, true, ['a b', '--c']]);
  expect(run(process.execPath, program)).toEqual(['found', true, true, []]);
});

test.each([
  ['a script', '#!/bin/sh\nprintf \'["%s", "%s"]\' "$(cat "$(dirname "$0")/text")" "$1"\n'],
  [
    'a script of Python',
    `#!/usr/bin/env python3\nimport sys, os.path, json\nprint(json.dumps([open(os.path.dirname(__file__) + "/text").read(), *sys.argv[1:]]))`,
  ],
])('a program that is not for Node.js is started as it is: %s', (_, script) => {
  const folder = bundle(withTool({ "it's/tool": script, "it's/text": 'found' }, { bin: { tool: "it's/tool" } }));
  expect(run(path.join(folder, 'node_modules/.bin/tool'), 'a b')).toEqual(['found', 'a b']);
});

test('each package finds the programs of what it needs, of two versions its own', () => {
  const version = (text: string): string => `#!/usr/bin/env node\nconsole.log(${JSON.stringify(text)})`;
  const root = project({
    'package.json': '{}',
    'server.ts': 'import "a"; import "b";',
    'node_modules/a/package.json': manifest('a', '1.0.0', { dependencies: { tool: '1.0.0' } }),
    'node_modules/b/package.json': manifest('b', '1.0.0', { dependencies: { tool: '2.0.0' } }),
    'node_modules/tool/package.json': manifest('tool', '1.0.0', { bin: 'cli.js' }),
    'node_modules/tool/cli.js': version('1'),
    'node_modules/b/node_modules/tool/package.json': manifest('tool', '2.0.0', { bin: 'cli.js' }),
    'node_modules/b/node_modules/tool/cli.js': version('2'),
  });
  const { folder } = bundled(path.join(root, 'server.ts'), { nodeModules: ['a', 'b'] });
  expect(run(path.join(folder, 'node_modules/.bin/tool'))).toBe(1);
  expect(run(path.join(folder, 'node_modules/b/node_modules/.bin/tool'))).toBe(2);
});

test.each<[string, Record<string, string>, object]>([
  ['of a file that is not there', {}, { bin: { tool: 'gone.js' } }],
  ['outside of the package', {}, { bin: { tool: '../../../a/index.js' } }],
  ['of another kind', {}, { bin: null }],
  ['whose name leads elsewhere', { 'cli.js': '' }, { bin: { '..': 'cli.js', '.': 'cli.js', 'a/': 5 } }],
  ['of a package without a name', { 'cli.js': '' }, { name: '', bin: 'cli.js' }],
  ['of a folder that is not there', {}, { directories: { bin: 'bin' } }],
])('a program %s is left out', (_, files, own) => {
  expect(readdirSync(path.join(bundle(withTool(files, own)), 'node_modules')).sort()).toEqual(['@team', 'a']);
});

test('the programs that a link of fromBundle leads to are started in their own place', () => {
  const root = project({
    'dist/server.js': 'require("tool");',
    'dist/node_modules/tool/package.json': manifest('tool', '1.0.0', { bin: 'cli.js' }),
    'dist/node_modules/tool/cli.js': SHEBANG + COMMONJS,
    'dist/node_modules/tool/text.js': TEXT,
  });
  mkdirSync(path.join(root, 'dist/node_modules/.bin'));
  symlinkSync('../tool/cli.js', path.join(root, 'dist/node_modules/.bin/tool'));
  writeFileSync(path.join(root, 'dist/node_modules/.bin/shim'), '#!/bin/sh\necho 1\n', { mode: 0o755 });
  const { folder } = synthesized(McpServerCode.fromBundle(path.join(root, 'dist'), 'server.js'));
  expect(run(path.join(folder, 'node_modules/.bin/tool'))).toEqual(['found', true, true, []]);
  expect(run(path.join(folder, 'node_modules/.bin/shim'))).toBe(1);
});
