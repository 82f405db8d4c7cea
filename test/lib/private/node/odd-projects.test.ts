import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import type { TypeScriptCodeOptions } from '../../../../lib';
import { bundled, project, removeProjects } from '../../fixtures/projects';
import { errorOf } from '../../fixtures/stacks';

afterEach(removeProjects);

const run = (folder: string): string => execFileSync(process.execPath, ['index.js'], { cwd: folder, encoding: 'utf8' });

const MODULE = {
  'package.json': '{ "name": "odd" }',
  'server.ts': "console.log(require('word'));",
  'node_modules/word/package.json': '{ "name": "word", "version": "1.0.0", "scripts": { "install": "node x" } }',
  'node_modules/word/index.js': 'module.exports = "word";',
};

function wordOf(files: Record<string, string>): string {
  const root = project({ ...MODULE, ...files });
  return run(bundled(path.join(root, 'server.ts'), { nodeModules: ['word'] }).folder);
}

test.each<[string, Record<string, string>]>([
  [
    'a package',
    {
      'node_modules/word/package.json':
        '{ "name": "word", "version": "1.0.0", "dependencies": null, "optionalDependencies": [], "peerDependencies": "x", "scripts": null, "engines": "node", "bin": null }',
    },
  ],
  ['the project', { 'package.json': '{ "name": null, "dependencies": null, "engines": "node", "pnpm": null }' }],
  ['a lock file of nothing', { 'package-lock.json': 'null' }],
  ['a lock file without packages', { 'package-lock.json': '{ "packages": null }' }],
  ['a folder named like a lock file', { 'package-lock.json/x': '' }],
  ['a file named like the folder of patches', { patches: '' }],
])('members that are null, or of another kind, are none: %s', (_case, files) => {
  expect(wordOf(files)).toBe('word\n');
});

test.each(['node_modules/word', 'assets'])('a link to itself in %s is refused by its name', folder => {
  const root = project(MODULE);
  mkdirSync(path.join(root, folder), { recursive: true });
  symlinkSync('loop', path.join(root, folder, 'loop'));
  expect(errorOf(() => bundled(path.join(root, 'server.ts'), { nodeModules: ['word'], assets: ['assets'] }))).toContain(
    folder === 'assets' ? 'assets/loop is a link that leads nowhere' : 'word/loop is a link that leads nowhere',
  );
});

// Other systems allow no such name.
(process.platform === 'linux' ? test : test.skip)('a name that is not in UTF-8 is refused', () => {
  const root = project({ ...MODULE, 'assets/a.txt': '' });
  writeFileSync(Buffer.concat([Buffer.from(path.join(root, 'assets/')), Buffer.from([0xff])]), '');
  expect(errorOf(() => bundled(path.join(root, 'server.ts'), { assets: ['assets'] }))).toContain(
    'assets/\ufffd has a name that is not in UTF-8, and cannot travel along: rename it',
  );
});

const PATHS = { paths: { '@/*': ['./src/*'] } };
const SOURCES = {
  'package.json': '{}',
  'src/lib/x.ts': 'export const x = 1;',
  'src/server.ts': "import { x } from '@/lib/x';\nconsole.log(x);",
  'tsconfig.app.json': JSON.stringify({ compilerOptions: PATHS, include: ['src'] }),
};

test.each<[string, Record<string, string>]>([
  [
    'beside files of its own',
    { 'tsconfig.json': '{ "include": ["vite.config.ts"], "references": [{ "path": "./tsconfig.app.json" }] }' },
  ],
  [
    'through another one',
    {
      'tsconfig.json': '{ "files": [], "references": [{ "path": "./other" }] }',
      'other/tsconfig.json': '{ "files": [], "references": [{ "path": "../tsconfig.app.json" }] }',
    },
  ],
  [
    'in a circle',
    {
      'tsconfig.json': '{ "files": [], "references": [{ "path": "./a.json" }] }',
      'a.json': '{ "files": [], "references": [{ "path": "./tsconfig.json" }, { "path": "./tsconfig.app.json" }] }',
    },
  ],
])('a configuration is referred to %s', (_case, files) => {
  expect(run(bundled(path.join(project({ ...SOURCES, ...files }), 'src/server.ts')).folder)).toBe('1\n');
});

test.each<[string, string, TypeScriptCodeOptions]>([
  ['file', 'readFileSync(path.join(__dirname, file), "utf8")', { loader: { '.picture': 'file' } }],
  ['binary', 'Buffer.from(file as never).toString()', { loader: { '.picture': 'binary' } }],
])('the loader `%s` ships what it makes, beside the program', (_loader, expression, options) => {
  const source = `import path from 'node:path'; import { readFileSync } from 'node:fs'; import file from './a.picture'; void path, readFileSync; console.log(${expression});`;
  const root = project({ 'package.json': '{}', 'server.ts': source, 'a.picture': 'a picture' });
  expect(run(bundled(path.join(root, 'server.ts'), options).folder)).toBe('a picture\n');
});

test.each(['r', 'require', 'load', '$load'])('a file that is loaded by %s of createRequire is named', name => {
  const root = project({ 'package.json': '{}' });
  mkdirSync(path.join(root, 'src'));
  writeFileSync(
    path.join(root, 'src/server.mts'),
    `import { createRequire } from 'node:module';\nconst ${name} = createRequire(import.meta.url);\nconsole.log(${name}('../package.json').name);`,
  );
  const { stack } = bundled(path.join(root, 'src/server.mts'));
  Annotations.fromStack(stack).hasWarning('/Stack/Server', Match.stringLikeRegexp('looks for "../package.json"'));
});
